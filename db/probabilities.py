"""All K probabilities of one answer in about two bytes each, the highest exactly.

The 20 highest are kept as float32 with their index. All are kept as 16-bit steps of 1/1024 of −ln p, which is
within 0.05 % of the value down to 1e-27, far below what a float32 softmax says with meaning.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

EXACT = 20
STEPS_PER_NAT = 1024
LARGEST = np.iinfo(np.uint16).max
_HEADER = struct.Struct("<BHI")
_FORMAT = 1


def pack(probabilities: NDArray[np.float32]) -> bytes:
    """Compact bytes for probabilities (K,), float32, 0–1. Raises ValueError for anything else."""
    values = np.asarray(probabilities, dtype=np.float32)
    if values.ndim != 1 or not np.isfinite(values).all() or (values < 0).any() or (values > 1).any():
        raise ValueError("probabilities must be finite numbers from 0 to 1 in one row")
    highest = np.argsort(-values, kind="stable")[:EXACT].astype("<u4")
    with np.errstate(divide="ignore"):
        steps = np.minimum(np.rint(-np.log(values.astype(np.float64)) * STEPS_PER_NAT), LARGEST)
    header = _HEADER.pack(_FORMAT, len(highest), len(values))
    exact = highest.tobytes() + values[highest].astype("<f4").tobytes()
    return bytes(header + exact + zlib.compress(steps.astype("<u2").tobytes(), 1))


def unpack_one(data: bytes, index: int) -> float:
    """The probability of one class; most often it is among the highest, and the others stay packed."""
    _, count, _ = _HEADER.unpack_from(data)
    indices = np.frombuffer(data, "<u4", count, _HEADER.size)
    place = np.flatnonzero(indices == index)
    if place.size:
        return float(np.frombuffer(data, "<f4", count, _HEADER.size + 4 * count)[place[0]])
    return float(unpack(data)[index])


def unpack(data: bytes) -> NDArray[np.float32]:
    """The probabilities (K,) float32 in ``data``: the 20 highest bit for bit, the others within 0.05 %."""
    version, count, classes = _HEADER.unpack_from(data)
    if version != _FORMAT:
        raise ValueError(f"probabilities of unknown format {version}")
    start = _HEADER.size
    indices = np.frombuffer(data, "<u4", count, start)
    exact = np.frombuffer(data, "<f4", count, start + 4 * count)
    steps = np.frombuffer(zlib.decompress(data[start + 8 * count :]), "<u2", classes)
    values = np.exp(-steps.astype(np.float64) / STEPS_PER_NAT).astype(np.float32)
    values[steps == LARGEST] = 0
    if count:
        # Rounding must not lift a class above one of the exact ones: the order of the highest is part of the answer.
        values = np.minimum(values, exact.min())
    values[indices] = exact
    return values

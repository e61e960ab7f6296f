"""Inpainting by a network of one's own, a TorchScript file such as LaMa."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dashboard.vision.errors import UnavailableError
from dashboard.vision.inpainting.method import RGB, Mask, inpainting_method

if TYPE_CHECKING:
    import torch

_MULTIPLE_PX = 8  # networks halve the picture three times
_LOAD_LOCK = Lock()


@inpainting_method(
    "torchscript",
    "Network",
    "A network such as LaMa, from a TorchScript file named in the settings, imagines what was there.",
    needs_network=True,
    unavailable=lambda: "No TorchScript file is named in the settings (REGIONSCOPE_INPAINTING_NETWORK).",
)
def torchscript(image: RGB, mask: Mask, network_path: Path) -> RGB:
    """The file's answer to an image (1, 3, H, W) float32 0–1 and a mask (1, 1, H, W), 1 = remove.

    Both padded at the right and bottom to a multiple of 8; the answer has the image's shape and range.
    Raises UnavailableError where the file cannot be loaded or answers otherwise.
    """
    with _LOAD_LOCK:
        network = _load(network_path, network_path.stat().st_mtime_ns)
    height, width = mask.shape
    pixels = _padded(image.astype(np.float32) / np.float32(255))
    answer = _ask(network, pixels, _padded(mask[..., None].astype(np.float32)), network_path.name)
    levels = np.rint(answer.transpose(1, 2, 0)[:height, :width].clip(0, 1) * 255)
    return np.asarray(levels, np.uint8)


@lru_cache(maxsize=1)
def _load(path: Path, modified_ns: int) -> Any:
    """The loaded network; another file in its place is loaded anew, by its time."""
    import torch

    try:
        network = torch.jit.load(path, map_location=_device())  # type: ignore[no-untyped-call]
    except (RuntimeError, ValueError, OSError) as cause:
        raise UnavailableError(f"{path.name} is not a TorchScript file that can be loaded.") from cause
    return network.eval()


def _device() -> torch.device:
    import torch

    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def _padded(array: NDArray[np.float32]) -> NDArray[np.float32]:
    """(H, W, C) mirrored to multiples of 8, as (1, C, H', W')."""
    rows, columns = (-side % _MULTIPLE_PX for side in array.shape[:2])
    wider = np.pad(array, ((0, rows), (0, columns), (0, 0)), mode="symmetric")
    return np.ascontiguousarray(wider.transpose(2, 0, 1)[None])


def _ask(network: Any, image: NDArray[np.float32], mask: NDArray[np.float32], name: str) -> NDArray[np.float32]:
    """The answer (3, H, W) float32; raises UnavailableError unless it is an image of that size."""
    import torch

    # The same picture must give the same bytes: no TF32, no algorithm chosen by a race.
    exact = torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False)
    try:
        with torch.inference_mode(), exact:
            output = network(torch.from_numpy(image).to(_device()), torch.from_numpy(mask).to(_device()))
            answer = np.asarray(output.float().cpu().numpy())
    except (RuntimeError, AttributeError, TypeError) as cause:
        raise UnavailableError(f"The network {name} failed on this picture.") from cause
    if answer.shape != image.shape or not np.isfinite(answer).all():
        raise UnavailableError(f"The network {name} does not answer with a picture of the same size.")
    return np.asarray(answer[0])

"""How well and how fast the inpainting methods restore random holes in real photographs.

Run by hand: ``python -m benchmarks.inpainting``. PatchMatch is measured with both packages that FACTS names;
patchmatch-cython is no dependency of the project and is measured only where it is installed.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import matplotlib.cbook
import numpy as np
import skimage.data
from skimage.metrics import structural_similarity

from dashboard.vision.images import decode_picture, working_copy
from dashboard.vision.inpainting import apply_method
from dashboard.vision.masks import Mask, area_share, rasterise
from dashboard.vision.shapes import Brush

HOLES = 50
SEED = 20180618
Fill = Callable[[np.ndarray, Mask], np.ndarray]


def measure(holes: int = HOLES) -> dict[str, Any]:
    """Per method the median time in ms and, over ``holes`` holes, mean and median SSIM inside the hole."""
    pictures = photographs()
    rng = np.random.default_rng(SEED)
    cases = []
    for index in range(holes):
        image = pictures[index % len(pictures)]
        cases.append((image, random_hole(rng, *image.shape[:2])))
    results = {name: _measure_one(fill, cases) for name, fill in fills().items()}
    return {
        "holes": holes,
        "longest_px": 512,
        "mean_hole_share": round(float(np.mean([area_share(mask) for _, mask in cases])), 4),
        "methods": results,
    }


def photographs() -> list[np.ndarray]:
    """Six free photographs at 512 px."""
    images = [getattr(skimage.data, name)() for name in ("chelsea", "coffee", "rocket", "astronaut")]
    images.append(skimage.data.stereo_motorcycle()[0])
    images.append(decode_picture(Path(matplotlib.cbook.get_sample_data("grace_hopper.jpg").name).read_bytes()))
    return [working_copy(np.ascontiguousarray(image)) for image in images]


def random_hole(rng: np.random.Generator, height: int, width: int) -> Mask:
    """A brush stroke of one to four points and 5–15 % of the longer side, somewhere inside the picture."""
    longest = max(height, width)
    start = rng.uniform((0.1 * width, 0.1 * height), (0.9 * width, 0.9 * height))
    steps = rng.normal(0, 0.06 * longest, (int(rng.integers(0, 4)), 2))
    points = np.vstack((start, start + np.cumsum(steps, axis=0))) if len(steps) else start[None]
    vertices = tuple((float(x), float(y)) for x, y in points)
    return rasterise([Brush("add", "", vertices, float(rng.uniform(0.05, 0.15) * longest))], height, width)


def fills() -> dict[str, Fill]:
    """What is compared: name and function."""
    compared: dict[str, Fill] = {
        "telea r=3": lambda image, mask: apply_method("telea", image, mask, {}),
        "navier_stokes r=3": lambda image, mask: apply_method("navier_stokes", image, mask, {}),
    }
    for radius in (2, 3, 5):
        compared[f"PyPatchMatch {2 * radius + 1}×{2 * radius + 1}"] = _pypatchmatch(radius)
    if find_spec("patchmatch_cython"):
        for size, options in ((5, {}), (7, {}), (7, {"em_loops": 3})):
            name = f"patchmatch-cython {size}×{size}" + (f" em={options['em_loops']}" if options else "")
            compared[name] = _patchmatch_cython(size, options)
    return compared


def _pypatchmatch(radius: int) -> Fill:
    def fill(image: np.ndarray, mask: Mask) -> np.ndarray:
        return apply_method("patchmatch", image, mask, {"patch_radius": radius, "seed": 1})

    return fill


def _patchmatch_cython(size: int, options: dict[str, int]) -> Fill:
    from patchmatch_cython import inpaint_pyramid

    def fill(image: np.ndarray, mask: Mask) -> np.ndarray:
        return np.asarray(inpaint_pyramid(image, mask, patch_size=size, seed=1, **options))

    return fill


def _measure_one(fill: Fill, cases: list[tuple[np.ndarray, Mask]]) -> dict[str, float]:
    fill(*cases[0])
    times_ms, scores = [], []
    for image, mask in cases:
        start = time.perf_counter()
        filled = fill(image, mask)
        times_ms.append(1000 * (time.perf_counter() - start))
        scores.append(hole_ssim(image, filled, mask))
    return {
        "median_ms": round(float(np.median(times_ms)), 1),
        "worst_ms": round(float(np.max(times_ms)), 1),
        "ssim_mean": round(float(np.mean(scores)), 4),
        "ssim_median": round(float(np.median(scores)), 4),
    }


def hole_ssim(truth: np.ndarray, filled: np.ndarray, mask: Mask) -> float:
    """The mean of the SSIM map (Wang et al. 2004, 7 × 7 windows, over RGB) over the pixels of the hole."""
    _, score = structural_similarity(truth, filled, channel_axis=2, full=True)
    return float(score[mask].mean())


def print_table(result: dict[str, Any]) -> None:
    """The figures as a table on the screen."""
    print(f"{result['holes']} holes, {100 * result['mean_hole_share']:.1f} % of the picture on average, 512 px")
    print(f"{'method':28} {'median ms':>10} {'worst ms':>10} {'SSIM mean':>10} {'median':>8}")
    for name, row in result["methods"].items():
        print(
            f"{name:28} {row['median_ms']:10.1f} {row['worst_ms']:10.1f} "
            f"{row['ssim_mean']:10.4f} {row['ssim_median']:8.4f}"
        )


if __name__ == "__main__":
    figures = measure()
    if "--json" in sys.argv[1:]:
        print(json.dumps(figures, indent=2))
    else:
        print_table(figures)

"""Methods that copy similar patches from elsewhere in the picture."""

from __future__ import annotations

from importlib.util import find_spec
from threading import Lock

import numpy as np
from PIL import Image

from dashboard.vision.inpainting.method import RGB, SEED, Mask, inpainting_method
from dashboard.vision.registry import Parameter

# The seed of PyPatchMatch is one for the whole process: it must not change under a call that runs.
_PATCHMATCH_LOCK = Lock()
# Resynthesizer keeps its random numbers in static memory: two calls at once give other results.
_RESYNTHESIZER_LOCK = Lock()


@inpainting_method(
    "patchmatch",
    "PatchMatch",
    "Builds the region from similar patches of the picture; keeps texture, takes about a second.",
    Parameter("patch_radius", "Patch radius", default=3, minimum=1, maximum=7, step=1, unit="px"),
    SEED,
    needs_surroundings=True,
)
def patchmatch(image: RGB, mask: Mask, patch_radius: int, seed: int) -> RGB:
    """Randomised patch search (Barnes, Shechtman, Finkelstein & Goldman, PatchMatch, 2009)."""
    from patchmatch import inpaint, set_random_seed

    with _PATCHMATCH_LOCK:
        set_random_seed(seed)
        return np.asarray(inpaint(image, mask, patch_size=patch_radius), np.uint8)


def _resynthesizer_missing() -> str | None:
    try:
        found = find_spec("resynthesizer") is not None
    except ValueError:  # a module without a spec has been put there by hand
        found = True
    return None if found else "The optional extra is not installed (pip install 'regionscope[resynthesizer]')."


@inpainting_method(
    "resynthesizer",
    "Resynthesizer",
    "Grows texture into the region pixel by pixel from similar places; slow, some seconds.",
    Parameter("neighbours", "Neighbours compared", default=30, minimum=4, maximum=64, step=1, unit="px"),
    Parameter("probes", "Places tried", default=200, minimum=20, maximum=500, step=10),
    needs_surroundings=True,
    unavailable=_resynthesizer_missing,
)
def resynthesizer(image: RGB, mask: Mask, neighbours: int, probes: int) -> RGB:
    """Best-fit texture synthesis (Harrison, Image Texture Tools, PhD thesis, 2005)."""
    from resynthesizer import getDefaultParams, resynthesize

    settings = getDefaultParams()
    settings.patchSize, settings.maxProbeCount = neighbours, probes
    white = Image.fromarray(mask.astype(np.uint8) * 255)
    with _RESYNTHESIZER_LOCK:
        return np.array(resynthesize(Image.fromarray(image), white, parameters=settings), np.uint8)

"""Pictures, masks, models and maps on NumPy arrays: no server, no database.

Images are (H, W, 3) uint8 RGB, masks (H, W) bool, maps (H, W) float32.
"""

from dashboard.vision.classifiers import Answer, Catalogue, Classifier, ModelCard
from dashboard.vision.explain import EXPLANATIONS, explain
from dashboard.vision.images import decode_picture, encode_png, working_copy
from dashboard.vision.inpainting import METHODS, apply_method
from dashboard.vision.masks import area_share, rasterise
from dashboard.vision.shapes import parse_shapes

__all__ = [
    "EXPLANATIONS",
    "METHODS",
    "Answer",
    "Catalogue",
    "Classifier",
    "ModelCard",
    "apply_method",
    "area_share",
    "decode_picture",
    "encode_png",
    "explain",
    "parse_shapes",
    "rasterise",
    "working_copy",
]

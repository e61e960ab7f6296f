"""The colours that mean something in the data (Okabe & Ito 2008): people, models, and both."""

from __future__ import annotations

RGB = tuple[int, int, int]

PEOPLES_BLUE: RGB = (0, 114, 178)
MODELS_ORANGE: RGB = (230, 159, 0)
BOTH_VIOLET: RGB = (92, 30, 110)

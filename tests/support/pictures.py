"""Pictures and regions that tests are made of."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dashboard.recording.pictures import FREE_PHOTOGRAPHS, About, FreePhotograph, add_picture
from dashboard.recording.workspace import Workspace
from dashboard.vision.images import decode_png
from db.records import Picture


def gradient(height: int = 48, width: int = 64) -> NDArray[np.uint8]:
    """A small picture (H, W, 3) in which no two pixels of a row or a column are the same."""
    y, x = np.mgrid[:height, :width]
    return np.stack((x * 3 % 256, y * 5 % 256, (x + 2 * y) % 256), axis=2).astype(np.uint8)


def png(pixels: NDArray[Any]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def photograph(name: str) -> FreePhotograph:
    return next(free for free in FREE_PHOTOGRAPHS if free.about.name == name)


def add_small(workspace: Workspace, name: str = "Gradient") -> Picture:
    return add_picture(workspace, png(gradient()), About(name))


def add_cat(workspace: Workspace) -> Picture:
    cat = photograph("Chelsea the cat")
    return add_picture(workspace, cat.read(), cat.about)


def pixels_of(workspace: Workspace, blob: str) -> NDArray[np.uint8]:
    """A kept picture, read from its file and not from any memory."""
    return decode_png(workspace.blobs.get(blob))

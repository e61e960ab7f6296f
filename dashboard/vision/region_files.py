"""Regions in files that others make: mask PNGs, COCO JSON and labelme JSON, read into masks of a working copy.

Formats: COCO's *Data format* (cocodataset.org: polygons, compressed and plain run lengths) and labelme's JSON (polygon,
rectangle, circle, mask). In both x goes to the right, y down, from the outer corner of the top left pixel, as here.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from dashboard.vision import rle
from dashboard.vision.errors import MaskError, RegionscopeError
from dashboard.vision.masks import Mask, Size, marked_pixels, nearest, rasterise, read_mask
from dashboard.vision.shapes import Ellipse, Lasso, Rectangle, Shape

MOST_REGIONS = 10_000
LARGEST_FILE = 200_000_000
Points = NDArray[np.float64]
_FEWEST = {"polygon": 3, "rectangle": 2, "circle": 2}
_KINDS = tuple(_FEWEST)


@dataclass(frozen=True)
class FoundRegion:
    """One region of a file. ``picture`` is the file name of its picture, without folders and ending.

    ``draw`` takes the picture's size and its working copy's (height, width) and gives the mask in the working copy's
    pixels; it raises MaskError with a sentence where that cannot be. ``is_mask``: the file is nothing but this mask.
    """

    item: str
    picture: str
    label: str
    draw: Callable[[Size, Size], Mask]
    is_mask: bool = False


@dataclass(frozen=True)
class LeftOut:
    """What of a file was not taken, and why."""

    item: str
    why: str


def read_regions(name: str, data: bytes) -> tuple[list[FoundRegion], list[LeftOut]]:
    """The regions of one file called ``name``: a PNG is one mask of the picture of that name.

    Raises MaskError where the file as a whole is none of the formats.
    """
    if len(data) > LARGEST_FILE:
        raise MaskError(f"The file is larger than {LARGEST_FILE // 1_000_000} MB.")
    if data.startswith(b"\x89PNG"):
        draw = lambda image, working: read_mask(data, image, working)  # noqa: E731
        return [FoundRegion(name, stem(name), "", draw, is_mask=True)], []
    content = _json(data)
    if isinstance(content.get("annotations"), list) and isinstance(content.get("images"), list):
        return _each(_coco(content))
    if isinstance(content.get("shapes"), list):
        return _each(_labelme(name, content))
    raise MaskError("The file is neither a mask PNG, nor COCO JSON (images, annotations), nor labelme JSON (shapes).")


def stem(name: str) -> str:
    """A file's name without folders and ending."""
    return PurePosixPath(name.replace("\\", "/")).stem


_Maker = Callable[[], FoundRegion]


def _each(makers: Iterator[tuple[str, _Maker]]) -> tuple[list[FoundRegion], list[LeftOut]]:
    """Each item on its own: one that cannot be read leaves the others as they are."""
    found: list[FoundRegion] = []
    left: list[LeftOut] = []
    for number, (item, make) in enumerate(makers):
        if number >= MOST_REGIONS:
            left.append(LeftOut(item, f"A file's first {MOST_REGIONS:,} regions are taken; this and the rest are not."))
            break
        try:
            found.append(make())
        except RegionscopeError as error:
            left.append(LeftOut(item, str(error)))
        except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError):
            left.append(LeftOut(item, "It does not have the form that the format asks for."))
    return found, left


def _json(data: bytes) -> dict[str, Any]:
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise MaskError("The file is neither a PNG nor JSON.") from error
    if not isinstance(content, dict):
        raise MaskError("The JSON file holds no object.")
    return content


def _coco(content: dict[str, Any]) -> Iterator[tuple[str, _Maker]]:
    pictures = {picture["id"]: picture for picture in content["images"] if _names_picture(picture)}
    categories = content.get("categories")
    given = categories if isinstance(categories, list) else []
    labels = {one["id"]: str(one.get("name", "")) for one in given if isinstance(one, dict) and _is_id(one.get("id"))}
    for number, annotation in enumerate(content["annotations"], 1):
        about = annotation if isinstance(annotation, dict) else {}
        item = f"annotation {about.get('id', f'number {number}')}"
        yield item, lambda a=about, item=item: _coco_region(item, a, pictures, labels)  # type: ignore[misc]


def _names_picture(picture: Any) -> bool:
    return isinstance(picture, dict) and _is_id(picture.get("id")) and isinstance(picture.get("file_name"), str)


def _is_id(value: Any) -> bool:
    return isinstance(value, int | str)


def _coco_region(
    item: str, annotation: dict[str, Any], pictures: dict[Any, dict[str, Any]], labels: dict[Any, str]
) -> FoundRegion:
    if annotation.get("image_id") not in pictures:
        raise MaskError("Its picture is not among the file's images.")
    picture = pictures[annotation["image_id"]]
    size = _size(picture.get("height"), picture.get("width"))
    segmentation = annotation.get("segmentation")
    draw = _run_lengths(segmentation) if isinstance(segmentation, dict) else _polygons(segmentation, size)
    return FoundRegion(item, stem(picture["file_name"]), labels.get(annotation.get("category_id"), ""), draw)


def _size(height: Any, width: Any) -> Size | None:
    """The size that a file says its coordinates are in, None where it does not say."""
    if height is None or width is None:
        return None
    if not all(isinstance(side, int) and 0 < side <= rle.MAX_PIXELS for side in (height, width)):
        raise MaskError("The picture's height and width must be whole numbers from 1.")
    return height, width


def _run_lengths(segmentation: dict[str, Any]) -> Callable[[Size, Size], Mask]:
    counts, size = segmentation.get("counts"), segmentation.get("size")
    height, width = size if isinstance(size, list) else (None, None)
    declared = _size(height, width)
    if declared is None:
        raise MaskError("The run lengths name no size.")
    encoded = _compressed(counts, declared) if isinstance(counts, list) else counts

    def draw(image: Size, working: Size) -> Mask:
        # A few characters can stand for very many pixels: only what can belong to the picture is unpacked.
        if declared not in (image, working):
            raise MaskError(f"It has {declared[1]} × {declared[0]} pixels, the picture {image[1]} × {image[0]}.")
        mask = rle.decode({"size": list(declared), "counts": encoded})  # type: ignore[typeddict-item]
        return mask if declared == working else nearest(mask, working)

    return draw


def _compressed(counts: list[Any], size: Size) -> str:
    """Plain run lengths as compressed ones, once it is sure that they fill the size exactly."""
    height, width = size
    whole = all(isinstance(run, int) and not isinstance(run, bool) and run >= 0 for run in counts)
    if not whole or not 0 < height * width <= rle.MAX_PIXELS or sum(counts) != height * width:
        raise MaskError("The run lengths do not fill the mask's size.")
    encoded = coco.frPyObjects({"size": [height, width], "counts": counts}, height, width)
    return str(encoded["counts"].decode("ascii"))


def _polygons(segmentation: Any, size: Size | None) -> Callable[[Size, Size], Mask]:
    if not isinstance(segmentation, list) or not segmentation:
        raise MaskError("It has neither polygons nor run lengths.")
    loops = [_points(np.reshape(np.asarray(loop, np.float64), (-1, 2))) for loop in segmentation]
    return _scaled([("polygon", loop) for loop in loops], size)


def _labelme(name: str, content: dict[str, Any]) -> Iterator[tuple[str, _Maker]]:
    picture = stem(str(content.get("imagePath") or name))
    height, width = content.get("imageHeight"), content.get("imageWidth")
    for number, shape in enumerate(content["shapes"], 1):
        about = shape if isinstance(shape, dict) else {}
        item = f"shape {number}"
        yield item, lambda a=about, item=item: _labelme_region(item, a, picture, _size(height, width))  # type: ignore[misc]


def _labelme_region(item: str, shape: dict[str, Any], picture: str, size: Size | None) -> FoundRegion:
    kind = shape.get("shape_type") or "polygon"
    if kind not in _KINDS and kind != "mask":
        raise MaskError(f"A {str(kind)[:40]} is not taken; polygon, rectangle, circle and mask are.")
    points = _points(np.reshape(np.asarray(shape["points"], np.float64), (-1, 2)))
    draw = _cut_out(shape.get("mask"), points, size) if kind == "mask" else _scaled([(kind, points)], size)
    return FoundRegion(item, picture, str(shape.get("label") or ""), draw)


def _cut_out(png: Any, points: Points, size: Size | None) -> Callable[[Size, Size], Mask]:
    """A mask as a PNG in base64, which lies between the pixels of its two points, both included."""
    if not isinstance(png, str) or len(points) != 2:
        raise MaskError("A mask needs a PNG and the two corners of its box.")
    try:
        data = base64.b64decode(png, validate=True)
    except ValueError as error:
        raise MaskError("The mask's PNG cannot be read.") from error
    (left, top), (right, bottom) = points.astype(np.int64)

    def draw(image: Size, working: Size) -> Mask:
        drawn_on = _drawn_on(size, image, working)
        if not (0 <= top <= bottom < drawn_on[0] and 0 <= left <= right < drawn_on[1]):
            raise MaskError("The mask's box does not lie in the picture.")
        part = marked_pixels(data)
        box = np.zeros(drawn_on, np.bool_)
        inside = box[top : bottom + 1, left : right + 1]
        if part.shape != inside.shape:
            raise MaskError("The mask has not the size of its box.")
        inside[:] = part
        return box if drawn_on == working else nearest(box, working)

    return draw


def _drawn_on(size: Size | None, image: Size, working: Size) -> Size:
    """The size that coordinates are in; raises MaskError where it is neither the picture's nor its working copy's."""
    if size is not None and size not in (image, working):
        raise MaskError(f"It was drawn on {size[1]} × {size[0]} pixels, the picture has {image[1]} × {image[0]}.")
    return size or image


def _points(points: Points) -> Points:
    if not np.isfinite(points).all() or (abs(points) > 1e6).any():
        raise MaskError("Its coordinates are no numbers of a picture.")
    return points


def _scaled(outlines: list[tuple[str, Points]], size: Size | None) -> Callable[[Size, Size], Mask]:
    for kind, points in outlines:
        if len(points) < _FEWEST[kind]:
            raise MaskError(f"A {kind} needs {_FEWEST[kind]} points.")

    def draw(image: Size, working: Size) -> Mask:
        drawn_on = _drawn_on(size, image, working)
        factor = np.array([working[1] / drawn_on[1], working[0] / drawn_on[0]])
        return rasterise([_shape(kind, points, factor) for kind, points in outlines], *working)

    return draw


def _shape(kind: str, points: Points, factor: Points) -> Shape:
    if kind == "circle":
        # labelme: the centre, then a point on the circle.
        radius = math.dist(points[0], points[1])
        corners = np.array([points[0] - radius, points[0] + radius]) * factor
        x0, y0, x1, y1 = map(float, corners.ravel())
        return Ellipse("add", x0, y0, x1, y1)
    scaled = points * factor
    if kind == "rectangle":
        x0, y0, x1, y1 = map(float, scaled[:2].ravel())
        return Rectangle("add", x0, y0, x1, y1)
    return Lasso("add", "", tuple((float(x), float(y)) for x, y in scaled))

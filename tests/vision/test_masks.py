from __future__ import annotations

import io
import json
import math

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image

from dashboard.vision.errors import MaskError
from dashboard.vision.masks import area_share, overlay_rgba, rasterise, read_mask
from dashboard.vision.shapes import parse_shapes, shapes_to_json


def brush(path: str, width: float, mode: str = "add") -> dict:
    return {"tool": "brush", "mode": mode, "path": path, "width_image_px": width}


def lasso(path: str, mode: str = "add") -> dict:
    return {"tool": "lasso", "mode": mode, "path": path}


def box(tool: str, x0: float, y0: float, x1: float, y1: float, mode: str = "add") -> dict:
    return {"tool": tool, "mode": mode, "x0": x0, "y0": y0, "x1": x1, "y1": y1}


def drawn(*shapes: dict, height: int = 8, width: int = 8) -> np.ndarray:
    return rasterise(parse_shapes(list(shapes)), height, width)


def picture(*rows: str) -> np.ndarray:
    return np.array([[mark == "#" for mark in row] for row in rows])


EMPTY = ("........",) * 8


@pytest.mark.parametrize(
    ("shapes", "rows"),
    [
        # A dot of diameter 3 on a pixel's centre: all centres within 1.5.
        (
            [brush("M3.5,3.5", 3)],
            (*EMPTY[:2], "..###...", "..###...", "..###...", *EMPTY[:3]),
        ),
        ([brush("M3.5,3.5", 1)], (*EMPTY[:3], "...#....", *EMPTY[:4])),
        # On a corner between four pixels nothing is within 0.5, but all four within 1.
        ([brush("M4,4", 1)], EMPTY),
        ([brush("M4,4", 2)], (*EMPTY[:3], "...##...", "...##...", *EMPTY[:3])),
        # A zero-length path is a dot too. Diameter 5: the corners of the 5 × 5 square are too far.
        (
            [brush("M3.5,3.5L3.5,3.5", 5)],
            (EMPTY[0], "..###...", ".#####..", ".#####..", ".#####..", "..###...", *EMPTY[:2]),
        ),
        # Round ends: one pixel beyond either end of the line, in its own row only.
        (
            [brush("M2.5,3.5L5.5,3.5", 2)],
            (*EMPTY[:2], "..####..", ".######.", "..####..", *EMPTY[:3]),
        ),
        # A slanted stroke of 1 pixel.
        (
            [brush("M0.5,0.5L7.5,7.5", 1)],
            tuple("." * i + "#" + "." * (7 - i) for i in range(8)),
        ),
        # Half-open: the left and top edges through centres are in, the others out.
        ([box("rectangle", 1.5, 1.5, 4.5, 3.5)], (EMPTY[0], ".###....", ".###....", *EMPTY[:5])),
        ([box("rectangle", 4.5, 3.5, 1.5, 1.5)], (EMPTY[0], ".###....", ".###....", *EMPTY[:5])),
        ([lasso("M1.5,1.5L4.5,1.5L4.5,3.5L1.5,3.5Z")], (EMPTY[0], ".###....", ".###....", *EMPTY[:5])),
        # Partly and wholly outside.
        ([box("rectangle", -100, 6, 2, 100)], (*EMPTY[:6], "##......", "##......")),
        ([box("ellipse", 20, 20, 40, 40), brush("M-50,-50L-20,3", 9)], EMPTY),
        ([box("ellipse", 2, 2, 6, 6)], (*EMPTY[:2], "...##...", "..####..", "..####..", "...##...", *EMPTY[:2])),
        ([box("ellipse", 0, 3, 8, 5)], (*EMPTY[:3], ".######.", ".######.", *EMPTY[:3])),
        # Nothing has area.
        ([box("ellipse", 2, 2, 2, 6), box("rectangle", 2.5, 2.5, 2.5, 6), lasso("M1,1L7,7Z"), lasso("M3,3Z")], EMPTY),
        # In order: erasing takes away what was there, adding afterwards brings back.
        (
            [box("rectangle", 0, 0, 8, 8), box("rectangle", 0, 1, 8, 8, "erase"), brush("M7.5,7.5", 1)],
            ("########", *EMPTY[:6], ".......#"),
        ),
        ([box("rectangle", 0, 0, 8, 8, "erase")], EMPTY),
        ([], EMPTY),
    ],
)
def test_by_hand(shapes, rows):
    mask = drawn(*shapes)
    assert mask.dtype == bool
    assert np.array_equal(mask, picture(*rows)), "\n" + "\n".join("".join(".#"[p] for p in row) for row in mask)


def test_a_self_crossing_lasso_has_no_holes():
    pentagram = [(50 + 45 * math.sin(k * 4 * math.pi / 5), 50 - 45 * math.cos(k * 4 * math.pi / 5)) for k in range(5)]
    mask = drawn(lasso("M" + "L".join(f"{x},{y}" for x, y in pentagram) + "Z"), height=100, width=100)
    assert mask[50, 50]
    twice = "M1,1L7,1L7,7L1,7L1,1L7,1L7,7L1,7Z"
    assert drawn(lasso(twice)).sum() == 36


def test_boxes_and_loops_that_share_an_edge_share_no_pixel_and_leave_none():
    for edge in (2, 2.5, 3.1):
        left, right = drawn(box("rectangle", 0, 0, edge, 8)), drawn(box("rectangle", edge, 0, 8, 8))
        assert (left ^ right).all()
        above, below = drawn(box("rectangle", 0, 0, 8, edge)), drawn(box("rectangle", 0, edge, 8, 8))
        assert (above ^ below).all()
    first, second = drawn(lasso("M0,0L8,8L0,8Z")), drawn(lasso("M0,0L8,8L8,0Z"))
    assert (first ^ second).all()


COORDINATES = st.floats(-20, 60, allow_nan=False).map(lambda value: round(value, 3))
POINTS = st.tuples(COORDINATES, COORDINATES)
HEIGHT, WIDTH = 40, 50


def path_of(points: list[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x},{y}" for x, y in points)


def centres() -> np.ndarray:
    x, y = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)
    return shapely.points(x, y)


CENTRES = centres()


def differs_only_on(outline: shapely.Geometry, mask: np.ndarray, expected: np.ndarray) -> bool:
    """Whether all pixels in which the two differ have their centre within 1e-9 of the outline."""
    wrong = mask != expected
    return not wrong.any() or bool((shapely.distance(CENTRES[wrong], outline) <= 1e-9).all())


@given(st.lists(POINTS, min_size=1, max_size=12), st.floats(0.1, 30))
def test_a_stroke_is_all_within_half_its_width_of_the_line(points, width):
    mask = drawn(brush(path_of(points), width), height=HEIGHT, width=WIDTH)
    line = shapely.LineString(points) if len(set(points)) > 1 else shapely.Point(points[0])
    distance = shapely.distance(CENTRES, line)
    wrong = mask != (distance <= width / 2)
    assert (np.abs(distance - width / 2)[wrong] <= 1e-9).all()


@settings(deadline=None)
@given(st.lists(POINTS, min_size=2, max_size=8), st.floats(1, 20))
def test_a_stroke_holds_shapelys_buffer(points, width):
    mask = drawn(brush(path_of(points), width), height=HEIGHT, width=WIDTH)
    assume(len(set(points)) > 1)
    line = shapely.LineString(points)
    # The buffer's arcs are polygons inside the circle, and around a line that crosses itself it can lack a spot; that
    # the mask holds nothing more is said by the distance, above.
    assert not (shapely.contains(line.buffer(width / 2, 64), CENTRES) & ~mask).any()


@given(st.lists(POINTS, min_size=3, max_size=9))
def test_a_lasso_holds_what_it_winds_around(points):
    mask = drawn(lasso(path_of(points) + "Z"), height=HEIGHT, width=WIDTH)
    expected = np.zeros((HEIGHT, WIDTH), bool)
    for row in range(HEIGHT):
        for column in range(WIDTH):
            expected[row, column] = winding_angle(points, column + 0.5, row + 0.5) != 0
    assert differs_only_on(shapely.LineString([*points, points[0]]), mask, expected)


def winding_angle(points: list[tuple[float, float]], x: float, y: float) -> int:
    """How often the loop goes round (x, y): the sum of the angles under which its edges are seen."""
    vectors = [complex(px - x, py - y) for px, py in points]
    if not all(vectors):
        return 0
    turns = [b / a for a, b in zip(vectors, vectors[1:] + vectors[:1], strict=True)]
    return round(sum(math.atan2(turn.imag, turn.real) for turn in turns) / (2 * math.pi))


@given(st.lists(POINTS, min_size=3, max_size=6, unique=True))
def test_a_simple_lasso_is_shapelys_polygon(points):
    polygon = shapely.Polygon(points)
    assume(polygon.is_valid)
    mask = drawn(lasso(path_of(points) + "Z"), height=HEIGHT, width=WIDTH)
    assert differs_only_on(polygon.exterior, mask, shapely.contains(polygon, CENTRES))


@given(POINTS, POINTS)
def test_boxes_are_shapelys(first, second):
    assume(first[0] != second[0] and first[1] != second[1])
    mask = drawn(box("rectangle", *first, *second), height=HEIGHT, width=WIDTH)
    outline = shapely.box(*first, *second)
    assert differs_only_on(outline.exterior, mask, shapely.contains(outline, CENTRES))
    ellipse = drawn(box("ellipse", *first, *second), height=HEIGHT, width=WIDTH)
    # The box is half-open, the ellipse is closed: where it touches the lower edge it may hold a centre more.
    assert differs_only_on(outline.exterior, mask, mask | ellipse)
    radii = abs(first[0] - second[0]) / 2, abs(first[1] - second[1]) / 2
    middle = (first[0] + second[0]) / 2, (first[1] + second[1]) / 2
    x = (shapely.get_x(CENTRES) - middle[0]) / radii[0]
    y = (shapely.get_y(CENTRES) - middle[1]) / radii[1]
    wrong = ellipse != (np.hypot(x, y) <= 1)
    assert (np.abs(np.hypot(x, y) - 1)[wrong] <= 1e-9).all()


MODES = st.sampled_from(["add", "erase"])
PATHS = st.lists(POINTS, min_size=1, max_size=5).map(path_of)
TOOLS = st.sampled_from(["rectangle", "ellipse"])
STROKES = st.builds(brush, PATHS, st.floats(0.5, 30), MODES)
LOOPS = st.builds(lambda path, mode: lasso(path + "Z", mode), PATHS, MODES)
BOXES = st.builds(lambda tool, a, b, mode: box(tool, *a, *b, mode), TOOLS, POINTS, POINTS, MODES)
DRAWINGS = st.lists(STROKES | LOOPS | BOXES, max_size=6)


@given(DRAWINGS)
def test_a_drawing_is_its_shapes_in_order(drawing):
    expected = np.zeros((HEIGHT, WIDTH), bool)
    for shape in drawing:
        alone = drawn({**shape, "mode": "add"}, height=HEIGHT, width=WIDTH)
        expected = expected | alone if shape["mode"] == "add" else expected & ~alone
    mask = drawn(*drawing, height=HEIGHT, width=WIDTH)
    assert np.array_equal(mask, expected)
    assert area_share(mask) == pytest.approx(mask.mean())
    larger = drawn(*drawing, height=HEIGHT + 7, width=WIDTH + 5)
    assert np.array_equal(larger[:HEIGHT, :WIDTH], mask), "what is outside the picture changes nothing inside"


@given(DRAWINGS)
def test_shapes_survive_json(drawing):
    shapes = parse_shapes(drawing)
    assert shapes_to_json(shapes) == drawing
    assert parse_shapes(json.loads(json.dumps(shapes_to_json(shapes)))) == shapes


def test_timing_and_the_width_on_the_screen_are_kept_as_they_came():
    stroke = {**brush("M1,2L3,4", 5.5), "width_screen_px": 20, "points": [[0, 1, 2], [16.7, 3, 4]]}
    assert shapes_to_json(parse_shapes([stroke])) == [stroke]
    assert np.array_equal(drawn(stroke), drawn(brush("M1,2L3,4", 5.5)))
    assert np.array_equal(drawn(brush(" M 1,2 L 3,4 ", 5.5)), drawn(brush("M1,2L3,4", 5.5)))


@pytest.mark.parametrize(
    "bad",
    [
        None,
        "M1,2",
        {"tool": "brush"},
        [None],
        ["brush"],
        [{}],
        [brush("", 3)],
        [brush("M", 3)],
        [brush("M1", 3)],
        [brush("M1,2,3", 3)],
        [brush("L1,2", 3)],
        [brush("M1,2M3,4", 3)],
        [brush("M1,2C3,4", 3)],
        [brush("M1,2L3,4Z", 3)],
        [brush("M1,2Lnan,4", 3)],
        [brush("M1,2L3,inf", 3)],
        [brush("M1,2L3,1e999", 3)],
        [brush("M1,2L3,1000001", 3)],
        [brush("M1,2", 0)],
        [brush("M1,2", -1)],
        [brush("M1,2", 4097)],
        [brush("M1,2", math.nan)],
        [brush("M1,2", math.inf)],
        [brush("M1,2", 10**400)],
        [brush("M1,2", "3")],
        [brush("M1,2", True)],
        [brush("M1,2", None)],
        [brush(12, 3)],
        [lasso("M1,2L3,4")],
        [box("rectangle", 1, 2, math.nan, 4)],
        [box("ellipse", 1, 2, "3", 4)],
        [{"tool": "ellipse", "mode": "add", "x0": 1}],
        [box("hexagon", 1, 2, 3, 4)],
        [{**brush("M1,2", 3), "tool": ["brush"]}],
        [{**brush("M1,2", 3), "mode": "subtract"}],
        [{**brush("M1,2", 3), "mode": {}}],
        [{**brush("M1,2", 3), "width_screen_px": "wide"}],
        [{**brush("M1,2", 3), "points": 7}],
        [{**brush("M1,2", 3), "points": [[1, 2]]}],
        [{**brush("M1,2", 3), "points": [[1, 2, None]]}],
        [{**brush("M1,2", 3), "points": [[0, 0, 0]] * 100_001}],
        [brush("M1,2", 3)] * 501,
        [brush("M1,2" + "L3,4" * 20_000, 3)],
        [brush("M1,2" + "L3,4" * 10_000, 3)] * 2,
    ],
)
def test_malformed_drawings_are_refused_with_a_sentence(bad):
    with pytest.raises(MaskError) as error:
        parse_shapes(bad)
    assert str(error.value).endswith(".")
    assert len(str(error.value)) < 200


def test_the_largest_drawings_that_pass():
    assert len(parse_shapes([brush("M1,2", 4096)] * 500)) == 500
    path = "M-1000000,1e6" + "L3,4" * 19_999
    assert drawn(brush(path, 3))[3, 3]


def test_the_overlay_is_the_mask():
    mask = picture("#.", ".#")
    assert overlay_rgba(mask, (10, 20, 30)).tolist() == [
        [[10, 20, 30, 255], [0, 0, 0, 0]],
        [[0, 0, 0, 0], [10, 20, 30, 255]],
    ]
    assert overlay_rgba(mask, (10, 20, 30)).dtype == np.uint8
    assert area_share(mask) == 0.5
    assert area_share(np.zeros((3, 3), bool)) == 0


def png(image: Image.Image | np.ndarray, **options: object) -> bytes:
    file = io.BytesIO()
    (Image.fromarray(image) if isinstance(image, np.ndarray) else image).save(file, "PNG", **options)
    return file.getvalue()


REGION = picture("#.#.", "....", ".##.")


@pytest.mark.parametrize(
    "data",
    [
        png(REGION),
        png(REGION.astype(np.uint8)),
        png(REGION.astype(np.uint8) * 255),
        png(REGION.astype(np.uint16)),
        png(np.dstack([REGION * 0, REGION * 0, REGION * 1]).astype(np.uint8)),
        png(np.dstack([REGION * 200, REGION * 0 + 255]).astype(np.uint8)),
        png(np.dstack([REGION * 9, REGION * 9, REGION * 9, REGION * 255]).astype(np.uint8)),
        png(np.dstack([REGION * 0, REGION * 0, REGION * 0, REGION * 255]).astype(np.uint8)),
        png(np.dstack([REGION * 0 + 255] * 3 + [REGION * 3]).astype(np.uint8)),
        png(np.dstack([REGION * 255] * 3 + [REGION * 0]).astype(np.uint8)),
    ],
    ids=["1", "L 1", "L 255", "I;16", "RGB", "LA", "RGBA", "alpha on black", "alpha on white", "all transparent"],
)
def test_a_mask_file_of_any_mode(data):
    assert np.array_equal(read_mask(data, (30, 40), (3, 4)), REGION)


def test_a_palette_mask_goes_by_colour_not_by_index():
    image = Image.fromarray((~REGION).astype(np.uint8), "L").convert("P")
    image.putdata((~REGION).astype(np.uint8).ravel().tolist())
    image.putpalette([255, 255, 255, 0, 0, 0] + [0] * 762)
    assert np.array_equal(read_mask(png(image), (3, 4), (3, 4)), REGION)


def test_a_mask_of_the_pictures_size_is_sampled_at_the_centres():
    large = np.kron(REGION, np.ones((5, 5), bool))
    large[0, 0] = False
    assert np.array_equal(read_mask(png(large), (15, 20), (3, 4)), REGION)
    column = np.arange(10)[None, :] == 4
    assert read_mask(png(column), (1, 10), (1, 3)).tolist() == [[False, False, False]]
    assert read_mask(png(np.arange(10)[None, :] == 5), (1, 10), (1, 3)).tolist() == [[False, True, False]]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (png(REGION), "4 × 3"),
        (b"", "empty"),
        (b"text", "not a picture"),
        (png(REGION)[:-12], "damaged"),
        (b"BM" + bytes(100), "cannot be read"),
    ],
)
def test_masks_that_cannot_be_used(data, sentence):
    with pytest.raises(MaskError, match=sentence):
        read_mask(data, (30, 40), (15, 20))


def test_a_mask_must_be_png():
    file = io.BytesIO()
    Image.fromarray(np.ones((20, 20), np.uint8)).save(file, "JPEG")
    with pytest.raises(MaskError, match="PNG"):
        read_mask(file.getvalue(), (20, 20), (20, 20))

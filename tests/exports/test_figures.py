"""Figures: the same bytes for the same data in every kind and format, and readable, whoever prints or cannot see."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from PIL import Image

from dashboard.exports.figures import FORMATS, KINDS, WIDTHS, Asked, Look, draw, save
from dashboard.exports.figures.look import LEAST_LINE_PT, FigureError
from dashboard.exports.figures.marked import everybody as marked_by_everybody
from dashboard.exports.figures.recorded import recorded
from dashboard.exports.figures.worked_out import NotReadyError
from dashboard.exports.package import Choices, Scope, write_package
from dashboard.exports.package.folder import PackageFolder
from dashboard.exports.package.workings import FoundMap
from dashboard.recording import answers, everybody
from dashboard.recording.ids import new_id
from dashboard.recording.maps import MapNotReadyError
from dashboard.recording.pictures import ensure_gallery
from dashboard.recording.region_import import Manner, import_regions
from dashboard.vision.masks import encode_mask
from db import queries
from db.errors import NotFoundError
from tests.exports.figures import Drawing, of_each

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '👩‍🔬 a$\\frac$b_%#&{}~^ <i>"x"</i> =1+2 שלום 猫'


@pytest.fixture(scope="session")
def drawing(studied):
    made = Drawing(studied, {})
    made.of = of_each(PackageFolder(made.package))
    return made


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} (poppler-utils) is not installed")
    return found


def picture(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def numbers_of(drawn) -> set[str]:
    """Numbers with a decimal that stand in the figure's texts, but for those on axes."""
    texts = [text.get_text() for axes in drawn.panels for text in axes.texts]
    return set(re.findall(r"\d+\.\d+", " ".join(texts)))


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_data_give_the_same_file_in_every_format(drawing, kind):
    first, again = drawing.draw(kind), drawing.draw(kind)
    for form in FORMATS:
        data = save(first, form, 100)
        assert len(data) > 3000
        assert data == save(again, form, 100), form


@pytest.mark.parametrize("kind", KINDS)
def test_alternative_texts_say_the_numbers_and_files_hold_them(drawing, kind):
    drawn = drawing.draw(kind)
    assert re.search(r"\d", drawn.alt)
    assert drawn.alt != drawn.caption
    assert numbers_of(drawn) <= set(re.findall(r"\d+\.\d+", drawn.alt))
    root = ElementTree.fromstring(save(drawn, "svg"))
    texts = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
    assert any(len(text) > 2 for text in texts)
    assert drawn.alt in "".join(root.itertext())
    assert Image.open(io.BytesIO(save(drawn, "png", 60))).info["Description"] == drawn.alt
    tiff = Image.open(io.BytesIO(save(drawn, "tiff", 60)))
    assert tiff.tag_v2[270].encode("latin-1").decode() == drawn.alt


@pytest.mark.parametrize("kind", KINDS)
def test_no_line_is_too_thin_to_be_printed(drawing, kind):
    drawn = drawing.draw(kind)
    widths = []
    for artist in drawn.figure.findobj(lambda one: isinstance(one, Line2D | Patch | LineCollection)):
        drawn_line = not (isinstance(artist, Line2D) and artist.get_linestyle() in ("None", "none"))
        edged = not isinstance(artist, Patch) or artist.get_edgecolor()[-1] > 0
        if artist.get_visible() and drawn_line and edged:
            widths += list(np.atleast_1d(artist.get_linewidth()))
    assert all(width == 0 or width >= LEAST_LINE_PT for width in widths)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_figure_is_as_wide_as_its_place(drawing, width):
    drawn = drawing.draw("pair", Look(width))
    inches = WIDTHS[width][0]
    box = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", save(drawn, "pdf"))
    assert float(box[1]) == pytest.approx(inches * 72, abs=0.5)
    assert Image.open(io.BytesIO(save(drawn, "png", 100))).size[0] == pytest.approx(inches * 100, abs=1)
    root = ElementTree.fromstring(save(drawn, "svg"))
    assert float(root.get("width").removesuffix("pt")) == pytest.approx(inches * 72, abs=0.5)


@pytest.mark.parametrize(
    ("kind", "says"), [("pair", "After"), ("alignment", "espresso"), ("regions", "only the model")]
)
def test_fonts_are_embedded_and_text_is_text(drawing, tmp_path, kind, says):
    path = tmp_path / "f.pdf"
    path.write_bytes(save(drawing.draw(kind), "pdf"))
    fonts = subprocess.run([program("pdffonts"), path], capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(fonts) > 2
    for line in fonts[2:]:
        embedded = re.search(r"(yes|no) +(yes|no) +(yes|no) +\d+ +\d+$", line)
        assert embedded[1] == "yes", line
        assert "Type 3" not in line
    text = subprocess.run([program("pdftotext"), path, "-"], capture_output=True, text=True, check=True).stdout
    assert says in " ".join(text.split())


def test_serif_where_the_text_around_is(drawing):
    def family(width):
        root = ElementTree.fromstring(save(drawing.draw("pair", Look(width)), "svg"))
        return next(text.get("style") for text in root.iter(f"{SVG}text"))

    assert family("ieee") != family("acm")
    assert "STIXGeneral" in family("springer") or "Times" in family("springer") or "Serif" in family("springer")


def test_a_picture_in_a_file_is_the_picture_pixel_by_pixel(drawing):
    """Every pixel's middle has its colour in the PNG, at more dots than pixels."""
    drawn = drawing.draw("regions", Look("poster", letters=False))
    package = PackageFolder(drawing.package)
    [row] = [one for one in package.rows("images") if one["image_id"] == drawing.of["image"]]
    wanted = package.picture(row["working_file"])
    data = picture(save(drawn, "png", 200))
    box = drawn.panels[0].get_window_extent()
    scale = 200 / drawn.figure.dpi
    height, width = wanted.shape[:2]
    across = ((np.arange(width) + 0.5) / width * box.width + box.x0) * scale
    down = data.shape[0] - ((1 - (np.arange(height) + 0.5) / height) * box.height + box.y0) * scale
    found = data[np.ix_(down.astype(int), across.astype(int))]
    assert (np.abs(found.astype(int) - wanted).max(axis=2) == 0).mean() > 0.995


def test_a_pair_compares_with_the_original_picture(drawing):
    package = PackageFolder(drawing.package)
    edit = next(row for row in package.rows("edits") if row["parent_id"])
    drawn = draw(drawing.package, "pair", edit["edit_id"])
    numbers = {row["metric"]: row["value"] for row in package.rows("metrics") if row["edit_id"] == edit["edit_id"]}
    for name in ("probability_before", "probability_after"):
        assert f"{numbers[name] * 100:.1f} %" in drawn.caption
    session = next(row for row in package.rows("sessions") if row["session_id"] == edit["session_id"])
    image = next(row for row in package.rows("images") if row["image_id"] == session["image_id"])
    assert (drawn.panels[0].get_images()[0].get_array() == package.picture(image["working_file"])).all()


def test_consensus_is_that_of_the_pictures_page_without_excluded_people(drawing):
    workspace = drawing.studied.workspace
    package = PackageFolder(drawing.package)
    marked = marked_by_everybody(package, drawing.of["image"])
    page = everybody.regions_of(workspace, drawing.of["image"])
    people = everybody.by_person(page.of_class(marked.class_name))
    assert len(people) >= 2
    assert marked.left_out == page.left_out[marked.class_name] > 0
    assert (marked.masks == np.stack(list(people.values()))).all()
    assert f"{len(people)} people" in drawing.draw("consensus").caption


def test_one_persons_regions_are_one_and_imported_ones_count(another):
    ensure_gallery(another)
    with another.database.read() as transaction:
        [image] = [one for one in queries.pictures(transaction) if one.name == "Rocket"]
    halves = np.zeros((2, image.working_height, image.working_width), bool)
    halves[0, 20:60, 20:60] = halves[1, 80:120, 20:60] = True
    for number, mask in enumerate([halves[0], halves[1], halves[0]]):
        manner = Manner("efficientnet_lite0", image.id, "missile", "Ada" if number < 2 else "Bob")
        report = import_regions(another, [(f"m{number}.png", encode_mask(mask))], manner)
        assert len(report.taken) == 1, report.left_out
    with recorded(another, "consensus", Asked(image.id)) as source:
        marked = marked_by_everybody(source, image.id)
        drawn = draw(source, "consensus", image.id)
    assert sorted(mask.sum() for mask in marked.masks) == [1600, 3200]
    assert "2 people marked for missile (3 regions)" in drawn.caption


def test_of_two_pictures_that_as_many_marked_both_sources_take_the_same(another, tmp_path):
    """The one that was there first, though it was marked last."""
    ensure_gallery(another)
    with another.database.read() as transaction:
        # An id tells when it was made.
        first, second, asked, *_ = sorted(queries.pictures(transaction), key=lambda one: one.id)
    for image in (second, asked, first):
        mask = np.zeros((image.working_height, image.working_width), bool)
        mask[20:60, 20:60] = True
        for author in ("Ada", "Bob"):
            manner = Manner("efficientnet_lite0", image.id, "missile", author)
            import_regions(another, [(f"{author}.png", encode_mask(mask))], manner)
    package = tmp_path / "package"
    write_package(another, Scope(everything=True), Choices(keep_ids=True, free_text=True, pictures="all"), package)
    with recorded(another, "consensus", Asked(asked.id)) as source:
        captions = [draw(one, "consensus", asked.id).caption for one in (source, package)]
    assert captions[0] == captions[1]
    assert f"with {first.name}'s (floor)" in captions[0]


def test_what_a_long_series_leaves_out_is_said(drawing, tmp_path):
    folder = shutil.copytree(drawing.package, tmp_path / "long")
    package = PackageFolder(folder)
    edits, answers = (package.path(package.paths[name]) for name in ("edits", "predictions"))
    rows = pd.read_csv(edits, dtype=str, keep_default_na=False)
    given = pd.read_csv(answers, dtype=str, keep_default_na=False)
    session = drawing.of["session"]
    last = rows[rows.session_id == session].iloc[-1].copy()
    answer = given[given.edit_id == last.edit_id].iloc[0].copy()
    parent = last.edit_id
    for number in range(14):
        more = last.copy()
        more["edit_id"], more["parent_id"], more["sequence"] = f"more{number}", parent, str(50 + number)
        rows.loc[len(rows)] = more
        another = answer.copy()
        another["edit_id"] = parent = f"more{number}"
        given.loc[len(given)] = another
    rows.to_csv(edits, index=False)
    given.to_csv(answers, index=False)
    sessions = package.path(package.paths["sessions"])
    heads = pd.read_csv(sessions, dtype=str, keep_default_na=False)
    heads.loc[heads.session_id == session, "head_sequence"] = "63"
    heads.to_csv(sessions, index=False)
    drawn = draw(folder, "series", session)
    assert len(drawn.panels) == 12
    assert re.search(r"first 10 edits and the last; the \d+ between them are left out", drawn.caption)


def test_an_undefined_number_is_said_and_no_error(drawing, tmp_path):
    folder = shutil.copytree(drawing.package, tmp_path / "full")
    package = PackageFolder(folder)
    [row] = [one for one in package.rows("regions") if one["region_id"] == drawing.of["region"]]
    shape = package.mask(row["mask_file"]).shape
    package.path(row["mask_file"]).write_bytes(encode_mask(np.ones(shape, bool)))
    drawn = draw(folder, "regions", drawing.of["region"])
    assert "AUC undefined" in drawn.caption


def test_hostile_names_are_drawn_as_they_are(drawing, tmp_path):
    folder = shutil.copytree(drawing.package, tmp_path / "hostile")
    package = PackageFolder(folder)
    for table, column in (("images", "image_name"), ("classes", "class_name"), ("models", "model_name")):
        path = package.path(package.paths[table])
        rows = pd.read_csv(path, dtype=str, keep_default_na=False)
        rows[column] = [f"{HOSTILE} {number}" for number in range(len(rows))]
        rows.to_csv(path, index=False)
    for kind in ("pair", "series", "trace", "comparison"):
        drawn = draw(folder, kind, drawing.of[KINDS[kind].of])
        assert HOSTILE in drawn.alt
        assert any("No font here has" in sentence and "👩" in sentence for sentence in drawn.problems)
        for form in FORMATS:
            assert save(drawn, form, 60)
        ElementTree.fromstring(save(drawn, "svg"))


def test_what_cannot_be_drawn_is_said_in_a_sentence(drawing):
    package = drawing.package
    for kind, of, says in (
        ("poem", "x", "no figure"),
        ("pair", "nothing", "no edit"),
        ("series", "nothing", "no session"),
        ("consensus", "nothing", "Nobody marked"),
        ("curves", "nothing", "no deletion"),
        ("comparison", "magic:x", "left out"),
        ("comparison", "edit:x", "left out"),
        ("comparison", "edit:E998,edit:E999", "no edit"),
    ):
        with pytest.raises(FigureError, match=says):
            draw(package, kind, of)
    drawn = drawing.draw("pair")
    for form, dpi in (("gif", 300), ("png", 10), ("png", 5000)):
        with pytest.raises(FigureError):
            save(drawn, form, dpi)
    with pytest.raises(FigureError, match="no model"):
        drawing.draw("trace", asked=Asked("", model="nobody"))
    with pytest.raises(FigureError, match="no table of means"):
        drawing.draw("alignment", asked=Asked("", table="cases"))
    with pytest.raises(FigureError, match="by models, methods, conditions"):
        drawing.draw("multiples", asked=Asked("", by="colours"))
    with pytest.raises(NotFoundError), recorded(drawing.studied.workspace, "series", Asked(new_id())):
        pass


@pytest.mark.parametrize("by", ["models", "methods", "conditions"])
def test_multiples_have_a_scale_and_a_letter_each(drawing, by):
    drawn = drawing.draw("multiples", asked=Asked("", by=by))
    assert [axes.get_title(loc="left")[:3] for axes in drawn.panels[:3]] == ["(a)", "(b)", "(c)"]
    labels = {axes.get_xlabel() for axes in drawn.figure.axes}
    assert labels & {"share of people", "each map from its lowest to its highest value"}


def maps_in(drawn) -> list[np.ndarray]:
    """The maps of the first row of small multiples, one a column."""
    first, *others = drawn.panels
    beside = [axes for axes in others if axes.get_position().y0 == pytest.approx(first.get_position().y0)]
    return [axes.get_images()[-1].get_array() for axes in beside]


def test_multiples_by_methods_show_several_methods(drawing):
    drawn = drawing.draw_recorded("multiples", asked=Asked("", by="methods"))
    shown = maps_in(drawn)
    assert len(shown) == 4
    assert all((one != other).any() for number, one in enumerate(shown) for other in shown[:number])
    assert "class activation map, Grad-CAM, Grad-CAM++, LayerCAM" in drawn.caption
    two = drawing.draw_recorded("multiples", asked=Asked("", by="methods", method="layercam,cam"))
    assert [np.array_equal(one, other) for one, other in zip(maps_in(two), shown[::3][::-1], strict=True)] == [True] * 2
    of_models = drawing.draw_recorded("multiples", asked=Asked("", method="gradcam"))
    assert np.array_equal(maps_in(of_models)[0], shown[1])
    assert "Maps (Grad-CAM) of EfficientNet-Lite0" in of_models.caption


def test_a_regions_map_is_of_the_method_that_is_asked_for(drawing):
    # Of a network that ends in average pooling and one layer Grad-CAM's region is that of CAM.
    usual, same, other = (
        drawing.draw_recorded("regions", asked=Asked("", method=m)) for m in ("", "gradcam", "layercam")
    )
    assert (usual.panels[1].get_images()[0].get_array() != other.panels[1].get_images()[0].get_array()).any()
    for drawn, name in ((usual, "class activation map"), (same, "Grad-CAM"), (other, "LayerCAM")):
        assert f"in the {name} of EfficientNet-Lite0" in drawn.caption
    everybody = drawing.draw_recorded("consensus", asked=Asked("", method="gradcam"))
    assert re.search(r"with the Grad-CAM of EfficientNet-Lite0 −?[\d.]+", everybody.caption)
    assert everybody.cites == ("selvaraju2017",)


def test_maps_that_are_not_there_are_said_in_a_sentence(drawing):
    for kind in ("regions", "consensus", "multiples"):
        with pytest.raises(FigureError, match=r"There is no RISE map of .* for .*; there is class"):
            drawing.draw(kind, asked=Asked("", method="rise"))
    with pytest.raises(FigureError, match=r"no such map map of .*: There is no explanation method"):
        drawing.draw_recorded("regions", asked=Asked("", method="no_such_map"))
    with pytest.raises(FigureError, match="no model 'efficientnet_lite2' here: none that is called so"):
        drawing.draw_recorded("regions", asked=Asked("", model="efficientnet_lite2"))


def test_what_a_kind_does_not_depend_on_cannot_be_chosen(drawing):
    for kind, asked in (("pair", Asked("", method="cam")), ("necessity", Asked("", table="cases")),
                        ("regions", Asked("", by="methods")),
                        ("multiples", Asked("", by="conditions", model="efficientnet_lite0"))):  # fmt: skip
        with pytest.raises(FigureError, match=r"No .* can be chosen for this kind"):
            drawing.draw(kind, asked=asked)


def test_a_study_is_also_told_by_other_tables(drawing):
    means = drawing.draw("alignment", asked=Asked("", table="auc-by-picture"))
    assert "AUC of the model's map, by picture" in means.caption
    assert "Between floor and ceiling" in drawing.draw("alignment", asked=Asked("", table="ceiling")).caption


@pytest.mark.parametrize("kind", ["effect", "curves"])
def test_what_models_work_out_is_drawn_as_the_page_says_it(drawing, kind):
    drawn = drawing.draw(kind)
    if kind == "effect":
        assert "random regions" in drawn.caption
        assert "95 % interval of the mean" in drawn.caption
        assert [text.get_text() for text in drawn.panels[0].get_yticklabels()] == ["person", "model", "chance"]
    else:
        assert all(len(line.get_xdata()) == 21 for axes in drawn.panels for line in axes.get_lines())
        assert "insertion in the model's order" in drawn.caption


def test_drops_of_chance_are_the_middle_and_the_mean(drawing, tmp_path):
    folder = shutil.copytree(drawing.package, tmp_path / "effects")
    package = PackageFolder(folder)
    region = drawing.of["region"]
    path = package.path(package.paths["effects"])
    rows = pd.read_csv(path)
    rows = rows[(rows.region_id == region) & ((rows.whose != "random") | (rows.number < 4))]
    rows["drop"] = rows.whose.map({"people": 0.5, "model": 0.25}).fillna(rows.number.map({3: 0.5})).fillna(0.1)
    rows.to_csv(path, index=False)
    caption = draw(folder, "effect", region).caption
    for said in ("50.0 points", "25.0 points", "20.0 points on average", "10.0 to 47.0"):
        assert said in caption


# Colours

_PROTANOPIA = np.array(
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
)
_DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
)
_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = np.array([0.95047, 1.0, 1.08883])


def lab(linear: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of linear RGB."""
    relative = _TO_XYZ @ np.clip(linear, 0, 1) / _WHITE
    f = np.where(relative > 0.008856, np.cbrt(relative), 7.787 * relative + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def linear(colour) -> np.ndarray:
    value = np.asarray(colour, float)
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_survive_grey_print_and_colour_blindness(theme):
    """Dichromats as Machado, Oliveira & Fernandes (2009) model them, severity 1; grey is the lightness alone."""
    look = Look("acm", theme)
    colours = {"people": look.people, "model": look.model, "both": look.both, "paper": look.paper}
    pairs = [(a, b) for a in colours for b in colours if a < b]
    for name, seen in (("protanopia", _PROTANOPIA), ("deuteranopia", _DEUTERANOPIA), ("all", np.eye(3))):
        for a, b in pairs:
            distance = np.linalg.norm(lab(seen @ linear(colours[a])) - lab(seen @ linear(colours[b])))
            assert distance > 18, (name, a, b)
    for a, b in pairs:
        assert abs(lab(linear(colours[a]))[0] - lab(linear(colours[b]))[0]) > (5 if "paper" in (a, b) else 9), (a, b)


def test_what_colour_tells_apart_shape_does_too(drawing):
    [axes] = drawing.draw("necessity").panels
    shapes = {tuple(np.round(line.get_color(), 3)): line.get_marker() for line in axes.get_lines()
              if line.get_marker() not in ("None", None, "")}  # fmt: skip
    assert len(shapes) == len(set(shapes.values())) == 3


def test_shares_differ_in_lightness_and_hatching(drawing):
    [axes] = drawing.draw("cases").panels
    first = [bars[0] for bars in axes.containers[: len(axes.containers)] if bars[0].get_width() > 0]
    assert len({bar.get_hatch() for bar in axes.patches}) > 1
    lightness = [lab(linear(bar.get_facecolor()[:3]))[0] for bar in first]
    assert len(set(np.round(lightness))) > 1


# Every kind, and what each can be asked for that is drawn from other data.
DRAWN_FROM = [
    *((kind, {}) for kind in KINDS),
    ("alignment", {"table": "ceiling"}),
    ("multiples", {"by": "methods"}),
    ("multiples", {"by": "conditions"}),
    ("maps", {"by": "methods"}),
    ("consensus", {"model": "efficientnet_lite0"}),
    ("consensus", {"method": "gradcam_pp"}),
    ("regions", {"method": "layercam"}),
]


@pytest.mark.parametrize(("kind", "choices"), DRAWN_FROM)
def test_a_figure_of_the_installation_is_that_of_its_package(drawing, kind, choices):
    asked = Asked("", **choices)
    there, here = drawing.draw(kind, asked=asked), drawing.draw_recorded(kind, asked=asked)
    assert (there.caption, there.alt) == (here.caption, here.alt)
    for form in FORMATS:
        assert save(there, form, 80) == save(here, form, 80), form


def test_a_map_that_takes_long_is_worked_out_in_steps(drawing, monkeypatch):
    def unfinished(*_asked, seconds):
        assert seconds == 0.5
        raise MapNotReadyError("It", 3, 8)

    monkeypatch.setattr("dashboard.exports.package.workings.class_map", unfinished)
    asked = Asked(drawing.of["region"])
    there = recorded(drawing.studied.workspace, "regions", asked, 0.5)
    with there as source, pytest.raises(NotReadyError, match="3 of 8 steps"):
        draw(source, "regions", asked.of)


def test_of_several_maps_it_is_said_how_far_all_of_them_are(drawing):
    def unfinished(_seconds):
        raise MapNotReadyError("It", 3, 8)

    with recorded(drawing.studied.workspace, "regions", Asked(drawing.of["region"]), 0.5) as source:
        ready, waiting = (FoundMap({}, unfinished, lambda at_once=at_once: at_once) for at_once in (True, False))
        source._maps.update(a=ready, b=waiting, c=waiting)
        with pytest.raises(NotReadyError, match="11 of 24 steps"):
            source.prepare(["a", "b", "c", "b"])
        source.prepare(["a"])


def test_maps_of_another_model_that_take_long_are_worked_out_step_by_step(another, tmp_path):
    ensure_gallery(another)
    with another.database.read() as transaction:
        [image] = [one for one in queries.pictures(transaction) if one.name == "Rocket"]
    mask = np.zeros((image.working_height, image.working_width), bool)
    mask[20:60, 20:60] = True
    for author in ("Ada", "Bob"):
        manner = Manner("efficientnet_lite0", image.id, "missile", author)
        import_regions(another, [(f"{author}.png", encode_mask(mask))], manner)
    answers.of_picture(another, image, ["efficientnet_lite0", "efficientnet_lite1"])
    package = tmp_path / "package"
    write_package(another, Scope(everything=True), Choices(keep_ids=True, free_text=True, pictures="all"), package)
    asked = Asked(image.id, "efficientnet_lite1", method="occlusion")
    with pytest.raises(FigureError, match="no occlusion map of EfficientNet-Lite1 for missile here; there is"):
        draw(package, "consensus", image.id, asked=asked)
    done = [0.0]
    for _ in range(1000):
        try:
            with recorded(another, "consensus", asked, 0.3) as source:
                drawn = draw(source, "consensus", image.id, asked=asked)
            break
        except NotReadyError as unfinished:
            done.append(unfinished.done / unfinished.total)
    assert len(done) > 1
    assert done == sorted(set(done))
    assert "with the occlusion map of EfficientNet-Lite1" in drawn.caption
    # What was asked for before a package is written is in it.
    write_package(
        another, Scope(everything=True), Choices(keep_ids=True, free_text=True, pictures="all"), tmp_path / "later"
    )
    later = draw(tmp_path / "later", "consensus", image.id, asked=asked)
    assert (later.caption, save(later, "png", 80)) == (drawn.caption, save(drawn, "png", 80))


def test_files_of_both_sources_are_the_same(drawing, tmp_path):
    """The command line draws from the data folder and from a package alone."""
    from typer.testing import CliRunner

    from dashboard.cli import app

    data_dir = Path(drawing.studied.workspace.settings.data_dir)
    files = []
    for number, source in enumerate(([], ["--package", drawing.package])):
        output = tmp_path / f"{number}.png"
        arguments = ["--data-dir", data_dir, "figure", "pair", drawing.of["edit"], "-o", output, "--dpi", 80, *source]
        result = CliRunner().invoke(app, [str(one) for one in arguments])
        assert result.exit_code == 0, result.output
        assert "For those who cannot see it" in result.output
        files.append(output.read_bytes())
    assert files[0] == files[1]

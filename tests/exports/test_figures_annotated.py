"""What is put on figures: parsed, drawn true to scale, the same in every format, and kept with the figure."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image

from dashboard.exports.figures import FORMATS, KINDS, Annotation, Asked, Look, draw, parse_annotations, save
from dashboard.exports.figures.annotations import as_json
from dashboard.exports.figures.keeping import keep_annotations, kept_annotations
from dashboard.exports.figures.look import FigureError
from dashboard.exports.package import Choices, Scope, write_package
from dashboard.recording import answers
from dashboard.recording.deleting import delete_sessions, extent
from dashboard.recording.edits import apply_edit
from dashboard.recording.ids import new_id
from tests.support.edits import MODEL, edit_request, sitting
from tests.support.pictures import add_small

ALL = (
    Annotation("arrow", 0, ((0.0, 0.1), (0.5, 0.5))),
    Annotation("rectangle", 0, ((0.6, 0.1), (0.9, 0.4)), "here", "people"),
    Annotation("ellipse", 1, ((0.1, 0.1), (0.5, 0.4)), "", "both"),
    Annotation("outline", 1, ((0.5, 0.5), (0.9, 0.5), (0.7, 0.9)), "", "model"),
    Annotation("label", 1, ((0.5, 0.95),), "a $label$"),
    Annotation("callout", 0, ((0.2, 0.9), (0.4, 0.6)), "look"),
    Annotation("inset", 0, ((0.25, 0.25), (0.375, 0.375), (0.5, 0.5)), zoom=2),
)


@pytest.fixture
def edit(workspace):
    picture = add_small(workspace)
    answers.of_picture(workspace, picture, [MODEL])
    return apply_edit(workspace, edit_request(sitting(picture)))


@pytest.fixture
def package(workspace, edit, tmp_path):
    target = tmp_path / "package"
    write_package(workspace, Scope(sessions=(edit.session,)), Choices(keep_ids=True), target)
    return target


def test_they_come_out_as_they_went_in():
    assert parse_annotations(json.loads(json.dumps(as_json(ALL)))) == ALL


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({}, "a list"),
        ([1], "no object"),
        ([{"kind": "poem"}], "no kind"),
        ([{"kind": "arrow", "points": [[0, 0]]}], "2 points"),
        ([{"kind": "arrow", "points": [[0, 0], [float("nan"), 1]]}], "two shares"),
        ([{"kind": "arrow", "points": [[0, 0], [1, True]]}], "two shares"),
        ([{"kind": "label", "points": [[0, 0]]}], "needs a text"),
        ([{"kind": "label", "points": [[0, 0]], "text": "x" * 201}], "200 letters"),
        ([{"kind": "inset", "points": [[0, 0], [1, 1], [0, 0]], "zoom": 2.5}], "whole number"),
        ([{"kind": "arrow", "points": [[0, 0], [1, 1]], "colour": "pink"}], "no colour"),
        ([{"kind": "arrow", "points": [[0, 0], [1, 1]], "where": 1}], "not known"),
        ([{"kind": "highlight", "text": "a"}] * 101, "100 annotations"),
    ],
)
def test_what_is_no_annotation_is_said(content, says):
    with pytest.raises(FigureError, match=says):
        parse_annotations(content)


def test_they_are_in_every_format_and_in_words(package, edit):
    bare, drawn = draw(package, "pair", edit.id), draw(package, "pair", edit.id, annotations=ALL)
    again = draw(package, "pair", edit.id, annotations=ALL)
    for form in FORMATS:
        data = save(drawn, form, 100)
        assert data != save(bare, form, 100)
        assert data == save(again, form, 100)
    assert "the label “a $label$”" in drawn.alt
    assert "a detail enlarged 2 times" in drawn.alt
    assert ">a $label$<" in save(drawn, "svg").decode()
    moved = [axes.get_position().bounds for axes in drawn.figure.axes]
    assert np.allclose(moved, [axes.get_position().bounds for axes in bare.figure.axes])


def test_an_enlarged_detail_is_true_to_scale(package, edit):
    inset = Annotation("inset", 0, ((0.25, 0.25), (0.375, 0.5), (0.5, 0.25)), zoom=3)
    drawn = draw(package, "pair", edit.id, annotations=(inset,))
    picture, detail = drawn.panels[0].get_images()
    whole, part = np.asarray(picture.get_array()), np.asarray(detail.get_array())
    height, width = whole.shape[:2]
    top, left = round(height * 0.25), round(width * 0.25)
    assert (part == whole[top : top + part.shape[0], left : left + part.shape[1]]).all()
    x0, x1, y1, y0 = detail.get_extent()
    assert (x1 - x0, y1 - y0) == (3 * part.shape[1], 3 * part.shape[0])
    assert detail.get_interpolation() == "none"
    assert (drawn.panels[0].get_xlim(), drawn.panels[0].get_ylim()) == ((-0.5, width - 0.5), (height - 0.5, -0.5))


@pytest.mark.parametrize(
    ("one", "says"),
    [
        (Annotation("inset", 0, ((0, 0), (0.9, 0.9), (0, 0)), zoom=4), "does not fit"),
        (Annotation("arrow", 7, ((0, 0), (1, 1))), "panel 8, and the figure has 2"),
        (Annotation("highlight", text="unicorn"), "no class “unicorn”"),
    ],
)
def test_what_has_no_place_is_said(package, edit, one, says):
    with pytest.raises(FigureError, match=says):
        draw(package, "pair", edit.id, annotations=(one,))


def test_a_class_stands_out(package, edit):
    bare = draw(package, "pair", edit.id)
    name = next(text.get_label() for text in bare.figure.axes[2].texts if text.get_label())
    drawn = draw(package, "pair", edit.id, Look(letters=False), annotations=(Annotation("highlight", text=name),))
    boxed = [text for axes in drawn.figure.axes for text in axes.texts if text.get_bbox_patch() is not None]
    assert {text.get_label() for text in boxed} == {name}


def test_they_are_kept_with_the_figure_and_go_with_it(workspace, edit):
    keep_annotations(workspace, "pair", Asked(edit.id), ALL)
    keep_annotations(workspace, "pair", Asked(edit.id), ALL[:2])
    keep_annotations(workspace, "pair", Asked(edit.id, MODEL), ALL[1:])
    assert kept_annotations(workspace, "pair", Asked(edit.id)) == ALL[:2]
    assert kept_annotations(workspace, "pair", Asked(edit.id, MODEL)) == ALL[1:]
    assert kept_annotations(workspace, "series", Asked(edit.id)) == ()
    selection = {"items": [f"session:{edit.session}"]}
    going = extent(workspace, selection)
    delete_sessions(workspace, new_id(), selection, {"sessions": going.sessions, "edits": going.edits})
    for model in ("", MODEL):
        assert kept_annotations(workspace, "pair", Asked(edit.id, model)) == ()


OTHERS = {"model": "m", "class_name": 'an "egg" 👩\u200d🔬', "method": "rise", "table": "auc", "by": "methods"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_figure_is_told_from_others_by_its_own_choices_alone(kind):
    usual = KINDS[kind].choices(Asked("x"))
    assert usual == {}
    changed = {name for name, value in OTHERS.items() if KINDS[kind].choices(Asked("x", **{name: value})) != usual}
    assert changed == {*KINDS[kind].accepts, *(("by", *KINDS[kind].by["models"]) if KINDS[kind].by else ())}
    for by, accepts in KINDS[kind].by.items():
        usual = KINDS[kind].choices(Asked("x", by=by))
        asked = {name: Asked("x", by=by, **{name: value}) for name, value in OTHERS.items() if name != "by"}
        assert {name for name, one in asked.items() if KINDS[kind].choices(one) != usual} == set(accepts)


def test_every_choice_has_annotations_of_its_own(stored):
    table, by = Asked("s", table="auc-by-picture"), Asked("s", by="conditions")
    keep_annotations(stored, "alignment", Asked("s"), ALL)
    keep_annotations(stored, "alignment", table, ALL[:1])
    keep_annotations(stored, "multiples", Asked("s"), ALL[:3])
    assert kept_annotations(stored, "multiples", by) == ()
    # The usual table by its name, and what this kind does not depend on, make no other figure.
    assert kept_annotations(stored, "alignment", Asked("s", "m", "c", "rise", "iou-by-class", "methods")) == ALL
    both = [Asked("p", **{name: OTHERS[name] for name in names}) for names in (("model", "class_name"), ("model",))]
    for asked, some in zip(both, (ALL[:2], ALL[4:]), strict=True):
        keep_annotations(stored, "consensus", asked, some)
    assert [kept_annotations(stored, "consensus", asked) for asked in both] == [ALL[:2], ALL[4:]]
    keep_annotations(stored, "alignment", Asked("s"), ())
    assert kept_annotations(stored, "alignment", Asked("s")) == ()
    assert kept_annotations(stored, "alignment", table) == ALL[:1]


@pytest.mark.parametrize(
    ("kind", "asked"),
    [("poem", Asked("x")), ("pair", Asked("x" * 1025)), ("pair", Asked("é" * 600)), ("pair", Asked("x", "m" * 1024))],
)
def test_what_cannot_be_kept_is_said(stored, kind, asked):
    with pytest.raises(FigureError):
        keep_annotations(stored, kind, asked, ALL)


def test_the_command_line_takes_them_from_a_file_or_from_what_is_kept(workspace, edit, tmp_path):
    from typer.testing import CliRunner

    from dashboard.cli import app

    def figure(*more):
        output = tmp_path / "f.png"
        arguments = ["--data-dir", workspace.settings.data_dir, "figure", "pair", edit.id, "-o", output, "--dpi", 72]
        result = CliRunner().invoke(app, [str(one) for one in (*arguments, *more)])
        return result, output.read_bytes() if output.exists() else b""

    _, bare = figure()
    file = tmp_path / "a.json"
    file.write_text(json.dumps(as_json(ALL)))
    result, given = figure("--annotations", file)
    assert result.exit_code == 0, result.output
    keep_annotations(workspace, "pair", Asked(edit.id), ALL)
    _, kept = figure()
    assert bare != given == kept
    assert figure("--model", MODEL)[1] == bare
    file.write_text("[")
    result, _ = figure("--annotations", file)
    assert result.exit_code == 1
    assert "cannot be read as JSON" in result.output
    assert Image.open(io.BytesIO(bare)).format == "PNG"

"""Figures for the pages: offered, drawn, fetched; what is put on them; errors in a sentence."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from dashboard.recording import answers
from dashboard.recording.edits import apply_edit
from dashboard.recording.ids import new_id
from dashboard.settings import Settings
from tests.support.edits import MODEL, OTHER_MODEL, edit_request, sitting

API = "/api/v1/figures"
LABEL = {"kind": "label", "panel": 0, "points": [[0.5, 0.5]], "text": "here", "colour": "ink", "zoom": 3}


@pytest.fixture
def edit(workspace, picture):
    answers.of_picture(workspace, picture, [MODEL])
    return apply_edit(workspace, edit_request(sitting(picture)))


def asked(edit, **more):
    return {"kind": "pair", "asked": {"of": edit.id}, "format": "png", "dpi": 72, **more}


def test_a_session_offers_its_edits_and_itself(client, edit):
    found = client.get(f"{API}/offers?what=session&of={edit.session}").get_json()
    kinds = {one["kind"]: one["of"] for one in found["kinds"]}
    assert list(kinds) == ["pair", "series", "trace"]
    assert kinds["pair"] == [{"of": edit.id, "label": "Step 1, mean"}]


def menus(client, what, of, **shown):
    """What can be chosen: a menu's values by kind, by the kind of columns (empty without) and by name."""
    found = client.get(f"{API}/offers", query_string={"what": what, "of": of, **shown}).get_json()
    return {
        one["kind"]: {
            by: {name: [option["value"] for option in menu] for name, menu in choices.items()}
            for by, choices in [("", one["choices"]), *((by["value"], by["choices"]) for by in one["by"])]
        }
        for one in found["kinds"]
    }


NOTHING = {"model": [], "class_name": [], "method": [], "table": []}


def test_only_what_can_be_drawn_is_offered(client, workspace, edit, picture):
    assert menus(client, "session", edit.session)["pair"][""] == NOTHING
    answers.of_picture(workspace, picture, [OTHER_MODEL])  # it has not answered the edit
    assert menus(client, "session", edit.session)["pair"][""] == NOTHING
    answers.of_edit(workspace, edit, [OTHER_MODEL])
    found = menus(client, "session", edit.session)
    assert found["pair"][""] == found["series"][""] == NOTHING | {"model": ["", MODEL, OTHER_MODEL]}
    answered = (answers.of_picture(workspace, picture, [MODEL, OTHER_MODEL]),
                answers.of_edit(workspace, edit, [MODEL, OTHER_MODEL]))  # fmt: skip
    tops = {one.top_label for several in answered for one in several.values()}
    assert len(tops) > 1
    classes = found["trace"][""]["class_name"]
    assert {*classes} == {"", *tops}
    for name in tops:
        of = {"of": edit.session, "class_name": name, "model": OTHER_MODEL}
        drawn = client.post(API, json=asked(edit) | {"kind": "trace", "asked": of}).get_json()
        assert f"probability of {name} by EfficientNet-Lite1" in drawn["caption"]


def test_of_a_picture_that_no_model_answered_nothing_is_offered(client, picture):
    assert menus(client, "image", picture.id) == {}


def test_what_is_compared_is_offered_as_small_multiples_first_as_it_is_seen(client, workspace, edit, picture):
    answers.of_picture(workspace, picture, [MODEL, OTHER_MODEL])
    answers.of_edit(workspace, edit, [MODEL, OTHER_MODEL])
    of = f"image:{picture.id},edit:{edit.id}"
    found = menus(client, "comparison", of, model=OTHER_MODEL, class_name="tabby")
    assert list(found) == ["comparison", "maps"]
    assert found["comparison"][""] == NOTHING | {"model": ["", MODEL, OTHER_MODEL]}
    by_models, by_methods = found["maps"]["models"], found["maps"]["methods"]
    assert by_models["model"] == ["", OTHER_MODEL]
    assert by_methods["model"] == ["", MODEL, OTHER_MODEL]
    assert {"", "tabby"} < {*by_models["class_name"]}
    assert by_models["method"][:3] == ["", "cam", "gradcam"]
    assert by_methods["method"][:2] == ["", "cam,gradcam,gradcam_pp,layercam,occlusion"]
    alone = menus(client, "image", picture.id)
    assert list(alone) == ["maps"]
    for several, by, says in (
        (of, "models", "Maps (class activation map) of EfficientNet-Lite0, EfficientNet-Lite1"),
        (f"image:{picture.id}", "methods", "Maps of EfficientNet-Lite0: class activation map, Grad-CAM"),
    ):
        wanted = {"kind": "maps", "asked": {"of": several, "by": by, "class_name": "tabby"}}
        drawn = next(
            found
            for found in (client.post(API, json=asked(edit) | wanted).get_json() for _ in range(1000))
            if "done" not in found
        )
        assert drawn["caption"].startswith(says)
        assert len(drawn["panels"]) == (6 if by == "models" else 5)


@pytest.mark.parametrize("form", ["png", "tiff", "svg", "pdf"])
def test_the_preview_is_the_file(client, edit, form):
    found = client.post(API, json=asked(edit, format=form)).get_json()
    shown = client.get(f"{API}/files/{found['shown']}")
    file = client.get(f"{API}/files/{found['file']}?as={found['name']}")
    assert shown.mimetype == {"png": "image/png", "tiff": "image/png"}.get(form, "image/svg+xml")
    assert f"pair.{form}" in file.headers["Content-Disposition"]
    assert (shown.data == file.data) == (form in ("png", "svg"))
    assert len(found["panels"]) == 2
    assert all(0 <= left < right <= 1 and 0 <= top < bottom <= 1 for left, top, right, bottom in found["panels"])
    assert found["caption"] in found["alt"]
    assert "\\includegraphics{pair." in found["latex"]
    assert "@" in found["references"]


def test_only_what_is_drawn_is_written_and_nothing_else_that_is_recorded_matters(
    client, workspace, edit, picture, tmp_path, monkeypatch
):
    root = tmp_path / "figures"  # the usual one is shared by all that run tests
    monkeypatch.setattr(Settings, "figures_dir", root)
    found = client.post(API, json=asked(edit)).get_json()
    assert [path.name for path in root.iterdir()] == [found["file"]]
    first = (root / found["file"]).read_bytes()
    apply_edit(workspace, edit_request(sitting(picture)))
    assert client.post(API, json=asked(edit)).get_json() == found
    assert (root / found["file"]).read_bytes() == first
    assert [path.name for path in root.iterdir()] == [found["file"]]


def test_a_figure_is_of_what_is_recorded_now(client, workspace, picture):
    answers.of_picture(workspace, picture, [MODEL])
    where = sitting(picture)
    edit = apply_edit(workspace, edit_request(where))
    of = {"kind": "series", "asked": {"of": edit.session}}
    first = client.post(API, json=asked(edit) | of).get_json()
    apply_edit(workspace, edit_request(where, parent=edit.id))
    again = client.post(API, json=asked(edit) | of).get_json()
    assert "2 edits one after the other" in again["caption"]
    assert first["caption"] != again["caption"]


def test_what_is_put_on_a_figure_is_drawn_and_kept(client, edit):
    bare = client.post(API, json=asked(edit)).get_json()
    with_label = client.post(API, json=asked(edit, annotations=[LABEL])).get_json()
    assert bare["file"] != with_label["file"]
    assert "the label “here”" in with_label["alt"]
    put = {"kind": "pair", "asked": {"of": edit.id, "model": MODEL}, "annotations": [LABEL]}
    assert client.put(f"{API}/annotations", json=put).get_json() == {"annotations": [LABEL]}
    kept = f"{API}/annotations?kind=pair&of={edit.id}"
    assert client.get(f"{kept}&model={MODEL}&table=&by=models").get_json() == {"annotations": [LABEL]}
    assert client.get(f"{kept}&model=&table=&by=models").get_json() == {"annotations": []}


def test_what_is_put_on_no_figure_is_one_sentence(client, edit):
    for answer, says in (
        (client.put(f"{API}/annotations", json={"kind": "pair", "of": edit.id, "annotations": [LABEL]}), "what the"),
        (client.put(f"{API}/annotations", json={"kind": "poem", "asked": {"of": edit.id}}), "no figure"),
        (client.get(f"{API}/annotations?kind=pair&of={edit.id}&mood=y"), "no choice"),
        (client.get(f"{API}/annotations?kind=pair"), "what the figure is of"),
        (client.get(f"{API}/annotations?kind=poem&of={edit.id}"), "no figure"),
    ):
        assert answer.status_code == 422
        assert says in answer.get_json()["error"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"kind": "poem"}, "no figure"),
        ({"format": "gif"}, "no format"),
        ({"dpi": 1}, "between 50 and 1200"),
        ({"dpi": "many"}, "whole number"),
        ({"look": {"width": "huge"}}, "no width"),
        ({"look": {"theme": "pink"}}, "light or dark"),
        ({"look": {"letters": 1}}, "true or false"),
        ({"asked": {"of": "x"}}, "id"),
        ({"asked": {}}, "what the figure is of"),
        ({"asked": {"of": "x", "mood": "y"}}, "no choice"),
        ({"annotations": [{"kind": "poem"}]}, "no kind"),
    ],
)
def test_what_cannot_be_drawn_is_one_sentence(client, edit, change, says):
    answer = client.post(API, json=asked(edit) | change)
    assert answer.status_code == 422
    assert says in answer.get_json()["error"]


@pytest.mark.parametrize("name", ["..%2f..%2fsecret", "x.png", ".hidden.png", "%00.png"])
def test_nothing_else_is_handed_out(client, edit, name):
    assert client.get(f"{API}/files/{name}").status_code == 404


def test_of_what_is_not_there_nothing_is_offered(client):
    for what, of, status in (("session", new_id(), 404), ("image", new_id(), 404), ("study", "none", 404),
                             ("comparison", "x", 422), ("poem", "x", 422)):  # fmt: skip
        answer = client.get(f"{API}/offers?what={what}&of={of}")
        assert answer.status_code == status, what
        assert answer.get_json()["error"].endswith(".")


def test_every_drawn_svg_can_be_read(client, edit):
    odd = LABEL | {"text": "bell\x07 \ufffe"}
    found = client.post(API, json=asked(edit, format="svg", annotations=[odd])).get_json()
    ElementTree.fromstring(client.get(f"{API}/files/{found['file']}").data)


def test_half_letters_and_lines_in_names_are_refused(client, edit):
    found = client.post(API, json=asked(edit)).get_json()
    for answer in (
        client.post(API, json=asked(edit) | {"asked": {"of": "\ud800"}}),
        client.post(API, json=asked(edit, annotations=[LABEL | {"text": "\ud800"}])),
        client.get(f"{API}/files/{found['file']}", query_string={"as": "a\r\nb: c"}),
    ):
        assert answer.status_code == 422

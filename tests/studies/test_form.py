"""The form of a design holds all of it, and gives it back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboard.components.design_form import FIELD, Form
from dashboard.components.design_words import SECTIONS
from dashboard.studies.design import Design
from dashboard.studies.design_yaml import DesignError, from_content, from_yaml, to_content
from dashboard.studies.form_content import change, collect, field_at, from_form, to_form
from dashboard.studies.outline import fields_of, find, new_item
from tests.support.participating import DESIGN

EXAMPLES = Path(__file__).parents[2] / "docs" / "studies"


def fields_in(component: Any) -> Iterator[tuple[str, str, Any]]:
    """(place, kind, value) of every field, as the browser sends them."""
    if isinstance(component, list | tuple):
        for one in component:
            yield from fields_in(one)
    elif hasattr(component, "to_plotly_json"):
        own = getattr(component, "id", None)
        if isinstance(own, dict) and own["type"] == FIELD:
            yield own["path"], own["kind"], getattr(component, "value", None)
        yield from fields_in(getattr(component, "children", None))


def shown(form: dict[str, Any]) -> list[tuple[str, str, Any]]:
    return list(fields_in(Form(form.get("languages") or ["en"], {}).sections(form)))


@pytest.mark.parametrize("name", ["cats-and-cups", "every-kind"])
def test_the_form_gives_back_the_design_that_it_shows(name):
    design = from_yaml((EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8"))
    form = to_form(to_content(design))
    values = shown(form)
    assert from_content(from_form(collect(form, values))) == design
    places = [place for place, *_ in values]
    assert len(places) == len(set(places))


def test_every_field_of_a_design_has_its_place_in_the_form():
    names = [name for *_, names in SECTIONS for name in names]
    assert sorted(names) == sorted(one.name for one in fields_of())


def test_what_is_typed_arrives_where_it_belongs():
    form = to_form(to_content(Design.model_validate(DESIGN)))
    typed = [
        ("title@en", "text", "A study"),
        ("title@de", "text", "Eine Studie"),
        ("blocks/0/trials/1/seconds", "number", 30.5),
        ("blocks/0/trials/1/live_answers", "yes_no", False),
        ("image_sets/0/name", "word", "renamed"),
        ("blocks/0/images/set", "word", "renamed"),
        ("languages", "words", "en, de"),
        ("finished/code", "word", "  "),
        ("quota", "whole", 12.0),
        ("factors/0/levels/0/set", "mapping", "erase: {live_answers: true}"),
    ]
    design = from_content(from_form(collect(form, typed)))
    assert design.title == {"en": "A study", "de": "Eine Studie"}
    erase = design.blocks[0].trials[1]
    assert (erase.seconds, erase.live_answers) == (30.5, False)  # type: ignore[union-attr]
    assert list(design.image_sets) == ["renamed"]
    assert design.finished.code is None
    assert (design.quota, type(design.quota)) == (12, int)
    assert design.factors[0].levels[0].options == {"erase": {"live_answers": True}}


def test_an_emptied_limit_is_no_limit_and_not_the_usual_one():
    form = to_form(to_content(Design.model_validate(DESIGN)))
    erase = (
        from_content(from_form(collect(form, [("blocks/0/trials/1/most_edits", "whole", None)]))).blocks[0].trials[1]
    )
    assert erase.most_edits is None  # type: ignore[union-attr]


def test_the_same_text_in_every_language_is_one_text():
    form = {"languages": ["en", "de"]}
    same = collect(form, [("title@en", "text", "Regionscope"), ("title@de", "text", "Regionscope")])
    assert same["title"] == "Regionscope"
    one = collect(form, [("title@en", "text", "Regionscope"), ("title@de", "text", "")])
    assert one["title"] == {"en": "Regionscope"}


def test_what_is_no_mapping_stays_as_it_was_written_and_is_named():
    form = collect({}, [("class_names", "mapping", "just words")])
    assert form["class_names"] == "just words"
    with pytest.raises(DesignError, match="class_names"):
        from_content(from_form(form))


def test_parts_are_added_with_names_of_their_own_moved_and_removed():
    form: dict[str, Any] = {}
    form = change(form, "add", "blocks")
    form = change(form, "add", "blocks")
    assert [one["key"] for one in form["blocks"]] == ["block", "block_2"]
    form = change(form, "add", "blocks/1/trials", "predict")
    assert [(one["kind"], one["key"]) for one in form["blocks"][1]["trials"]] == [
        ("mark", "mark_2"),
        ("predict", "predict"),
    ]
    form = change(form, "up", "blocks/1")
    assert [one["key"] for one in form["blocks"]] == ["block_2", "block"]
    form = change(form, "down", "blocks/1")
    assert [one["key"] for one in form["blocks"]] == ["block_2", "block"]
    form = change(form, "remove", "blocks/0")
    assert [one["key"] for one in form["blocks"]] == ["block"]
    assert change(form, "remove", "blocks/7") == form


def test_changing_leaves_what_was_there_alone():
    form = {"blocks": [{"key": "a"}]}
    change(form, "remove", "blocks/0")
    collect(form, [("blocks/0/key", "word", "b")])
    assert form == {"blocks": [{"key": "a"}]}


def test_a_new_part_holds_at_least_what_it_must():
    factor = new_item(find("", "factors"), "", {})
    assert [one["key"] for one in factor["levels"]] == ["level", "level_2"]
    assert new_item(find("", "image_sets"), "", {"image_sets": [{"name": "pictures"}]}) == {"name": "pictures_2"}


def test_two_sets_of_one_name_are_refused_and_none_is_lost():
    with pytest.raises(DesignError, match="two of them are called cats"):
        from_form({"image_sets": [{"name": "cats"}, {"name": "cats"}]})


def test_a_place_names_its_field():
    form = {"blocks": [{"trials": [{"kind": "explore", "questions": [{"kind": "choice"}]}]}]}
    assert field_at(form, "blocks/0/trials/0/methods").kind == "words"
    assert field_at(form, "blocks/0/trials/0/questions/0/several").kind == "yes_no"
    with pytest.raises(StopIteration):
        field_at(form, "blocks/0/trials/0/questions/0/steps")


def test_the_form_of_an_unfinished_design_can_be_shown():
    form = change(change({}, "add", "blocks"), "add", "questionnaires")
    assert any(place == "blocks/0/trials/0/of" for place, *_ in shown(form))
    assert yaml.safe_dump(from_form(collect(form, shown(form))))

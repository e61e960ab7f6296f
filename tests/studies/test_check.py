from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dashboard.studies.check import check, estimated_minutes
from tests.studies.designs import available, block, example, pictures, small

GERMAN = {"kind": "mark", "key": "mark", "task": {"de": "Na?"}}
LONG = {"kind": "explore", "key": "explore", "goal": "Look around.", "seconds": 10}


def marking(**options: Any) -> dict[str, Any]:
    return block(trials=[{"kind": "mark", "key": "mark", "of": "class", **options}])


def both(text: str) -> dict[str, str]:
    return {"en": text, "de": f"{text} (deutsch)"}


IN_TWO: dict[str, Any] = {
    "languages": ["en", "de"], "consent": both("Yes?"), "privacy": both("Nothing."), "end": both("Bye"),
}  # fmt: skip


def asking(text: Any, option: str) -> dict[str, Any]:
    options = [{"key": "a", "text": option}, {"key": "b", "text": "7"}]
    question = {"kind": "choice", "key": "which", "text": text, "options": options}
    return block(trials=[{"kind": "mark", "key": "mark", "questions": [question]}])


def at_a_level(options: dict[str, Any], kind: str = "between") -> dict[str, Any]:
    levels = [{"key": "a"}, {"key": "b", "set": {"mark": options}}]
    return {"factors": [{"key": "how", "kind": kind, "levels": levels}]}


def without_instructions(kind: str) -> dict[str, Any]:
    levels = [{"key": "a"}, {"key": "b", "instructions_shown": False}]
    return {"instructions": [{"text": "Look."}], "factors": [{"key": "how", "kind": kind, "levels": levels}]}


def test_the_duration_is_that_of_the_longest_condition():
    base = {"image_sets": {"cats": {"pictures": ["Tom", "Kit"]}}, "blocks": [block(trials=[LONG])]}
    levels = [{"key": "short"}, {"key": "long", "set": {"explore": {"seconds": None}}}]
    assert estimated_minutes(small(**base), available()) == 2
    assert estimated_minutes(small(**base, factors=[{"key": "how", "levels": levels}]), available()) == 5


def test_the_example_is_ready_to_open():
    design = example()
    there = available(**{key: pictures(*one.pictures) for key, one in design.image_sets.items()})
    there = replace(there, pictures={page.picture for page in design.instructions})
    assert check(design, there) == []
    assert estimated_minutes(design, there) == 8


@pytest.mark.parametrize(
    ("changes", "level", "place", "sentence"),
    [
        ({"models": ["magic"]}, "error", "models", "There is no model magic here"),
        ({**IN_TWO, "end": {"en": "Bye"}}, "error", "end", "no text in the language de"),
        ({**IN_TWO, "title": "Cats", "contact": "Ann"}, None, "", ""),
        ({**IN_TWO, "consent": "Yes?"}, "warning", "consent", "the same text in every language (en, de)"),
        ({**IN_TWO, "privacy": {"en": "Nothing.", "de": "Nothing."}}, "warning", "privacy", "the same text"),
        ({**IN_TWO, "end": "Bye"}, "warning", "end", "the same text"),
        ({**IN_TWO, "instructions": [{"text": "Look."}]}, "warning", "instructions, number 1, text", "the same text"),
        ({**IN_TWO, "blocks": [asking("Which?", "Yes")]}, "warning", "blocks, number 1", "the same text"),
        ({**IN_TWO, "blocks": [asking(both("Which?"), "Yes")]}, None, "", ""),
        ({**IN_TWO, **at_a_level({"task": "Well?"})}, "warning", "trial mark at how=b, task", "the same text"),
        ({**IN_TWO, **at_a_level({"task": both("Well?")})}, None, "", ""),
        ({"languages": ["fr"]}, "warning", "languages", "not in fr"),
        ({"image_sets": {"cats": {"pictures": ["Tom", "Rex"]}}}, "error", "image_sets, cats", "called Rex"),
        ({"blocks": [block(images={"set": "cats", "count": 9})]}, "error", "blocks", "needs 9 pictures; there are 2"),
        ({"quota": 20, "blocks": [block(order="latin_square")], "tries": 2}, None, "", ""),
        ({"quota": 21, "blocks": [block(order="latin_square")]}, "warning", "block main", "unbalanced"),
        ({"place_minutes": 1}, "error", "place_minutes", "given away after 1 minutes"),
        ({"finished": {"redirect": "http://a.org/"}}, "warning", "finished", "not https"),
        ({"closes": "2020-01-01T00:00Z"}, "error", "closes", "This time is over"),
        ({"instructions": [{"text": "Look.", "picture": "Rex"}]}, "error", "instructions, number 1", "called Rex"),
        ({"blocks": [marking()]}, "error", "trial mark", "does not say which"),
        ({"blocks": [marking(class_name="dog")]}, "warning", "trial mark", "efficientnet_lite0 has no class “dog”"),
        ({"blocks": [marking(class_name="cat")]}, None, "", ""),
        ({"blocks": [marking(class_name="cat", model="magic")]}, "error", "trial mark", "There is no model magic"),
        (at_a_level({"of": "class"}), "error", "trial mark at how=b", "does not say which"),
        (at_a_level({"model": "efficientnet_lite1"}), "error", "trial mark at how=b", "none of the study's models"),
        (at_a_level({"task": {"de": "Na?"}}), "error", "trial mark at how=b, task", "no text in the language en"),
        (at_a_level({"confidence": False}), None, "", ""),
        ({"blocks": [block(trials=[GERMAN])], **at_a_level({"confidence": False})}, "error", "blocks", "language en"),
        ({"quota": 21, **at_a_level({"confidence": False}, "within")}, "warning", "factors, within", "unbalanced"),
        (without_instructions("within"), "error", "factor how, level b", "only a factor between"),
        (without_instructions("between"), None, "", ""),
    ],
)
def test_what_is_wrong_or_unwise_is_listed(changes, level, place, sentence):
    there = replace(available(), models={"efficientnet_lite0", "efficientnet_lite1"},
                    classes={"efficientnet_lite0": ["cat"]})  # fmt: skip
    found = check(small(**changes), there)
    if level is None:
        assert found == []
        return
    [finding] = found
    assert finding.level == level
    assert finding.place.startswith(place)
    assert sentence in finding.sentence


def test_levels_must_be_options_of_the_trials():
    def levels(options):
        return [{"key": "a", "set": {"mark": options}}, {"key": "b"}]

    def of(options):
        design = small(factors=[{"key": "how", "levels": levels(options)}])
        return [finding.sentence for finding in check(design, available())]

    assert of({"confidence": False}) == []
    assert of({"confidence": "perhaps"}) == ["The trial mark does not take this value of confidence."]
    assert of({"colour": "red"}) == ["The trial mark does not take this value of colour."]
    why = {"kind": "text", "key": "why", "text": "Why?"}
    assert of({"questions": [why]}) == []
    assert of({"questions": [why, why]}) == ["Two questions of mark are called why."]
    [kept] = of({"questions": [why | {"key": "region"}]})
    assert kept.startswith("A question of mark is called region, as something that the trial itself keeps")
    assert of({}) == ["Its levels change nothing, so its conditions are alike."]


def test_unlabelled_pictures_cannot_be_asked_about_by_their_label():
    unlabelled = available(cats=pictures("Tom", "Kit", label=None))
    [finding] = check(small(), unlabelled)
    assert (finding.level, finding.place) == ("error", "trial mark")
    of_the_top_answer = block(trials=[{"kind": "mark", "key": "mark", "of": "top"}])
    assert check(small(blocks=[of_the_top_answer]), unlabelled) == []

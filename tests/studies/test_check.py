from __future__ import annotations

import pytest

from dashboard.studies.check import check, estimated_minutes
from tests.studies.designs import available, block, example, pictures, small


def test_the_example_is_ready_to_open():
    design = example()
    there = available(**{key: pictures(*one.pictures) for key, one in design.image_sets.items()})
    assert check(design, there) == []
    assert estimated_minutes(design, there) == 8


@pytest.mark.parametrize(
    ("changes", "level", "place", "sentence"),
    [
        ({"models": ["magic"]}, "error", "models", "There is no model magic here"),
        ({"languages": ["en", "de"], "end": {"en": "Bye"}}, "error", "end", "no text in the language de"),
        ({"languages": ["fr"]}, "warning", "languages", "not in fr"),
        ({"image_sets": {"cats": {"pictures": ["Tom", "Rex"]}}}, "error", "image_sets, cats", "called Rex"),
        ({"blocks": [block(images={"set": "cats", "count": 9})]}, "error", "blocks", "needs 9 pictures; there are 2"),
        ({"quota": 20, "blocks": [block(order="latin_square")], "tries": 2}, None, "", ""),
        ({"quota": 21, "blocks": [block(order="latin_square")]}, "warning", "block main", "unbalanced"),
        ({"place_minutes": 1}, "error", "place_minutes", "given away after 1 minutes"),
        ({"finished": {"redirect": "http://a.org/"}}, "warning", "finished", "not https"),
    ],
)
def test_what_is_wrong_or_unwise_is_listed(changes, level, place, sentence):
    found = check(small(**changes), available())
    if level is None:
        assert found == []
        return
    [finding] = found
    assert (finding.level, finding.place) == (level, place)
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
    assert of({}) == ["Its levels change nothing, so its conditions are alike."]


def test_unlabelled_pictures_cannot_be_asked_about_by_their_label():
    unlabelled = available(cats=pictures("Tom", "Kit", label=None))
    [finding] = check(small(), unlabelled)
    assert (finding.level, finding.place) == ("error", "trial mark")
    of_the_top_answer = block(trials=[{"kind": "mark", "key": "mark", "of": "top"}])
    assert check(small(blocks=[of_the_top_answer]), unlabelled) == []

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.studies.design_yaml import DesignError, from_content, from_yaml, to_content, to_yaml
from tests.studies.designs import block, content, example, small

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40).filter(
    str.strip
)


def test_the_example_is_read_and_written_without_a_change():
    design = example()
    assert design.languages == ("en", "de")
    assert [trial.kind for part in design.blocks for trial in part.trials] == ["mark", "erase"]
    again = from_yaml(to_yaml(design))
    assert again == design
    assert again.sha256 == design.sha256


@given(title=TEXTS, consent=TEXTS, end=st.dictionaries(st.sampled_from(["en", "de", "fr"]), TEXTS, min_size=1))
def test_any_text_survives_the_way_there_and_back(title, consent, end):
    design = small(title=title, consent=f"{consent}\n\n- a: {title}\n# {title}", end=end)
    assert from_yaml(to_yaml(design)) == design
    assert from_content(to_content(design)) == design


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: [", "The file is no YAML near line 1."),
        ("slug: a\nslug: b", "The file is no YAML near line 2."),
        ("!!python/object/apply:os.getcwd []", "The file is no YAML near line 1."),
        ("- a\n- b", "A study is a list of names and values, beginning with regionscope_study: 1."),
        ("? [a, b]\n: c", "The file is no YAML near line 1."),
    ],
)
def test_what_is_no_study_is_said(text, sentence):
    with pytest.raises(DesignError) as error:
        from_yaml(text)
    assert str(error.value) == sentence


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"slug": "Two Words"}, "slug: only small letters, digits and, between them, - fit here."),
        ({"blocks": []}, "blocks: at least 1 is needed."),
        ({"blocks": [block(images={"set": "dogs"})]}, "draws from a set dogs that is not there"),
        ({"blocks": [block(), block()]}, "two blocks are called main"),
        ({"blocks": [block(trials=[{"kind": "draw", "key": "x"}])]}, "blocks, number 1, trials, number 1"),
        ({"image_sets": {"cats": {}}}, "it needs either pictures or library_set"),
        ({"end": {}}, "end"),
        ({"colour": "red"}, "colour: there is no such field."),
        ({"quota": 0}, "quota: input should be greater than or equal to 1."),
        ({"opens": "2026-05-02T00:00:00Z", "closes": "2026-05-01T00:00:00Z"}, "it closes before it opens"),
        ({"opens": "2026-05-02T00:00:00"}, "opens: it needs a time zone, such as +01:00."),
    ],
)
def test_what_is_wrong_is_said_with_its_place(changes, sentence):
    with pytest.raises(DesignError) as error:
        from_content(content(**changes))
    assert sentence in str(error.value)


def test_many_mistakes_are_summed_up():
    with pytest.raises(DesignError, match="And 4 more"):
        from_content({f"name{number}": 1 for number in range(4)})

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.studies import store
from dashboard.studies.check_trials import check_trials
from dashboard.studies.design import Design
from dashboard.studies.design_yaml import DesignError, from_content, from_yaml, in_use, plain_yaml, to_content, to_yaml
from dashboard.studies.drafting import judge, keep
from dashboard.studies.form_content import to_form
from tests.studies.designs import available, block, content, example, small

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


def _asking(*keys, kind="mark"):
    questions = [{"kind": "text", "key": key, "text": "Why?"} for key in keys]
    return [block(key="asking", trials=[{"kind": kind, "key": "one", "questions": questions}])]


@pytest.mark.parametrize(
    ("kind", "keys", "sentence"),
    [
        ("mark", ("why", "how", "why"), "two questions of one are called why"),
        ("rate", ("why", "why"), "two questions of one are called why"),
        ("rate", ("timed_out",), "a question of one is called timed_out, as something that the trial itself keeps"),
        ("mark", ("region",), "a question of one is called region"),
        ("mark", ("sure",), "a question of one is called sure"),
        ("predict", ("class",), "a question of one is called class"),
        ("erase", ("removed_area",), "a question of one is called removed_area"),
        ("erase", ("edit",), "a question of one is called edit"),
        ("compare", ("seconds",), "a question of one is called seconds"),
    ],
)
@pytest.mark.parametrize("part", ["blocks", "practice"])
def test_no_answer_takes_the_place_of_another(part, kind, keys, sentence):
    there = content(**{part: _asking(*keys, kind=kind)})
    for refused in (lambda: from_content(there), lambda: from_yaml(plain_yaml(there))):
        with pytest.raises(DesignError) as error:
            refused()
        assert str(error.value).startswith(f"The study: {sentence}")


def test_what_one_kind_of_trial_keeps_can_be_asked_after_another():
    design = small(blocks=_asking("sure", "why", "region", kind="rate"))
    assert from_yaml(to_yaml(design)) == design


def test_the_forms_save_refuses_two_questions_of_one_name_and_keeps_nothing(workspace):
    form = to_form(content(blocks=_asking("why", "why")))
    assert "two questions of one are called why" in judge(workspace, form).unreadable
    with pytest.raises(DesignError, match="two questions of one are called why"):
        keep(workspace, form, "", "")
    assert store.everything(workspace) == []


def test_a_study_that_was_taken_is_read_whatever_is_refused_of_new_ones():
    there = content(blocks=_asking("why", "why"))
    design = in_use(plain_yaml(there))
    assert design == Design.model_validate(there)
    assert [one.level for one in check_trials(design, available()) if "are called why" in one.sentence] == ["error"]

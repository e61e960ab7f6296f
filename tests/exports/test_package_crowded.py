"""Everything that an installation may hold, in one package: kept whole, told about nobody, read back elsewhere."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import func, select, update

from dashboard.exports.package import Choices, Scope, counting, write_package
from dashboard.exports.package.checking import check_package
from dashboard.exports.package.flat import study_parts
from dashboard.exports.package.folder import PackageFolder
from dashboard.exports.package.importing import import_package
from dashboard.exports.package.manifest import files_in, write_manifest
from dashboard.recording.edits import apply_edit
from dashboard.recording.ids import new_id
from dashboard.recording.pictures import About, add_picture
from dashboard.studies import store
from dashboard.studies.design_yaml import from_yaml
from dashboard.studies.results.marks import marks
from dashboard.studies.results.rows import read
from dashboard.studies.results.working_out import measured
from dashboard.vision.errors import UnavailableError
from db.errors import NotFoundError
from db.models import Edit, Event, Image, Model, Outcome, Prediction, Region, Session
from db.study_models import Participant
from tests.exports.crowded import FILE, HOSTILE, HOSTILE_TAG, OTHER, SLUG, go_on_through
from tests.exports.test_package import has_frictionless_errors, table, undated
from tests.support.edits import MODEL, OTHER_MODEL, edit_request, sitting
from tests.support.participating import begin, place
from tests.support.pictures import gradient, png
from tests.support.rows import counted_statements

EVERYTHING, CROWDED = Scope(everything=True), Scope(study=SLUG)
UUID = re.compile(rb"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
WHOLE = {"free_text": True, "recruiter_ids": True}


def texts(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in files_in(folder) if path.suffix not in (".png", ".npy", ".parquet"))


def test_everything_keeps_every_rule(crowded, catalogue):
    for folder in (crowded.package(EVERYTHING), crowded.package(EVERYTHING, **WHOLE, keep_ids=True)):
        checks = check_package(folder, catalogue)
        assert {check.name: check.problems for check in checks} == {check.name: [] for check in checks}
        assert has_frictionless_errors(folder) == []


@pytest.mark.parametrize("scope", [EVERYTHING, CROWDED], ids=["everything", "study"])
def test_no_id_name_or_word_goes_out_unasked(crowded, scope):
    folder = crowded.package(scope)
    said = texts(folder)
    assert UUID.findall(said) == []
    with crowded.workspace.database.read() as transaction:
        rows = [f"P{number}" for number in transaction.scalars(select(Participant.id))]
    # Row numbers look like this package's own names, so those that are no name here must not be there at all.
    names = set(table(folder, "participants")["participant_id"])
    assert [name for name in rows if name not in names and re.search(rf"\b{name}\b".encode(), said)] == []
    for word in ("recruited0", FILE, "ada_lovelace", "calc", HOSTILE_TAG, "שלום \\'a"):
        assert word.encode() not in said, word


def test_who_worked_is_said_by_the_packages_own_name(crowded):
    for keep_ids in (False, True):
        package = PackageFolder(crowded.package(EVERYTHING, **WHOLE, keep_ids=keep_ids))
        theirs = [row for row in package.rows("sessions") if row["participant_id"]]
        assert len(theirs) > 5
        for row in theirs:
            said = row["client"]["participant"].removeprefix("id:")
            assert said == row["person"] == row["participant_id"]


def test_previews_and_what_was_withdrawn_are_not_there(crowded):
    people = table(crowded.package(EVERYTHING), "participants")
    assert Counter(people["participant_state"]) == {"finished": 3, "started": 1, "withdrawn": 1}
    gone = people[people["participant_state"] == "withdrawn"]["participant_id"].iloc[0]
    for name in ("trials", "responses", "events", "sessions", "long"):
        assert gone not in set(table(crowded.package(EVERYTHING), name)["participant_id"]), name


def test_hostile_words_come_out_as_they_went_in(crowded):
    package = PackageFolder(crowded.package(EVERYTHING, **WHOLE))
    [session] = [row for row in package.rows("sessions") if row["session_notes"]]
    assert (session["session_notes"], session["tags"]) == (HOSTILE, [HOSTILE_TAG])
    assert HOSTILE in [row["note"] for row in package.rows("edits")]
    assert HOSTILE in [row["reason"] for row in package.rows("regions")]
    assert HOSTILE in [row["exclusion_reason"] for row in package.rows("participants")]
    assert {"why": HOSTILE} in [row["answers"] for row in package.rows("responses")]
    for path in package.paths.values():
        with package.path(path).open(newline="", encoding="utf-8") as file:
            assert [cell for row in csv.reader(file) for cell in row if cell[:1] in tuple("=+@\t\r\n")] == []


def test_only_answers_in_words_of_ones_own_are_left_out(crowded):
    """The same key may be a text in one place and a choice in another."""
    answers = {row["step"]: row["answers"] for row in PackageFolder(crowded.package(CROWDED)).rows("responses")}
    assert answers["questionnaire:about"] == {"why": "fun"}
    [words] = {json.dumps(value) for step, value in answers.items() if step.startswith("questions:")}
    assert words == '{"why": null}'


def test_what_is_pending_is_worked_out_first(crowded):
    folder = crowded.package(CROWDED)
    metrics = table(folder, "metrics")
    marked = metrics[metrics["metric"] == "iou"]
    # Two who finished and one who did not, each with two models.
    assert len(marked) == 6
    assert marked["value"].notna().all()
    assert [path.name for path in (folder / "results").iterdir()] == [SLUG]
    said = pd.read_csv(folder / "results" / SLUG / "participants.csv")
    assert said["counted"].sum() == 2
    assert len(list((folder / "results" / SLUG).glob("*.csv"))) > 5


def test_writing_it_changes_nothing(crowded, tmp_path):
    crowded.package(EVERYTHING)
    with counted_statements(crowded.workspace.database) as statements:
        write_package(crowded.workspace, EVERYTHING, Choices(), tmp_path / "again")
    assert [one for one in statements if not one.lstrip().startswith("SELECT")] == []
    assert undated(tmp_path / "again") == undated(crowded.package(EVERYTHING))


def test_maps_that_participants_saw_are_there(crowded):
    package = PackageFolder(crowded.package(CROWDED))
    models = {row["model_id"]: row["model_key"] for row in package.rows("models")}
    [gradient_id] = [row["image_id"] for row in package.rows("images") if row["image_name"] == "Gradient"]
    found = {(models[row["model_id"]], row["method"]) for row in package.rows("maps") if row["image_id"] == gradient_id}
    assert found == {(MODEL, "cam"), (OTHER_MODEL, "cam")}


def test_materials_are_there_though_nobody_was_shown_them(crowded):
    assert set(table(crowded.package(CROWDED), "images")["image_name"]) == {
        "Gradient", "Check", "Shown first", "Never drawn",
    }  # fmt: skip


def test_an_imported_study_can_be_used_again(crowded, another):
    import_package(another, crowded.package(CROWDED))
    assert [one for one in store.findings(another, store.get(another, SLUG).design) if one.level == "error"] == []
    store.open_study(another, SLUG)
    person = begin(another, "somebody new", SLUG)
    go_on_through(another, person)
    assert place(another, person).state == "finished"


def test_the_attention_checks_region_is_written_out(crowded):
    for folder in (crowded.package(CROWDED), crowded.package(EVERYTHING, **WHOLE, keep_ids=True)):
        design = from_yaml((folder / f"materials/studies/{SLUG}_v1.yaml").read_text())
        assert re.fullmatch(r"56x40:\S+", design.blocks[0].attention[0].mask)


@pytest.mark.parametrize("keep_ids", [False, True])
def test_everything_read_back_gives_the_same_package(crowded, another, tmp_path, keep_ids):
    folder = crowded.package(EVERYTHING, **WHOLE, keep_ids=keep_ids)
    found = import_package(another, folder, keep_ids=keep_ids)
    assert found.there == {}
    write_package(another, EVERYTHING, Choices(**WHOLE, keep_ids=keep_ids), tmp_path / "again")
    assert undated(tmp_path / "again") == undated(folder)
    with crowded.workspace.database.read() as ours, another.database.read() as theirs:
        counts = [sorted(one.scalars(select(func.count()).select_from(Outcome))) for one in (ours, theirs)]
    assert counts[0] == counts[1]


class NoModels:
    """A catalogue from which every model is gone."""

    def load(self, key: str) -> Any:
        raise UnavailableError(f"{key} is not here.")


@pytest.mark.parametrize("scope", [CROWDED, EVERYTHING])
def test_what_was_worked_out_is_handed_on_where_the_models_are_not(crowded, another, tmp_path, scope):
    folder = crowded.package(scope)
    vars(another)["catalogue"] = NoModels()
    import_package(another, folder)
    write_package(another, scope, Choices(), tmp_path / "again")
    assert len(table(tmp_path / "again", "maps")) > 1
    assert undated(tmp_path / "again") == undated(folder)


def test_what_is_missing_is_said_with_why(crowded, tmp_path):
    real = crowded.workspace.catalogue
    vars(crowded.workspace)["catalogue"] = NoModels()
    try:
        found = write_package(crowded.workspace, CROWDED, Choices(), tmp_path / "without")
    finally:
        vars(crowded.workspace)["catalogue"] = real
    readme = (tmp_path / "without/README.md").read_text()
    for sentence in ("Numbers of regions for efficientnet_lite0: the model is not here (3 times).",
                     "Maps (cam) of efficientnet_lite1: the model is not here"):  # fmt: skip
        assert sentence in readme
        assert any(sentence in one for one in found.left_out)


def replaced(folder: Path, name: str, before: str, after: str, target: Path) -> Path:
    """A copy in which a text stands for another one in one table."""
    shutil.copytree(folder, target)
    path = PackageFolder(target).path(PackageFolder(target).paths[name])
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after), newline="")
    write_manifest(target)
    return target


def test_numbers_of_other_weights_are_no_numbers_of_ours(crowded, another, tmp_path):
    weights = another.catalogue.load(MODEL).card.weights_sha256
    folder = replaced(crowded.package(CROWDED), "models", weights, "0" * 64, tmp_path / "changed")
    import_package(another, folder)
    assert _measured_keys(another) == {OTHER_MODEL}
    write_package(another, CROWDED, Choices(), tmp_path / "again")
    there, here = (_effects_of(one, "0" * 64) for one in (folder, tmp_path / "again"))
    assert there == here != []


def _effects_of(folder: Path, weights: str) -> list[float]:
    """The drops of one model, whatever it is called in the package."""
    models = table(folder, "models")
    [name] = models.loc[models.weights_sha256 == weights, "model_id"]
    found = table(folder, "effects")
    return list(found.loc[found.model_id == name, "drop"])


def test_curves_are_theirs_who_count_now(crowded, another, tmp_path):
    """Between two imports of the same package one of them is put away."""
    folder = crowded.package(EVERYTHING, **WHOLE, keep_ids=True)
    import_package(another, folder, keep_ids=True)
    marked = next(
        row["session_id"] for row in PackageFolder(folder).rows("regions") if row["class_name"] == "spotlight"
    )
    with another.database.write() as transaction:
        session = transaction.scalars(select(Session).where(Session.public_id == marked)).one()
        session.archived_at = session.started_at
    import_package(another, folder, keep_ids=True)
    write_package(another, EVERYTHING, Choices(), tmp_path / "again")
    assert table(tmp_path / "again", "curves").empty


def test_who_is_one_person_in_the_one_and_two_in_the_other_is_not_the_same():
    ann, again, bob = (
        SimpleNamespace(id=name, author=author) for name, author in (("1", "Ann"), ("2", "Ann"), ("3", "Bob"))
    )
    names = {"1": "R1", "2": "R2", "3": "R3"}
    assert counting.are_the_same([ann, again, bob], {"x": {"R1", "R2"}, "y": {"R3"}}, names.get)
    for others in ({"x": {"R1"}, "y": {"R2"}, "z": {"R3"}}, {"x": {"R1", "R2"}}, {"x": {"R1", "R2", "R3"}}):
        assert not counting.are_the_same([ann, again, bob], others, names.get)
    assert not counting.are_the_same([ann], {"x": {"R1"}}, {}.get)


def _measured_keys(workspace: Any) -> set[str]:
    return {one.model for one in marks(read(workspace, SLUG)) if measured(workspace, one) is not None}


def test_a_copy_stays_a_copy_without_what_it_is_of(crowded, another):
    folder = crowded.package(Scope(sessions=(crowded.crowd.continued,)))
    assert list(table(folder, "edits")["copied_from"]) == ["U1", "U2"]
    [event] = [row for row in PackageFolder(folder).rows("events") if row["event_kind"] == "continue"]
    assert event["payload"]["edit"] == "id:U2"
    import_package(another, folder)
    with another.database.read() as transaction:
        assert transaction.scalar(select(func.count()).select_from(Outcome)) == 0
        copies = list(transaction.scalars(select(Edit.copied_from).order_by(Edit.id)))
        said = transaction.scalars(select(Event.payload).where(Event.kind == "continue")).one()
    assert len(set(copies)) == 2
    assert said["edit"] == copies[1]


def test_some_sessions_bring_only_their_own_trials(crowded):
    with crowded.workspace.database.read() as transaction:
        session = transaction.scalars(select(Region).where(Region.session_id.is_not(None)).order_by(Region.id)).first()
        wanted = transaction.get_one(Session, session.session_id).public_id
    folder = crowded.package(Scope(sessions=(wanted,)))
    [trial] = set(table(folder, "trials")["trial"])
    assert set(table(folder, "long")["trial"]) == {trial, "about"}
    assert len(table(folder, "wide")) == 1
    assert not (folder / "results").exists()


def test_like_all_others_means_in_every_table(crowded):
    folder = crowded.package(CROWDED, excluded="in")
    for name in ("participants", "long", "wide"):
        assert table(folder, name)["excluded"].isna().all(), name
    assert (
        "1 participants were excluded by a researcher; they are there like all others"
        in (folder / "README.md").read_text()
    )


@pytest.mark.parametrize(("excluded", "points"), [("flagged", 2 * 2 * 21), ("out", 2 * 2 * 21), ("in", 0)])
def test_curves_are_there_where_those_count_who_have_part_in_them(crowded, excluded, points):
    assert len(table(crowded.package(EVERYTHING, excluded=excluded), "curves")) == points


def test_curves_are_not_there_where_others_have_part_in_them(crowded):
    folder = crowded.package(CROWDED)
    assert table(folder, "curves").empty
    assert "curves in which regions have part that are not in this package" in (folder / "README.md").read_text()


def test_each_removal_is_there_by_whose_region_it_was(crowded):
    package = PackageFolder(crowded.package(CROWDED))
    measured = {(row["region_id"], row["model_id"]): row["value"] for row in package.rows("metrics")
                if row["metric"] == "necessity_random"}  # fmt: skip
    drops = {}
    for row in package.rows("effects"):
        if row["whose"] == "random":
            drops.setdefault((row["region_id"], row["model_id"]), []).append(row["drop"])
    assert {len(found) for found in drops.values()} == {30}
    assert {key: pytest.approx(np.mean(found)) for key, found in drops.items()} == measured


def test_only_those_in_the_package_are_counted(crowded):
    with crowded.workspace.database.read() as transaction:
        first = transaction.scalars(select(Session.public_id).where(Session.study == SLUG).order_by(Session.id)).first()
    assert "excluded by a researcher" not in (crowded.package(Scope(sessions=(first,))) / "README.md").read_text()
    counted = (crowded.package(CROWDED) / "README.md").read_text()
    assert "4 participants: 2 finished, 1 started, 1 withdrawn." in counted


def test_edits_that_waited_for_an_answer_have_it(crowded, another):
    picture = add_picture(another, png(gradient()), About("Mine"))
    edit = apply_edit(another, edit_request(sitting(picture)))
    with another.database.write() as transaction:
        transaction.execute(update(Outcome).values(before_class_id=None, change=None, flipped=None))
        for one in transaction.scalars(select(Prediction).where(Prediction.image_id.is_not(None))):
            transaction.delete(one)
    found = import_package(another, crowded.package(CROWDED))
    assert found.there["images"] == 1
    with another.database.read() as transaction:
        row = transaction.scalars(select(Outcome).join(Edit).where(Edit.public_id == edit.id)).one()
        assert row.change is not None
        assert transaction.scalars(select(Image.name).where(Image.public_id == picture.id)).one() == "Mine"
        assert transaction.scalar(select(func.count()).select_from(Model)) == 2


def test_somebody_who_is_there_already_is_counted(crowded, another):
    assert import_package(another, crowded.package(CROWDED)).again == 0
    second = import_package(another, crowded.package(CROWDED))
    assert second.studies == {SLUG: SLUG}
    assert (second.again, second.added["participants"]) == (4, 4)


def test_two_studies_are_told_apart(crowded):
    folder = crowded.package(EVERYTHING)
    assert set(table(folder, "studies")["study"]) == {SLUG, OTHER}
    assert sorted(path.name for path in (folder / "results").iterdir()) == [SLUG, OTHER]
    wide = {name: path for name, path in PackageFolder(folder).paths.items() if name.startswith("wide")}
    assert wide == {
        f"wide-{slug}": f"data/study-{slug}_subject-all_description-wide_data.csv" for slug in (SLUG, OTHER)
    }
    for slug in (SLUG, OTHER):
        assert f'wide_{slug} = pd.read_csv("{wide[f"wide-{slug}"]}")' in (folder / "README.md").read_text()
    people = table(folder, "participants").groupby("study")["participant_id"].agg(set)
    for slug in (SLUG, OTHER):
        found = table(folder, f"wide-{slug}").set_index("participant_id")
        assert set(found.index) <= people[slug]
        said = table(folder, "long").query("participant_id in @found.index and measure == 'sure'")
        assert len(said)
        for row in said.itertuples():
            assert found.loc[row.participant_id, f"{row.trial}_{row.image_id}_sure"] == row.value
    assert len(set(table(folder, f"wide-{SLUG}").columns) & set(table(folder, f"wide-{OTHER}").columns)) >= 5


def test_a_studys_part_of_a_files_name_is_its_own():
    """Slugs differ in a hyphen alone, and in a number that tells two apart."""
    parts = study_parts(["ab2", "a-b", "ab", "a-b-2"])
    assert parts == {"ab2": "ab2", "a-b": "ab", "ab": "ab3", "a-b-2": "ab22"}


def test_an_unknown_session_among_many_is_said(crowded, tmp_path):
    with pytest.raises(NotFoundError):
        write_package(crowded.workspace, Scope(sessions=(crowded.crowd.session, new_id())), Choices(), tmp_path / "x")

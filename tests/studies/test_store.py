from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from dashboard.cli import app
from dashboard.recording import regions
from dashboard.recording.ids import new_id
from dashboard.recording.pictures import ensure_gallery
from dashboard.studies import store
from dashboard.studies.attention import read_mask
from dashboard.studies.design import Design
from dashboard.studies.errors import StudyError
from dashboard.studies.library import pictures_of_sets
from dashboard.vision.shapes import parse_shapes
from db import participants
from db.errors import ConflictError, NotFoundError
from db.models import Image
from tests.studies.designs import EXAMPLE, example
from tests.support.edits import rectangle, sitting
from tests.support.participating import DESIGN, begin, place
from tests.support.pictures import add_small


def design(**changes):
    return Design.model_validate(DESIGN | changes)


def test_a_draft_is_replaced_and_what_was_open_gets_a_new_version(stored):
    add_small(stored)
    assert store.save(stored, design()).version == 1
    draft = store.save(stored, design(quota=12))
    assert (draft.version, draft.quota, draft.state) == (1, 12, "draft")
    assert store.open_study(stored, "small").state == "open"
    her = begin(stored)
    assert store.save(stored, design(quota=12)).version == 1
    newer = store.save(stored, design(quota=14, title="Another title"))
    assert (newer.version, newer.quota, newer.people) == (2, 14, {"started": 1})
    assert place(stored, her).design.title == "A small study"
    assert place(stored, begin(stored, "another")).design.title == "Another title"


def test_a_preview_goes_on_with_the_draft_that_it_began_with(stored):
    add_small(stored)
    store.save(stored, design())
    looking = begin(stored, preview=True)
    assert store.save(stored, design(questionnaires=[], title="Another title")).version == 2
    assert store.save(stored, design(questionnaires=[], title="A third title")).version == 2
    assert place(stored, looking).design.title == "A small study"
    assert place(stored, looking).design.questionnaires
    assert place(stored, begin(stored, preview=True)).design.title == "A third title"


def test_a_version_that_could_not_be_opened_never_reaches_an_open_study(stored):
    add_small(stored)
    store.save(stored, design())
    store.open_study(stored, "small")
    broken = design(image_sets={"one": {"pictures": ["Nothing"]}})
    with pytest.raises(StudyError, match="not a draft any more"):
        store.save(stored, broken)
    assert store.get(stored, "small").version == 1


@pytest.mark.parametrize(
    ("check", "sentence"),
    [
        ({"picture": "Nothing", "mask": "64x48:00"}, "There is no picture called Nothing here."),
        ({"picture": "Gradient", "mask": "all of it"}, "is a region's id, or WIDTHxHEIGHT:COUNTS"),
        ({"picture": "Gradient", "mask": "01a20a8d-719a-766a-b205-45598b6e6856"}, "There is no region with the id"),
        ({"picture": "Gradient", "mask": "2x3:06"}, "for a picture of another size"),
    ],
)
def test_an_attention_check_that_nobody_could_answer_is_found(stored, check, sentence):
    add_small(stored)
    block = DESIGN["blocks"][0] | {"attention": [check | {"task": "Mark the dot."}]}
    (found,) = [one for one in store.findings(stored, design(blocks=[block])) if "attention" in one.place]
    assert (found.level, found.place) == ("error", "block main, attention, number 1")
    assert sentence in found.sentence


def test_what_a_frozen_design_names_stays_what_it_was(stored):
    """Regions can be deleted and pictures added to a set; whoever enters later must meet the same study."""
    picture = add_small(stored)
    with stored.database.write() as transaction:
        transaction.query(Image).one().image_set = "ours"
    shapes = parse_shapes([rectangle()])
    wished = regions.RegionRequest(new_id(), sitting(picture), None, "efficientnet_lite0", None, "cat", shapes)
    region = regions.mark(stored, wished).id
    block = DESIGN["blocks"][0] | {"attention": [{"picture": "Gradient", "mask": region, "task": "Mark the dot."}]}
    wanted = design(image_sets={"one": {"library_set": "ours"}}, blocks=[block])
    store.save(stored, wanted)
    store.open_study(stored, "small")
    regions.delete(stored, new_id(), region)
    frozen = store.get(stored, "small").design
    assert frozen.image_sets["one"].pictures == ("Gradient",)
    with stored.database.read() as transaction:
        mask = read_mask(transaction, frozen.blocks[0].attention[0].mask)
    assert mask.shape == (picture.working_height, picture.working_width)
    assert mask.any()
    assert place(stored, begin(stored)).step.key == "consent"
    again = store.save(stored, frozen)
    assert again.version == 1


def test_pictures_that_share_a_name_are_all_frozen(stored):
    add_small(stored)
    with stored.database.write() as transaction:
        one = transaction.query(Image).one()
        values = {c.name: getattr(one, c.name) for c in Image.__table__.columns if c.name not in ("id", "created_at")}
        one.image_set = "ours"
        transaction.add(Image(**values | {"public_id": new_id(), "pixels_sha256": "0" * 64, "image_set": "ours"}))
    store.save(stored, design(image_sets={"one": {"library_set": "ours"}}))
    frozen = store.open_study(stored, "small").design
    with stored.database.read() as transaction:
        assert len({one.id for one in pictures_of_sets(transaction, frozen)["one"]}) == 2


def test_an_extended_quota_outlives_a_new_version_of_the_design(stored):
    add_small(stored)
    store.save(stored, design())
    store.open_study(stored, "small")
    store.extend(stored, "small", 15)
    newer = store.save(stored, design(title="Another title"))
    assert (newer.version, newer.quota) == (2, 15)
    assert store.save(stored, design(title="Another title", quota=12)).quota == 12


def test_what_is_wrong_keeps_a_study_from_opening(stored):
    store.save(stored, design())
    with pytest.raises(StudyError, match="The set is empty"):
        store.open_study(stored, "small")
    assert store.get(stored, "small").state == "draft"


def test_a_study_is_opened_paused_and_closed(stored):
    add_small(stored)
    store.save(stored, design())
    with pytest.raises(ConflictError):
        store.pause(stored, "small")
    ways = (
        (store.open_study, "open"),
        (store.pause, "paused"),
        (store.open_study, "open"),
        (store.close, "closed"),
    )
    for act, state in ways:
        assert act(stored, "small").state == state
        assert act(stored, "small").state == state
    assert [one.slug for one in store.everything(stored)] == ["small"]
    with pytest.raises(NotFoundError):
        store.get(stored, "large")


@pytest.mark.parametrize("slug", ["small\0", "\ud800", "klein und groß"])
def test_no_study_is_called_what_an_address_alone_can_hold(stored, slug):
    add_small(stored)
    store.save(stored, design())
    with pytest.raises(NotFoundError):
        store.open_study(stored, slug)
    with pytest.raises(NotFoundError):
        store.get(stored, slug)
    with stored.database.read() as transaction:
        assert participants.holder_of(transaction, slug, "CODE") is None


def test_the_example_is_created_checked_opened_and_shown_on_the_command_line(workspace):
    ensure_gallery(workspace)

    def run(*arguments):
        return CliRunner().invoke(app, ["--data-dir", str(workspace.settings.data_dir), *arguments])

    made = json.loads(run("study", "create", str(EXAMPLE), "--json").output)
    assert (made["slug"], made["state"], made["design_sha256"]) == ("cats-and-cups", "draft", example().sha256)
    checked = run("study", "check", str(EXAMPLE), "--json")
    assert checked.exit_code == 0, checked.output
    assert json.loads(checked.output)["minutes"] > 0
    assert "open, version 1, 0 of 20 finished  /s/cats-and-cups" in run("study", "open", "cats-and-cups").output
    assert run("study", "show", "cats-and-cups", "--yaml").output.startswith("regionscope_study: 1")
    listed = {one["slug"]: one["state"] for one in json.loads(run("study", "list", "--json").output)}
    assert listed["cats-and-cups"] == "open"
    refused = run("study", "withdraw", "cats-and-cups", "NOBODYS222")
    assert (refused.exit_code, "Nothing was erased" in refused.output) == (1, True)
    missing = run("study", "close", "nothing")
    assert missing.exit_code != 0
    assert "Traceback" not in missing.output

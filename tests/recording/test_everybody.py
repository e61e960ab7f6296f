from __future__ import annotations

import numpy as np
import pytest

from dashboard.analysis import mean_pairwise_iou, pearson, tied_pixels
from dashboard.recording import curation, everybody, regions
from dashboard.recording.ids import new_id
from dashboard.recording.maps import class_map
from dashboard.recording.region_import import Manner, import_regions
from dashboard.recording.sessions import describe
from dashboard.recording.standing import NotCountedError, beside, standing
from dashboard.studies.judging import judge
from dashboard.vision.classifiers import Catalogue
from dashboard.vision.errors import RegionscopeError
from dashboard.vision.masks import encode_mask
from db import regions as kept_regions
from tests.recording.test_regions import request
from tests.support.edits import MODEL, rectangle, sitting
from tests.support.participating import DESIGN, begin, go_on, open_study
from tests.support.pictures import add_cat, add_small

EGYPTIAN_CAT = 285


def marked(workspace, picture, boxes, index=EGYPTIAN_CAT, where=None):
    return [
        regions.mark(workspace, request(where or sitting(picture), [rectangle(*box)], index=index)) for box in boxes
    ]


def test_a_persons_regions_of_one_class_are_one(stored):
    picture = add_small(stored)
    ann = sitting(picture)
    describe(stored, new_id(), ann, {"person": "Ann"}, None)
    marked(stored, picture, [(0, 0, 10, 10), (20, 20, 30, 30)], where=ann)
    marked(stored, picture, [(0, 0, 10, 10)])
    marked(stored, picture, [(0, 0, 20, 20)], index=281)
    found = everybody.regions_of(stored, picture.id)
    assert found.classes == ["Egyptian cat", "tabby"]
    people = everybody.people_masks(stored, picture.id, "Egyptian cat")
    assert people["Ann"].sum() == 200
    assert [mask.sum() for name, mask in people.items() if name != "Ann"] == [100]
    consensus = everybody.consensus(stored, picture.id, "Egyptian cat")
    assert (consensus[0, 0], consensus[25, 25], consensus[40, 40]) == (1.0, 0.5, 0.0)


def test_excluded_people_previews_practice_checks_and_archived_sessions_do_not_count(stored):
    picture = add_small(stored)
    right = np.zeros((picture.working_height, picture.working_width), bool)
    right[5:15, 5:15] = True
    [imported] = import_regions(stored, [("ada.png", encode_mask(right))], Manner(MODEL, picture.id, "tabby")).taken
    practice, main = (
        {"key": key, "images": {"set": "one"}, "trials": [{"kind": "mark", "key": f"{key}_mark", "of": "top"}]}
        for key in ("practice", "main")
    )
    check = {"picture": picture.name, "mask": imported.region, "task": "Mark the box."}
    open_study(stored, factors=[], practice=[practice], blocks=[main | {"attention": [check]}])
    kept, excluded = begin(stored, "kept"), begin(stored, "excluded")
    for person in (kept, excluded, begin(stored, "looking", preview=True)):
        go_on(stored, person)
    judge(stored, str(DESIGN["slug"]), excluded, new_id(), "exclude", "Asleep")
    [archived] = marked(stored, picture, [(0, 0, 10, 10)], index=281)
    curation.archive(stored, new_id(), {"items": [f"session:{archived.session}"]}, True)

    found = everybody.regions_of(stored, picture.id)
    assert {one.source for one in found.regions if one.session is None} == {"ada.png"}
    [counted] = [one for one in found.regions if one.session is not None]
    # Of two people practice and check, of the excluded one her trial, too; and what was archived.
    assert found.left_out == {counted.class_name: 5, "tabby": 1}
    with stored.database.read() as transaction:
        assert kept_regions.most_marked(transaction, but="") is None


def test_models_stand_between_floor_and_ceiling(workspace):
    cat, other = add_cat(workspace), add_small(workspace)
    marked(workspace, cat, [(100 + step, 60, 300 + step, 220) for step in (0, 10, 20, 30)])
    marked(workspace, other, [(0, 0, 10 + step, 20) for step in (0, 5)])
    found = standing(workspace, everybody.regions_of(workspace, cat.id), "Egyptian cat", [MODEL, "nothing"])
    assert found is not None
    masks = np.stack(list(everybody.people_masks(workspace, cat.id, "Egyptian cat").values()))
    assert found.shared.pairwise_iou == mean_pairwise_iou(masks)
    assert found.floor_picture == "Gradient"
    assert found.shared.floor.value < found.shared.ceiling.value <= 1
    model, missing = found.models
    assert model.everybody is not None
    smoothed = everybody.smoothed_consensus(workspace, cat.id, "Egyptian cat")
    of_class = class_map(workspace, MODEL, "cam", EGYPTIAN_CAT, cat.working_blob)
    assert model.everybody.value == pytest.approx(pearson(smoothed, of_class), abs=1e-5)
    assert model.everybody.low <= model.everybody.value <= model.everybody.high
    assert "nothing" in str(missing.problem)


def test_a_model_that_cannot_be_asked_is_called_by_its_name(workspace, tmp_path):
    cat = add_cat(workspace)
    marked(workspace, cat, [(100, 60, 300, 220)])
    (tmp_path / "birds.pt").write_bytes(b"not a network")
    about = 'name = "Three birds"\nlabels = ["tit", "finch", "wren"]\nsize = [12, 20]\n'
    (tmp_path / "birds.toml").write_text(about + "mean = [0.5, 0.5, 0.5]\nstd = [0.2, 0.2, 0.2]\n")
    vars(workspace)["catalogue"] = Catalogue(tmp_path, tmp_path / "cache", "cpu")
    found = standing(workspace, everybody.regions_of(workspace, cat.id), "Egyptian cat", ["birds"])
    assert found is not None
    [birds] = found.models
    assert birds.label == "Three birds"
    assert birds.problem


def test_the_work_goes_on_where_it_was_left_and_is_done_once(workspace):
    cat, other = add_cat(workspace), add_small(workspace)
    marked(workspace, cat, [(100 + step, 60, 300 + step, 220) for step in (0, 10, 20, 30)])
    marked(workspace, other, [(0, 0, 10 + step, 20) for step in (0, 5)])
    found = everybody.regions_of(workspace, cat.id)
    with pytest.raises(NotCountedError, match="at 1 of 2"):
        standing(workspace, found, "Egyptian cat", [MODEL], seconds=0)
    step_by_step = standing(workspace, found, "Egyptian cat", [MODEL], seconds=0)
    kept = sorted(workspace.derived.root.rglob("*.json"))
    assert standing(workspace, found, "Egyptian cat", [MODEL]) == step_by_step
    assert sorted(workspace.derived.root.rglob("*.json")) == kept


def test_each_region_beside_the_models(workspace):
    cat = add_cat(workspace)
    first, second = marked(workspace, cat, [(100, 60, 300, 220), (0, 0, 20, 20)])
    found = everybody.regions_of(workspace, cat.id)
    near, far = beside(workspace, found, "Egyptian cat", MODEL, "cam")
    assert [near.iou, far.iou] == pytest.approx([first.agreement, second.agreement])
    # Of two regions of one size, what is common follows from either.
    assert near.covered == pytest.approx(2 * near.iou / (1 + near.iou))
    assert near.tied == tied_pixels(everybody.model_map(workspace, cat, found.regions[0], MODEL, "cam"), 200 * 160)
    # The cat is a tabby, and the model says Egyptian cat.
    assert far.case is not None
    assert far.case.name == "distractor"
    assert near.case is not None
    assert near.case.name in ("confuser", "insufficient subset", "context confusion")


def test_a_single_mark_elsewhere_takes_no_ceiling_away(workspace):
    cat, other = add_cat(workspace), add_small(workspace)
    marked(workspace, cat, [(100 + step, 60, 300 + step, 220) for step in (0, 10, 20, 30)])
    marked(workspace, other, [(0, 0, 10, 20)])
    marked(workspace, other, [(0, 0, 10, 20)], index=281)
    found = standing(workspace, everybody.regions_of(workspace, cat.id), "Egyptian cat", [MODEL])
    assert found is not None
    assert found.floor_picture is None
    assert found.shared.ceiling.value > 0.5
    assert np.isfinite(found.models[0].score.value)


def test_one_person_alone_has_neither_ceiling_nor_floor(workspace):
    cat = add_cat(workspace)
    marked(workspace, cat, [(100, 60, 300, 220)])
    found = standing(workspace, everybody.regions_of(workspace, cat.id), "Egyptian cat", [MODEL])
    assert found is not None
    shared = found.shared
    assert np.isnan([shared.pairwise_iou, shared.ceiling.value, shared.floor.value, shared.fleiss]).all()
    assert found.models[0].everybody is not None
    assert np.isfinite(found.models[0].everybody.value)


def test_nobody_is_said_so(stored):
    picture = add_small(stored)
    found = everybody.regions_of(stored, picture.id)
    assert standing(stored, found, "tabby", [MODEL]) is None
    with pytest.raises(RegionscopeError, match="Nobody"):
        everybody.consensus(stored, picture.id, "tabby")

from __future__ import annotations

import numpy as np
import pytest

from dashboard.analysis import deletion_curve, iou, random_region, region_from_map
from dashboard.recording import effects, regions
from dashboard.recording.agreement import agreement, both_regions, index_of, parse_question
from dashboard.recording.curves import CurveQuestion, advance_curves
from dashboard.recording.edits import apply_edit
from dashboard.recording.everybody import regions_of
from dashboard.recording.flips import FlipNotReadyError, best_flip_so_far, find_flip
from dashboard.recording.ids import RequestError, new_id
from dashboard.recording.maps import MapNotReadyError, class_map
from dashboard.recording.masks import mask_of
from dashboard.recording.model_regions import keep_model_region
from dashboard.recording.workspace import Workspace
from dashboard.vision.errors import EmptyMaskError, RegionscopeError
from dashboard.vision.explain import explain
from dashboard.vision.inpainting import apply_method
from db.errors import ConflictError, NotFoundError
from tests.recording.test_regions import request
from tests.support.edits import MODEL, OTHER_MODEL, edit_request, rectangle, sitting
from tests.support.pictures import add_cat, add_small

EGYPTIAN_CAT = 285
TOASTER = 859
HEAD = [rectangle(120, 60, 260, 200)]


@pytest.fixture
def cat(workspace):
    return add_cat(workspace)


@pytest.fixture
def head(workspace, cat):
    return regions.mark(workspace, request(sitting(cat), HEAD, index=EGYPTIAN_CAT, name="head"))


def question(region, /, **changes):
    return parse_question({"region": region.id, "model": MODEL, "method": "cam"} | changes)


def effect_question(region, /, **changes):
    return effects.parse_question({"region": region.id, "model": MODEL, "method": "mean"} | changes)


def finished(workspace, asked):
    found = effects.advance(workspace, asked)
    while not found.is_finished:
        found = effects.advance(workspace, asked)
    return found


def test_the_models_region_is_as_large_as_hers(workspace, cat, head):
    found = agreement(workspace, question(head))
    of_class = class_map(workspace, MODEL, "cam", EGYPTIAN_CAT, cat.working_blob)
    assert found.model.sum() == found.human.sum()
    assert (found.model == region_from_map(of_class, n=int(found.human.sum()))).all()
    assert found.numbers["iou"] == iou(found.human, found.model) == head.agreement
    assert found.sentence.startswith("You and EfficientNet-Lite0 ")
    assert found.case.correct is False  # the picture's label says tabby
    assert [(human == found.human).all() for human in both_regions(workspace, question(head))[:1]] == [True]


@pytest.mark.parametrize(("share", "rule"), [(0.02, "area"), (0.5, "area"), (None, "mean_sd"), (None, "percentile")])
def test_the_rule_decides_the_models_region(workspace, head, share, rule):
    found = agreement(workspace, question(head, rule=rule, share=share))
    if share is not None:
        assert found.model.mean() == pytest.approx(share, abs=1e-4)
    assert found.model.any()
    assert found.numbers["iou"] == head.agreement  # which is of equal areas whatever is shown


def test_a_region_on_an_edited_picture_is_held_against_a_map_of_that(workspace, cat):
    where = sitting(cat)
    edit = apply_edit(workspace, edit_request(where, shapes=HEAD))
    region = regions.mark(workspace, request(where, HEAD, edit=edit.id, index=EGYPTIAN_CAT))
    found = agreement(workspace, question(region))
    of_edit = class_map(workspace, MODEL, "cam", EGYPTIAN_CAT, edit.result_blob)
    assert (found.model == region_from_map(of_edit, n=int(found.human.sum()))).all()


def test_a_class_that_the_model_does_not_know_is_replaced_and_said_so(workspace, cat):
    region = regions.mark(workspace, request(sitting(cat), HEAD, index=None, name="Garfield"))
    found = agreement(workspace, question(region)).ground
    assert not found.class_is_hers
    assert found.class_index == found.answer.top_index
    known = regions.mark(workspace, request(sitting(cat), HEAD, index=None, name="tabby"))
    found = agreement(workspace, question(known)).ground
    assert (found.class_is_hers, found.class_label) == (True, "tabby")


def test_whether_an_unknown_class_is_right_nobody_can_say(workspace, cat):
    region = regions.mark(workspace, request(sitting(cat), HEAD, index=None, name="bouncy castle"))
    labelled = agreement(workspace, question(region))
    assert labelled.case is not None  # by the picture's own label
    assert labelled.case.correct is False
    plain = add_small(workspace)
    shapes = [rectangle()]
    for name, correct in (("bouncy castle", None), (labelled.ground.card.labels[7], False)):
        region = regions.mark(workspace, request(sitting(plain), shapes, index=None, name=name))
        found = agreement(workspace, question(region))
        assert found.ground.is_correct is correct
        assert (found.case is None) is (correct is None)


def test_a_class_is_found_by_its_exact_name_before_another_case():
    labels = ["Cardigan", "cardigan", "Tabby"]
    assert [index_of(name, labels) for name in ("cardigan", "Cardigan", "CARDIGAN", "tabby", "cat")] == [
        1,
        0,
        None,
        2,
        None,
    ]


def test_what_flips_nothing_is_nobodys_region(workspace, cat, head):
    asked = question(head, method="flip", settings={"filling": "mean", "most": 0.01, "segments": 200})
    found = agreement(workspace, asked)
    assert found.flip is not None
    assert (found.flip.flipped, found.flip.cut_short) == (False, False)
    assert 0 < found.flip.largest_tried <= 0.01
    assert not found.model.any()
    assert not both_regions(workspace, asked)[1].any()
    assert found.sentence.startswith("Nothing that was tried changes EfficientNet-Lite0's answer")
    with pytest.raises(EmptyMaskError):
        keep_model_region(workspace, new_id(), sitting(cat, head.session), asked)


def test_a_rule_that_leaves_nothing_is_not_called_a_map_without_differences(workspace, head, monkeypatch):
    skewed = np.ones((300, 451), np.float32)
    skewed[:60] = -5
    monkeypatch.setattr("dashboard.recording.agreement.class_map", lambda *_asked, **_named: skewed)
    found = agreement(workspace, question(head, rule="mean_sd"))
    assert not found.model.any()
    assert found.sentence.startswith("By this rule no part of EfficientNet-Lite0's map stands out")


def test_the_settings_decide_the_map_and_are_kept_with_the_region(workspace, cat, head):
    coarse = {"window": 112, "stride": 112}
    asked = question(head, method="occlusion", settings=coarse)
    of_class = class_map(workspace, MODEL, "occlusion", EGYPTIAN_CAT, cat.working_blob, coarse)
    assert (agreement(workspace, asked).model == region_from_map(of_class, n=int(mask_of(head).sum()))).all()
    kept = keep_model_region(workspace, new_id(), sitting(cat, head.session), asked)
    assert kept.parameters["settings"] == {"filling": "mean", **coarse}
    with pytest.raises(RegionscopeError, match="Window"):
        question(head, method="occlusion", settings={"window": 0})
    with pytest.raises(RequestError):
        question(head, method="occlusion", settings=[1])


def test_a_models_region_is_kept_and_is_nothing_to_hold_a_model_against(workspace, cat, head):
    asked, identity = question(head), new_id()
    kept = keep_model_region(workspace, identity, sitting(cat, head.session), asked)
    assert (kept.kind, kept.author, kept.class_name) == ("cam", "EfficientNet-Lite0", "Egyptian cat")
    assert (mask_of(kept) == agreement(workspace, asked).model).all()
    assert keep_model_region(workspace, identity, sitting(cat, head.session), asked) == kept
    with pytest.raises(ConflictError):
        keep_model_region(workspace, identity, sitting(cat, head.session), question(head, share=0.3))
    with pytest.raises(RequestError, match="a model's"):
        agreement(workspace, question(kept))
    regions.delete(workspace, new_id(), head.id, None)
    # What was acknowledged is said again, and what was deleted does not come back.
    assert keep_model_region(workspace, identity, sitting(cat, head.session), asked) == kept
    regions.delete(workspace, new_id(), kept.id, None)
    with pytest.raises((ConflictError, NotFoundError)):
        keep_model_region(workspace, identity, sitting(cat, head.session), asked)


def test_a_models_region_belongs_to_the_picture_and_the_steps_of_its_session(workspace, cat, head):
    other = add_small(workspace)
    with pytest.raises(RequestError, match="another picture"):
        keep_model_region(workspace, new_id(), sitting(other), question(head))
    where = sitting(cat)
    edit = apply_edit(workspace, edit_request(where, shapes=HEAD))
    on_edit = regions.mark(workspace, request(where, HEAD, edit=edit.id, index=EGYPTIAN_CAT))
    with pytest.raises(NotFoundError, match="does not belong"):
        keep_model_region(workspace, new_id(), sitting(cat), question(on_edit))


def test_the_smallest_flip_is_a_region_to_be_held_against(workspace, head):
    asked = question(head, method="flip", settings={"filling": "mean"})
    with pytest.raises(FlipNotReadyError) as unfinished:
        agreement(workspace, asked, seconds=0)
    assert not unfinished.value.flip.finished
    found = agreement(workspace, asked)
    assert found.flip is not None
    assert found.flip.flipped
    assert (found.model == found.flip.region).all()
    assert found.numbers["auc"] is None
    assert found.numbers["iou"] == iou(found.human, found.model)
    pixels = workspace.pixels(found.ground.blob)
    without = apply_method("mean", pixels, found.model, {})
    after = workspace.catalogue.load(MODEL).answer(without[None]).probabilities[0].argmax()
    assert after == found.flip.class_after != found.ground.answer.top_index


def test_a_kept_flip_speaks_for_the_answer_that_it_changes(workspace, cat):
    region = regions.mark(workspace, request(sitting(cat), HEAD, index=TOASTER))
    asked = question(region, method="flip", settings={"filling": "mean", "evaluations": 60})
    found = agreement(workspace, asked)
    top = found.ground.answer.top_index
    assert found.flip.class_before == top != TOASTER
    kept = keep_model_region(workspace, new_id(), sitting(cat, region.session), asked)
    assert (kept.kind, kept.class_index, kept.class_name) == ("flip", top, found.ground.card.labels[top])
    of_class = keep_model_region(workspace, new_id(), sitting(cat, region.session), question(region))
    assert (of_class.kind, of_class.class_index) == ("cam", TOASTER)


def test_bad_questions_are_refused(workspace, head):
    for bad in ({"rule": "best"}, {"share": 0}, {"share": 1.5}, {"share": True}, {"region": "x"}):
        with pytest.raises(RequestError):
            question(head, **bad)
    with pytest.raises(NotFoundError):
        agreement(workspace, parse_question({"region": new_id(), "model": MODEL}))
    with pytest.raises(RegionscopeError):
        agreement(workspace, question(head, model="no such model"))
    for bad in ({"method": "keep_blur"}, {"method": "magic"}, {"parameters": {"radius": "wide"}, "method": "telea"}):
        with pytest.raises(RegionscopeError):
            effect_question(head, **bad)


def test_effects_are_what_removing_each_region_does(workspace, cat, head):
    found = finished(workspace, effect_question(head)).progress
    pixels = workspace.pixels(cat.working_blob)
    classifier = workspace.catalogue.load(MODEL)

    def drop(mask):
        removed = apply_method("mean", pixels, mask, {})
        before, after = (classifier.answer(image[None]).probabilities[0, EGYPTIAN_CAT] for image in (pixels, removed))
        return float(before) - float(after)

    human = mask_of(head)
    model = region_from_map(class_map(workspace, MODEL, "cam", EGYPTIAN_CAT, cat.working_blob), n=int(human.sum()))
    assert found.human == pytest.approx(drop(human), abs=1e-5)
    assert found.model == pytest.approx(drop(model), abs=1e-5)
    assert len(found.random) == 30
    assert found.random[7] == pytest.approx(drop(random_region(human, 7)), abs=1e-5)


def test_stopped_work_goes_on_where_it_stood(workspace, head):
    asked = effect_question(head)
    once = effects.advance(workspace, asked, seconds=0)
    assert (once.done, once.is_finished) == (1, False)
    assert effects.look(workspace, asked).done == 1
    steps = [once.done]
    while not (found := effects.advance(workspace, asked, seconds=0)).is_finished:
        steps.append(found.done)
    assert steps == sorted(set(steps))
    assert found.progress == finished(workspace, asked).progress
    other = effects.look(workspace, effect_question(head, model=OTHER_MODEL))
    assert other.done == 0


def test_a_region_without_room_has_no_chance_level(workspace, cat):
    frame = [
        rectangle(0, 0, cat.working_width, 9),
        rectangle(0, cat.working_height - 9, cat.working_width, cat.working_height),
        rectangle(0, 0, 9, cat.working_height),
        rectangle(cat.working_width - 9, 0, cat.working_width, cat.working_height),
    ]
    region = regions.mark(workspace, request(sitting(cat), frame, index=EGYPTIAN_CAT))
    found = finished(workspace, effect_question(region))
    assert found.progress.too_large
    assert found.progress.random == []
    assert found.summary is None
    assert found.progress.human is not None
    assert np.isfinite(found.progress.human)


def test_a_slow_map_is_made_in_steps_and_kept_for_good(workspace, cat, settings, catalogue):
    asked = (workspace, MODEL, "occlusion", EGYPTIAN_CAT, cat.working_blob)
    settings_of_map = {"window": 112, "stride": 56}
    with pytest.raises(MapNotReadyError) as unfinished:
        class_map(*asked, settings_of_map, seconds=0)
    assert 0 < unfinished.value.steps < unfinished.value.total
    whole = class_map(*asked, settings_of_map)
    assert whole.shape == (cat.working_height, cat.working_width)
    other = Workspace.open(settings)
    vars(other)["catalogue"] = catalogue
    assert (class_map(other, *asked[1:], settings_of_map, seconds=0) == whole).all()
    other.close()


@pytest.mark.parametrize("method", ["gradcam", "gradcam_pp", "layercam"])
def test_a_map_from_gradients_is_kept_for_good(workspace, cat, settings, catalogue, monkeypatch, method):
    asked = (MODEL, method, EGYPTIAN_CAT, cat.working_blob)
    whole = class_map(workspace, *asked)
    other = Workspace.open(settings)
    vars(other)["catalogue"] = catalogue
    monkeypatch.setattr("dashboard.recording.maps.ask", None)  # nothing is asked of the model again
    assert (class_map(other, *asked) == whole).all()
    other.close()


def test_what_a_cpu_began_is_not_taken_for_a_gpus(workspace, cat, monkeypatch):
    asked = (workspace, MODEL, "occlusion", EGYPTIAN_CAT, cat.working_blob, {"window": 112, "stride": 56})
    flip = (workspace, MODEL, cat.working_blob, {"filling": "mean", "order": "occlusion", "evaluations": 5})
    with pytest.raises(MapNotReadyError):
        class_map(*asked, seconds=0)
    with pytest.raises(FlipNotReadyError):
        find_flip(*flip, seconds=0)
    # Nine windows are two batches of a CPU, one of a GPU: of those, one is not done.
    monkeypatch.setattr(workspace.catalogue.load(MODEL)._engine, "part", 64)
    found = class_map(*asked, seconds=0)
    classifier = workspace.catalogue.load(MODEL)
    expected = explain(classifier, workspace.pixels(cat.working_blob), EGYPTIAN_CAT, "occlusion", parameters=asked[-1])
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert best_flip_so_far(*flip).evaluations == 0


def test_curves_grow_point_by_point_and_are_those_of_the_library(workspace, cat, head):
    found = regions_of(workspace, cat.id)
    asked = CurveQuestion("Egyptian cat", MODEL, filling="mean")
    first = advance_curves(workspace, found, asked, seconds=0)
    assert (first.done, first.curves, first.is_finished) == (1, {}, False)
    curves = advance_curves(workspace, found, asked, seconds=60)
    assert curves.is_finished
    of_class = class_map(workspace, MODEL, "cam", EGYPTIAN_CAT, cat.working_blob)
    classifier = workspace.catalogue.load(MODEL)
    expected = deletion_curve(
        workspace.pixels(cat.working_blob),
        of_class,
        EGYPTIAN_CAT,
        lambda images: classifier.answer(images).probabilities,
        lambda image, mask: apply_method("mean", image, mask, {}),
    )
    assert curves.curves["deletion", "model"].probabilities == pytest.approx(expected.probabilities, abs=1e-4)
    assert curves.curves["insertion", "people"].probabilities[-1] == pytest.approx(expected.probabilities[0], abs=1e-4)
    assert curves.curves["deletion", "model"].tied_pixels == expected.tied_pixels
    again = advance_curves(Workspace(workspace.settings, workspace.database, workspace.blobs), found, asked)
    assert again == curves
    with pytest.raises(RegionscopeError, match="Nobody"):
        advance_curves(workspace, found, CurveQuestion("tabby", MODEL))

"""The explore page's agreement: one callback that asks, does some work where there is some, and shows."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from dash import Dash, Input, Output, html

from dashboard.analysis import Case
from dashboard.analysis.cases import case_from_coverages
from dashboard.components import ids
from dashboard.components.agreement import (
    DEFAULT_CUT_OFF,
    AgreementView,
    CaseView,
    Further,
    Number,
    agreement_panel,
    failed,
    nothing_chosen,
    progress,
)
from dashboard.components.attributes import aria
from dashboard.failures import describe
from dashboard.numbers import DASH, percent, two_decimals
from dashboard.recording.agreement import Agreement, Question, agreement, parse_question
from dashboard.recording.flips import FlipNotReadyError
from dashboard.recording.ids import RequestError, parse_models
from dashboard.recording.maps import MapNotReadyError
from dashboard.services import workspace
from dashboard.vision.errors import RegionscopeError
from dashboard.vision.explain import EXPLANATIONS, SMALLEST_FLIP, Flip
from dashboard.vision.inpainting import METHODS

STEP_SECONDS = 0.3
NO_CASE = "no case"
# Name in METRICS, what it is called, what it says, why it can be undefined.
MEASURES = (
    ("iou", "IoU", "Common part of both regions, of what either covers; at equal areas.", "both regions are empty"),
    ("dice", "Dice", "Twice the common part, of both areas together; at equal areas.", "both regions are empty"),
    ("human_coverage", "Yours covered", "How much of your region the model uses, by mean + 1 sd.", "yours is empty"),
    ("model_coverage", "Model's covered", "How much of the model's region you marked, by mean + 1 sd.", "it has none"),
    ("area_ratio", "Area, model / you", "By mean + 1 sd.", "yours is empty"),
    ("pointing_game", "Pointing game", "1 where the map's maximum lies in your region.", "the map is constant"),
    ("mass", "Mass inside", "Share of the map's positive part that lies in your region.", "the map has none"),
    ("enrichment", "Enrichment", "Mass inside, of what chance would give.", "the map has no positive part"),
    ("rank_accuracy", "Rank accuracy", "Share of the |H| highest pixels that lie in your region.", "yours is empty"),
    ("auc", "AUC (region)", "How often a pixel inside ranks above one outside.", "your region is the whole picture"),
    ("nss", "NSS", "Mean standardised map value in your region.", "the map is constant"),
)


def register(app: Dash) -> None:
    """Adds the callback to ``app``."""

    @app.callback(
        Output(ids.AGREEMENT, "children"),
        Output(ids.AGREEMENT_STATE, "data"),
        Input(ids.AGREEMENT_ASK, "data"),
        prevent_initial_call=True,
    )
    def show(ask: dict[str, Any] | None) -> Any:
        token = (ask or {}).get("token")
        if not ask or not ask.get("region"):
            return nothing_chosen(), {"token": token}
        try:
            return _answer(ask)
        except FlipNotReadyError as unfinished:
            working = [_working(unfinished), best_so_far(unfinished.flip)]
            return working, {"token": token, "pending": True, "overlay": best_address(ask, unfinished.steps)}
        except MapNotReadyError as unfinished:
            return _working(unfinished), {"token": token, "pending": True}
        except Exception as error:
            return failed(describe(error)[0]), {"token": token}


def _answer(ask: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    models = parse_models(ask.get("models"))
    question, high = parse_question({**ask, "model": models[0]}), parse_cut_off(ask.get("high"))
    found = agreement(workspace(), question, seconds=STEP_SECONDS)
    further = [_further(question, key, high) for key in models[1:]]
    state = {"token": ask.get("token"), "overlay": overlay_address(found), "share": float(found.human.mean())}
    # The first model's answer stands while the others are worked out.
    pending = {"pending": True} if any(not is_done for _, is_done in further) else {}
    return agreement_panel(view_of(found, [line for line, _ in further], high)), state | pending


def parse_cut_off(given: Any) -> float:
    """From which value on a coverage counts as high; raises RequestError for anything not above 0 and at most 1."""
    if given is None:
        return DEFAULT_CUT_OFF
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 < given <= 1:
        raise RequestError("The cut-off must be above 0 and at most 1.")
    return float(given)


def _case_at(found: Agreement, high: float) -> Case | None:
    """The case by this page's cut-off."""
    case = found.case
    if case is None:
        return None
    return case_from_coverages(case.iou, case.human_coverage, case.model_coverage, case.correct, high)


def overlay_address(found: Agreement) -> str:
    """Where the picture of both regions is to be had; it never changes, so the browser keeps it."""
    question, ground = found.question, found.ground
    asked: dict[str, Any] = {"rule": question.rule, "model": ground.card.identity[:16]}
    if question.share is not None:
        asked["share"] = question.share
    asked |= _settings(question)
    path = f"/media/agreement/{question.region}/{question.model_key}/{question.method}.png"
    return f"{path}?{urlencode(asked)}"


def _working(unfinished: MapNotReadyError) -> html.Div:
    return progress(unfinished.label, unfinished.steps / unfinished.total)


def best_so_far(flip: Flip) -> html.P:
    """What the search has found until now."""
    area = f"{percent(flip.area)} %"
    if flip.flipped:
        found = f"Without {area} of the picture the answer is another one already; smaller regions are being tried."
    else:
        found = f"Nothing up to {area} of the picture changes the answer yet."
    return html.P(found, className="small", **aria(live="polite"))


def best_address(ask: dict[str, Any], step: int) -> str:
    """Where the best region so far is to be had over hers; ``step`` makes each an address of its own."""
    question = parse_question({**ask, "model": parse_models(ask.get("models"))[0]})
    return f"/media/flips/{question.region}/{question.model_key}.png?{urlencode(_settings(question) | {'step': step})}"


def _settings(question: Question) -> dict[str, str]:
    return {"settings": json.dumps(dict(question.settings))} if question.settings else {}


def _further(question: Question, model_key: str, high: float) -> tuple[Further, bool]:
    """Another model's line, and whether it is done."""
    label = model_key
    try:
        label = workspace().catalogue.load(model_key).card.label
        found = agreement(workspace(), replace(question, model_key=model_key), seconds=STEP_SECONDS)
    except MapNotReadyError as unfinished:
        share = round(100 * unfinished.steps / unfinished.total)
        return Further(label, DASH, "", f"{unfinished.label}: {share} % done …"), False
    except RegionscopeError as error:
        return Further(label, DASH, "", str(error)), True
    decided = _case_at(found, high)
    case = decided.name if decided else NO_CASE
    return Further(label, two_decimals(found.numbers.get("iou")), case), True


def view_of(found: Agreement, further: list[Further], high: float = DEFAULT_CUT_OFF) -> AgreementView:
    """An agreement in the page's words; ``high`` is the cut-off of the Shared Interest cases."""
    both, human, model = found.human & found.model, found.human, found.model
    return AgreementView(
        sentence=found.sentence,
        only_person=float((human & ~model).mean()),
        both=float(both.mean()),
        only_model=float((model & ~human).mean()),
        case=_case_of(found, _case_at(found, high)),
        numbers=_numbers(found),
        further=further,
        notes=_notes(found),
        tied=_tied(found),
    )


def _tied(found: Agreement) -> str:
    """How far the order of pixels decided which of them the area-matched region took."""
    tied = found.numbers.get("tied_pixels")
    if not tied:
        return ""
    return f"At equal areas {tied:,} pixels tie for the last places; their order in the picture decided."


def _case_of(found: Agreement, case: Case | None) -> CaseView:
    top = found.ground.answer.top_label
    if case is None:
        truth = found.ground.picture.true_label or found.ground.region.class_name
        return CaseView(NO_CASE, f"{found.ground.card.label} has no class “{truth}”: is “{top}” right? Nobody can say.")
    values = (
        f"Cut-off {case.high}: IoU {two_decimals(case.iou)}, model's covered {two_decimals(case.model_coverage)}, "
        f"yours covered {two_decimals(case.human_coverage)}; the model's region is "
        f"{'the smallest flip' if found.flip else 'the map above mean + 1 sd'}, "
        f"its answer, “{top}”, is {'right' if case.correct else 'wrong'}."
    )
    return CaseView(case.name, case.explanation, values, case.borderline)


def _numbers(found: Agreement) -> list[Number]:
    chance = found.numbers.get("chance") or {}
    lines = []
    for name, label, explanation, undefined in MEASURES:
        value = found.numbers.get(name)
        reason = "a region has no map" if found.flip and name in chance else undefined
        is_missing = value is None or math.isnan(value)
        missing = reason if is_missing else ""
        lines.append(Number(label, two_decimals(value), two_decimals(chance.get(name), ""), explanation, missing))
    return lines


def _notes(found: Agreement) -> list[str]:
    ground = found.ground
    if found.flip is not None:
        return _flip_notes(found, found.flip)
    by = EXPLANATIONS[found.question.method].label
    notes = [f"The model's map is for “{ground.class_label}”, by {by}."]
    if not ground.class_is_hers:
        notes.append(f"{ground.card.label} has no class “{ground.region.class_name}”, so its own top answer is taken.")
    return notes


def _flip_notes(found: Agreement, flip: Flip) -> list[str]:
    labels, tried = found.ground.card.labels, f"{flip.evaluations} pictures were tried"
    before = f"“{labels[flip.class_before]}” ({percent(flip.probability_before)} %)"
    by = METHODS[str(SMALLEST_FLIP.settings(found.question.settings)["filling"])].label
    tried += ", as many as are allowed" if flip.cut_short else ""
    if not flip.flipped:
        largest = f"{percent(flip.largest_tried)} %"
        return [f"No region of up to {largest} of the picture that was tried changes {before}, by {by}; {tried}."]
    after = f"“{labels[flip.class_after]}” ({percent(flip.probability_after)} %)"
    area = percent(flip.area)
    notes = [f"Without the model's region ({area} % of the picture, by {by}) {before} becomes {after}; {tried}."]
    if flip.cut_short:
        notes.append("The search ended before nothing was left to try: a smaller region may do.")
    if flip.class_before != found.ground.class_index:
        notes.append("The smallest flip is about the model's top answer, not about the class you marked.")
    return notes

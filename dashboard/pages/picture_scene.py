"""What the page of one picture shows: the regions over it, what people share, where models stand, one by one."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from dash import html

from dashboard.analysis import Curve
from dashboard.components import picture_page as parts
from dashboard.components import picture_tools as tools
from dashboard.components.agreement import progress
from dashboard.components.picture_page import Fact, Legend, ModelLine, RegionRow
from dashboard.figures.curves import NAMES, curve_chart
from dashboard.figures.standing import Mark, standing_chart
from dashboard.numbers import DASH, counted, percent, two_decimals
from dashboard.pages.explaining import first_method, model_label
from dashboard.recording.curves import KINDS, ORDERS, Curves
from dashboard.recording.everybody import PictureRegions
from dashboard.recording.standing import Beside, ModelStanding, Standing, beside, standing
from dashboard.recording.wording import region_sentence
from dashboard.services import workspace
from dashboard.vision.errors import RegionscopeError
from dashboard.vision.explain import EXPLANATIONS
from db.records import Picture, Region

STEP_SECONDS = 0.3
NO_CASE = "no case"
TWO = "fewer than two people."


def explore_address(picture: Picture) -> str:
    """Where the picture is marked and edited."""
    return f"/?image={picture.id}"


def content(found: PictureRegions, class_name: str, models: list[str], method: str, shown: str) -> list[Any]:
    """What is shown of one class. Raises MapNotReadyError while something is being worked out."""
    known = standing(workspace(), found, class_name, models, method, STEP_SECONDS)
    if known is None:
        picture = picture_of(found, "", models[0], method, "none")
        return [picture, parts.nothing_marked(explore_address(found.picture), _without(sum(found.left_out.values())))]
    picture = picture_of(found, class_name, models[0], method, shown)
    return [
        html.Div([picture, _people(known, found)], className="picture-column"),
        html.Div([models_of(known), matrix(known)], className="picture-column"),
        _regions(found, class_name, models[0], method),
    ]


def marked_by_people(found: PictureRegions, models: list[str]) -> list[Any]:
    """The same in short, for another page: the class that most people marked, by the first usable map."""
    class_name, method = found.classes[0], first_method(workspace(), models[0])
    known = standing(workspace(), found, class_name, models, method, STEP_SECONDS)
    assert known is not None
    others = len(found.classes) - 1
    more = f" {counted(others, 'other class was', 'other classes were')} marked, too." if others else ""
    link = html.A("Each region, and what removing it does", href=f"/images/{found.picture.id}")
    return [
        html.P(
            [f"For “{class_name}”, beside the models' maps by {EXPLANATIONS[method].label}.{more} ", link, "."],
            className="small",
        ),
        html.Div(
            [
                picture_of(found, class_name, models[0], method, "people"),
                picture_of(found, class_name, models[0], method, "both"),
            ],
            className="marked-pictures",
        ),
        html.Div([_people(known, found), models_of(known), matrix(known)], className="marked-numbers"),
    ]


def picture_of(found: PictureRegions, class_name: str, model: str, method: str, shown: str) -> Any:
    """The picture with what was chosen over it."""
    picture = found.picture
    marked = sorted((region.id, region.author) for region in found.of_class(class_name))
    # What it follows from is named because the answer is kept by the browser for good.
    follows = hashlib.sha256(json.dumps([marked, _identity(model)]).encode()).hexdigest()[:16]
    asked = urlencode({"class": class_name, "model": model, "method": method, "from": follows})
    overlays = [] if shown == "none" else [f"/media/everybody/{picture.id}/{shown}.png?{asked}"]
    legends = {
        "people": [Legend("patch is-share", "Share of people who marked it, pale to deep")],
        "both": [
            Legend("patch", "Only people"),
            Legend("patch is-both", "Both"),
            Legend("patch is-model", "Only the model, equal area"),
        ],
        "map": [Legend("patch is-heat", "Where the model looked, dark to light")],
    }
    ratio = picture.working_width / picture.working_height
    base = f"/media/{picture.working_blob}.png"
    return parts.picture_stack(picture.name, base, overlays, ratio, legends.get(shown, []))


def _identity(model: str) -> str:
    try:
        return workspace().catalogue.load(model).card.identity
    except RegionscopeError:
        return ""


def _people(known: Standing, found: PictureRegions) -> Any:
    """How far people agree among themselves, and who is left out of it."""
    count, shared = len(known.people), known.shared
    alone = TWO if count < 2 else ""
    return parts.facts(
        f"{counted(count, 'person', 'people')}, {counted(known.regions, 'region')}",
        [
            Fact(
                "Consensus region",
                f"{percent(known.consensus_share)} %",
                "Marked by at least half; share of the picture.",
            ),
            _fact("Mean pairwise IoU", shared.pairwise_iou, "Common part of two people, of what either marked.", alone),
            _fact("Fleiss' kappa", shared.fleiss, "Per pixel, marked or not; 1 is full agreement, 0 chance.", alone),
            _fact("Krippendorff's alpha", shared.krippendorff, "The same, nominal, also for few people.", alone),
            _fact(
                "Ceiling",
                shared.ceiling.value,
                f"Correlation of two halves of the people, {_over(shared.ceiling)}.",
                alone,
            ),
            _fact(
                "Floor",
                shared.floor.value,
                f"The same with half of another picture's people, {_over(shared.floor)}.",
                alone or "no other picture was marked by two people.",
            ),
        ],
        _without(found.left_out.get(known.class_name, 0)),
    )


def _without(left_out: int) -> str:
    """A sentence on the regions that do not count, "" where all do."""
    if not left_out:
        return ""
    return (
        f"{counted(left_out, 'region does', 'regions do')} not count: of archived sessions, of participants who were "
        "excluded, of practice trials and of attention checks."
    )


def _fact(label: str, value: float, explanation: str, why: str) -> Fact:
    missing = "" if value == value else f"Undefined: {why or 'nobody differs, or nothing was marked.'}"
    return Fact(label, two_decimals(value), explanation, missing)


def _over(mean: Any) -> str:
    """How many splits a mean is over, and how many it leaves out."""
    return f"mean of {mean.n:,} splits{_undefined(mean.left_out)}"


def models_of(found: Standing) -> Any:
    """Every model's score between floor and ceiling."""
    scored = [model for model in found.models if model.problem is None]
    ends = ("value", "low", "high")
    marks = [Mark(m.label, _value(m.score), *[_end(m, end) for end in ends]) for m in scored]
    figure = standing_chart(found.shared.floor.value, found.shared.ceiling.value, marks)
    return parts.standing_section(figure, [_line(model) for model in found.models], _notes(found))


def _value(mean: Any) -> float:
    return math.nan if mean is None else float(mean.value)


def _end(model: Any, name: str) -> float:
    return math.nan if model.everybody is None else float(getattr(model.everybody, name))


def _line(model: Any) -> ModelLine:
    if model.problem:
        return ModelLine(model.label, DASH, DASH, DASH, DASH, DASH, model.problem)
    low, high = _end(model, "low"), _end(model, "high")
    interval = DASH if low != low else f"{two_decimals(low)} to {two_decimals(high)}"
    everybody_score = two_decimals(_end(model, "value"))
    values = (
        two_decimals(_value(model.score)),
        everybody_score,
        interval,
        two_decimals(model.normalised),
        two_decimals(model.iou),
    )
    return ModelLine(model.label, *values)


def _notes(found: Standing) -> list[str]:
    shared = found.shared
    overlap = "IoU: the model's region of equal area and the consensus region."
    if len(found.people) < 2:
        alone = "With one person there are no halves, so no score, no ceiling, no floor and no interval."
        return [f"Everybody: correlation of the model's map with what was marked. {overlap}", alone]
    notes = [
        f"Score: correlation of the model's map with the consensus of half of the people ({shared.half}), as ceiling "
        f"and floor are; beside it that with everybody's, whose 95 % interval draws people anew. {overlap}"
    ]
    if found.floor_picture is None:
        notes.append("There is no floor until two people have marked another picture, too.")
    else:
        notes.append(f"The floor is taken from people's regions on “{found.floor_picture}”.")
    return notes + [note for model in found.models for note in _left_out(model)]


def _left_out(model: ModelStanding) -> list[str]:
    """What a model's numbers leave out, and why one is missing."""
    score, interval = model.score, model.everybody
    said = []
    if score is not None and score.left_out and score.n:
        said.append(f"{model.label}: its score is over {score.n:,} comparisons{_undefined(score.left_out)}.")
    if interval is not None and interval.left_out:
        said.append(f"{model.label}: {interval.left_out:,} resamples are undefined and left out of the interval.")
    if interval is not None and interval.reason and score is not None and score.n:
        said.append(f"{model.label} has no interval: {interval.reason}")
    if model.tied:
        said.append(f"{model.label}: {model.tied:,} pixels of its map tie where its region ends; their order decided.")
    if model.normalised != model.normalised and score is not None and score.n:
        said.append(f"{model.label}: of the ceiling is undefined, as the ceiling is not above a floor.")
    return said


def _undefined(left_out: int) -> str:
    return f" ({left_out:,} undefined)" if left_out else ""


def matrix(found: Standing) -> Any:
    """Model against model."""
    labels = {model.key: model.label for model in found.models if model.problem is None}

    def between(a: str, b: str) -> str:
        return "1.00" if a == b else two_decimals(found.pairs.get((a, b), found.pairs.get((b, a), math.nan)))

    return parts.matrix(list(labels.values()), [[between(a, b) for b in labels] for a in labels])


def _regions(found: PictureRegions, class_name: str, model: str, method: str) -> Any:
    chosen = found.of_class(class_name)
    label = model_label(workspace(), model)
    try:
        held = beside(workspace(), found, class_name, model, method)
    except RegionscopeError as error:
        return parts.region_table(_rows(chosen, [None] * len(chosen)), [str(error)])
    by = EXPLANATIONS[method].label
    notes = [
        f"IoU with {label}'s {by} region of equal area; ties: so many of the map's pixels are equal where it ends, and "
        "their order in the picture decided. The case by its region above mean + 1 sd, cut-off 0.5, * where a value "
        "that decided lies within 0.05 of it."
    ]
    if any(one.case is None for one in held):
        notes.append("There is no case where nobody can say whether the model's answer is right.")
    return parts.region_table(_rows(chosen, held, label), notes)


def authors(found: Sequence[Region]) -> list[str]:
    """Whoever marked each region, by name; sessions in which nobody gave her name are numbered."""
    unnamed = list(dict.fromkeys(one.author for one in found if one.author in ("", one.session)))
    names = {author: f"unnamed {number}" for number, author in enumerate(unnamed, 1)}
    return [names.get(one.author, one.author) for one in found]


def region_options(found: Sequence[Region]) -> list[dict[str, str]]:
    """Entries of a menu of regions."""
    named = zip(found, authors(found), strict=True)
    return [
        {"value": one.id, "label": f"{author}: {one.name}" if one.name else f"{author}, {percent(one.mask_area)} %"}
        for one, author in named
    ]


def _rows(found: list[Region], held: Sequence[Beside | None], model: str = "") -> list[RegionRow]:
    return [_row(*line, model) for line in zip(found, authors(found), held, strict=True)]


def _row(region: Region, author: str, held: Beside | None, model: str) -> RegionRow:
    return RegionRow(
        author=author,
        name=region.name,
        share=region.mask_area,
        confidence=region.confidence,
        agreement=two_decimals(held.iou if held else math.nan),
        ties=f"{held.tied:,}" if held else DASH,
        case=_case(held),
        sentence=region_sentence(author, model, held.iou, held.covered) if held else "",
        reason=region.reason,
        source=region.source,
        where=f"/sessions/{region.session}" if region.session else None,
        overlay=f"/media/regions/{region.id}.png",
    )


def _case(held: Beside | None) -> str:
    if held is None:
        return DASH
    if held.case is None:
        return NO_CASE
    return held.case.name + (" *" if held.case.borderline else "")


def _ties(curve: Curve) -> str:
    """At how many points the order of equal pixels decided which of them were gone."""
    tied = sum(count > 0 for count in curve.tied_pixels)
    return f" (equal pixels were cut by their place at {tied} of {len(curve.tied_pixels)} points)" if tied else ""


def curves_of(found: Curves) -> Any:
    """Both charts with what is there, and the areas under the curves."""
    charts, sentences = [], []
    for kind in KINDS:
        there = {order: found.curves[kind, order] for order in ORDERS if (kind, order) in found.curves}
        lines = {str(order): (curve.shares, curve.probabilities) for order, curve in there.items()}
        charts.append(curve_chart(kind.capitalize(), lines))
        areas = [f"{two_decimals(curve.area)} in {NAMES[order]}{_ties(curve)}" for order, curve in there.items()]
        if areas:
            better = "smaller" if kind == "deletion" else "larger"
            sentences.append(f"Area under the {kind} curve, {better} is better: {' and '.join(areas)}.")
    working = None if found.is_finished else progress("Drawing the curves", found.done / found.total)
    return tools.curve_pair(charts, sentences, working)

"""The explore page's *Does it matter?*: each call does a short step of the work, shows it, and says if more is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dash import Dash, Input, Output

from dashboard.components import ids
from dashboard.components.agreement import DASH, failed, progress
from dashboard.components.effects import EffectLine, effect_panel
from dashboard.components.numbers import percent, points
from dashboard.failures import describe
from dashboard.figures.effects import effects_chart
from dashboard.recording.effects import Effect, EffectQuestion, advance, look, parse_question
from dashboard.recording.ids import parse_models
from dashboard.services import workspace
from dashboard.vision.errors import RegionscopeError
from dashboard.vision.inpainting import METHODS, unavailable_reason

Answered = tuple[EffectQuestion, Effect | RegionscopeError]


def register(app: Dash) -> None:
    """Adds the callback to ``app``."""

    @app.callback(
        Output(ids.EFFECT, "children"),
        Output(ids.EFFECT_STATE, "data"),
        Input(ids.EFFECT_ASK, "data"),
        prevent_initial_call=True,
    )
    def show(ask: dict[str, Any] | None) -> Any:
        token = (ask or {}).get("token")
        if not ask or not ask.get("region"):
            return None, {"token": token}
        try:
            found = step(questions(ask))
            pending = any(isinstance(one, Effect) and not one.is_finished for _, one in found)
            return panel(found, pending), {"token": token, "pending": pending}
        except Exception as error:
            return failed(describe(error)[0]), {"token": token}


def questions(ask: dict[str, Any]) -> list[EffectQuestion]:
    """The first model with the chosen method, then the other models, then – if so asked – every other method."""
    models = parse_models(ask.get("models"))
    first = parse_question({**ask, "model": models[0]})
    asked = [replace(first, model_key=key) for key in models]
    if ask.get("every_method"):
        network = workspace().settings.inpainting_network
        others = [m.key for m in METHODS if m.group == "remove" and m.key != first.method]
        usable = [key for key in others if unavailable_reason(key, network) is None]
        asked += [replace(first, method=key, parameters=METHODS[key].parse({})) for key in usable]
    return asked


def step(asked: Sequence[EffectQuestion]) -> list[Answered]:
    """All that is known; the first question that is not finished is taken a step further."""
    found: list[Answered] = []
    working = False
    for number, question in enumerate(asked):
        try:
            effect = look(workspace(), question) if working else advance(workspace(), question)
            working = working or not effect.is_finished
            found.append((question, effect))
        except RegionscopeError as error:
            if number == 0:
                raise
            found.append((question, error))
    return found


def panel(found: Sequence[Answered], pending: bool) -> Any:
    """What is seen of the answers so far."""
    first = found[0][1]
    assert isinstance(first, Effect)
    summary, known = first.summary, first.progress
    interval = (summary.random_low, summary.random_high) if summary else None
    figure = effects_chart(known.human, known.model, known.random, interval)
    done = sum(one.done for _, one in found if isinstance(one, Effect))
    total = sum(one.total for _, one in found if isinstance(one, Effect))
    lines = [line(question, one) for question, one in found] if len(found) > 1 else []
    return effect_panel(
        figure, sentences(first), lines, progress("Removing regions", done / total) if pending else None
    )


def sentences(effect: Effect) -> list[str]:
    """The chart in words."""
    found, label = effect.progress, effect.ground.class_label
    method = METHODS[effect.question.method].label
    said = []
    if found.human is not None and found.before is not None:
        said.append(
            f"“{label}” is at {percent(found.before)} %. Without your region ({method}) it changes by "
            f"{points(-found.human)} points: its necessity is {points(found.human)}."
        )
    if found.model is not None:
        said.append(
            "The model's map is constant, so it has no region."
            if found.model != found.model
            else f"The model's region of equal area: {points(found.model)}."
        )
    if found.human_sufficiency is not None and found.model_sufficiency is not None:
        model = DASH if found.model_sufficiency != found.model_sufficiency else f"{percent(found.model_sufficiency)} %"
        hers = percent(found.human_sufficiency)
        said.append(
            f"With all else blurred it is at {hers} % for yours and {model} for the model's: their sufficiency."
        )
    return said + _chance(effect)


def _chance(effect: Effect) -> list[str]:
    if effect.progress.too_large:
        return ["Your region is too large to be put anywhere else, so there is no chance level."]
    summary, count = effect.summary, len(effect.progress.random)
    if summary is None:
        return []
    return [
        f"{count} random regions of your region's shape: {points(summary.random_mean.value)} on average, 95 % of them "
        f"between {points(summary.random_low)} and {points(summary.random_high)}. "
        f"Causal advantage of yours: {points(summary.causal_advantage)} points."
    ]


def line(question: EffectQuestion, effect: Effect | RegionscopeError) -> EffectLine:
    """One question in the table."""
    method = METHODS[question.method].label
    if isinstance(effect, RegionscopeError):
        return EffectLine(f"{question.model_key}, {method}", DASH, DASH, DASH, DASH, str(effect))
    summary, found = effect.summary, effect.progress
    return EffectLine(
        f"{effect.ground.card.label}, {method}",
        _written(found.human),
        _written(found.model),
        _written(summary.random_mean.value if summary else None),
        _written(summary.causal_advantage if summary else None),
    )


def _written(value: float | None) -> str:
    return DASH if value is None or value != value else points(value)

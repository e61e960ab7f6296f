"""The explore page's *Does it matter?*: each call does a short step of the work, shows it, and says if more is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dash import Dash, Input, Output

from dashboard.components import ids
from dashboard.components.agreement import failed, progress
from dashboard.components.effects import EffectLine, effect_panel
from dashboard.failures import describe
from dashboard.figures.effects import effects_chart
from dashboard.numbers import DASH, percent, points
from dashboard.pages.explaining import first_method, model_label
from dashboard.recording.effects import Effect, EffectQuestion, advance, look, parse_question
from dashboard.recording.flips import FLIP
from dashboard.recording.ids import parse_models
from dashboard.services import workspace
from dashboard.vision.errors import RegionscopeError
from dashboard.vision.explain import EXPLANATIONS
from dashboard.vision.inpainting import METHODS, unavailable_reason

Answered = tuple[EffectQuestion, Effect | RegionscopeError]


def register(app: Dash, place: str = ids.EFFECT, asked: str = ids.EFFECT_ASK, answered: str = ids.EFFECT_STATE) -> None:
    """Adds the callback to ``app``: what the store ``asked`` holds is answered in ``place``, step by step."""

    @app.callback(
        Output(place, "children"),
        Output(answered, "data"),
        Input(asked, "data"),
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
    asked = [_question(ask, key) for key in models]
    first = asked[0]
    if ask.get("every_method"):
        network = workspace().settings.inpainting_network
        others = [m.key for m in METHODS if m.group == "remove" and m.key != first.method]
        usable = [key for key in others if unavailable_reason(key, network) is None]
        asked += [replace(first, method=key, parameters=METHODS[key].parse({})) for key in usable]
    return asked


def _question(ask: dict[str, Any], model_key: str) -> EffectQuestion:
    """One model's; a smallest flip has no area of its own to choose, so the model's first map stands for it."""
    if ask.get("map_method") != FLIP:
        return parse_question({**ask, "model": model_key})
    return parse_question(
        {**ask, "model": model_key, "map_method": first_method(workspace(), model_key), "map_parameters": {}}
    )


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
    is_one_model = len({question.model_key for question, _ in found}) == 1
    lines = [line(question, one, is_one_model) for question, one in found] if len(found) > 1 else []
    working = progress("Removing regions", done / total) if pending else None
    return effect_panel(about(first), figure, sentences(first), lines, together(found), working)


def about(effect: Effect) -> str:
    """Whose answer it is: the model, the map behind its region, and the filling."""
    question = effect.question
    by, map_label = METHODS[question.method].label, EXPLANATIONS[question.map_method].label
    return f"{effect.ground.card.label} · {map_label}, equal area · removed by {by}"


def together(found: Sequence[Answered]) -> list[str]:
    """How much the filling decides for the first model: how far the drops go apart, and whether their order holds."""
    first = found[0][0].model_key
    done = [one for question, one in found if question.model_key == first and isinstance(one, Effect) and one.summary]
    if len(done) < 2:
        return []
    drops = {METHODS[one.question.method].label: one.summary.human for one in done if one.summary}
    least, most = min(drops, key=lambda name: drops[name]), max(drops, key=lambda name: drops[name])
    said = (
        f"How much the filling decides: over {len(done)} fillings the drop without the marked region goes from "
        f"{points(drops[least])} ({least}) to {points(drops[most])} points ({most})."
    )
    return [said, _orders(done), "What the region does alone does not depend on the filling."]


def _orders(done: Sequence[Effect]) -> str:
    """Which of the three does most, and where a filling says otherwise."""
    orders: dict[str, list[str]] = {}
    for one in done:
        orders.setdefault(_order(one), []).append(METHODS[one.question.method].label)
    if len(orders) == 1:
        return f"All agree on the order: {next(iter(orders))}."
    written = "; ".join(f"{order} by {', '.join(names)}" for order, names in orders.items())
    return f"They do not agree on the order: {written}."


def _order(one: Effect) -> str:
    summary = one.summary
    assert summary is not None
    drops = {"the marked region": summary.human, "the model's": summary.model, "random": summary.random_mean.value}
    known = {name: drop for name, drop in drops.items() if drop == drop}
    return ", then ".join(sorted(known, key=lambda name: -known[name]))


def sentences(effect: Effect) -> list[str]:
    """The chart in words."""
    found, label = effect.progress, effect.ground.class_label
    method = METHODS[effect.question.method].label
    said = []
    if found.human is not None and found.before is not None:
        said.append(
            f"“{label}” is at {percent(found.before)} %. Without the marked region ({method}) it changes by "
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
            f"With all else blurred it is at {hers} % for the marked region and {model} for the model's: "
            "their sufficiency."
        )
    return said + _chance(effect)


def _chance(effect: Effect) -> list[str]:
    if effect.progress.too_large:
        return ["The marked region is too large to be put anywhere else, so there is no chance level."]
    summary, count = effect.summary, len(effect.progress.random)
    if summary is None:
        return []
    return [
        f"{count} random regions of its shape: {points(summary.random_mean.value)} on average, 95 % of them "
        f"between {points(summary.random_low)} and {points(summary.random_high)}. "
        f"Causal advantage of the marked region: {points(summary.causal_advantage)} points."
    ]


def line(question: EffectQuestion, effect: Effect | RegionscopeError, is_one_model: bool) -> EffectLine:
    """One question in the table, called by its model and filling, or its filling where all are of one model."""
    method = METHODS[question.method].label
    name = method if is_one_model else f"{model_label(workspace(), question.model_key)}, {method}"
    if isinstance(effect, RegionscopeError):
        return EffectLine(name, DASH, DASH, DASH, DASH, DASH, str(effect))
    summary, found = effect.summary, effect.progress
    return EffectLine(
        name,
        _written(found.human),
        _written(found.model),
        _written(summary.random_mean.value if summary else None),
        _written(summary.causal_advantage if summary else None),
        DASH if found.human_sufficiency is None else percent(found.human_sufficiency),
    )


def _written(value: float | None) -> str:
    return DASH if value is None or value != value else points(value)

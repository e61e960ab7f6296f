"""From an address to what the compare page shows: the one reader behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from dash import html, no_update

from dashboard.comparison_media import GAIN
from dashboard.components import comparison as parts
from dashboard.components.comparison import Cell, Heading, Panel, Row
from dashboard.numbers import percent
from dashboard.pages.explaining import first_method
from dashboard.recording import comparing, comparisons, everybody
from dashboard.recording.comparing import Compared, Item, ModelName
from dashboard.recording.comparison_url import (
    NO_MAP,
    Items,
    Look,
    look_to_parameters,
    parameters_of,
    parse_items,
    parse_look,
)
from dashboard.recording.differences import changed_pixels, map_limit
from dashboard.recording.ids import RequestError, parse_id
from dashboard.recording.maps import MapNotReadyError, class_map
from dashboard.recording.workspace import Workspace
from dashboard.vision.colour import value_range
from dashboard.vision.errors import RegionscopeError
from dashboard.vision.inpainting import METHODS
from db.records import Answer

STEP_SECONDS = 0.3

SMALLEST_WIDTH_SHARE = 0.4
KIND_LABELS = {"edit": "Edit", "session": "End state", "image": "Untouched picture"}


@dataclass(frozen=True)
class Asked:
    """What an address asks for; ``saved`` is the kept comparison that it opens, if any."""

    items: Items
    look: Look
    saved: comparisons.Saved | None


@dataclass(frozen=True)
class Shown:
    """Everything found, and every choice made: what the address left open has its usual value."""

    items: tuple[Item, ...]
    reference: Item
    models: tuple[ModelName, ...]
    stored: tuple[ModelName, ...]
    class_index: int
    labels: list[str]
    look: Look
    pair: tuple[Item, Item]
    problems: tuple[str, ...]

    @property
    def model(self) -> str:
        """The key of the model that decides: the first one."""
        return self.models[0].key


def asked_by(workspace: Workspace, search: object) -> Asked:
    """Parses an address's query string. Raises RequestError, and NotFoundError for a comparison that is gone."""
    given = parameters_of(search)
    saved = None
    if given.get("comparison"):
        saved = comparisons.read(workspace, parse_id(given["comparison"], "comparison"))
        # Whoever changes a saved comparison writes the whole look into the address.
        given = given if set(given) - {"comparison", "items"} else saved.look | given
    named = ",".join(map(str, saved.items)) if saved and not given.get("items") else given.get("items", "")
    return Asked(parse_items(named), parse_look(given), saved)


def build(workspace: Workspace, view: Any) -> tuple[Any, ...]:
    """The scene for the browser, the sentences about what is missing, the panels, the table, and two sections."""
    if not isinstance(view, dict):
        raise RequestError("The view must be an object.")
    asked = asked_by(workspace, view.get("search"))
    found = comparing.compare(workspace, asked.items)
    if not found.is_enough:
        return _too_few(found, view)
    shown = choose(workspace, found, asked.look)
    keys = [item.key for item in shown.items]
    scene = _scene(workspace, shown, view) | {"token": view.get("token"), "items": keys, "comparison": _named(asked)}
    grid = no_update if view.get("shown") == keys else parts.panels(_panels(shown.items))
    table = parts.answers_table(_headings(shown), [(m.key, m.label) for m in shown.models], _rows(shown))
    return scene, parts.problems(shown.problems), grid, table, _difference(workspace, shown), _who_took_what(shown)


def choose(workspace: Workspace, found: Compared, look: Look) -> Shown:
    """Fills in what the address left open."""
    problems = list(found.problems)
    reference = found.find(look.reference) or found.items[0]
    if look.reference and reference.key != look.reference:
        problems.append(f"The reference that the address names is not among the items; it is {reference.letter} now.")
    models = _models(workspace, found.items, look, problems)
    items, unanswered = comparing.with_pictures_answered(workspace, found.items, [model.key for model in models])
    stored = comparing.models_of(items)
    reference = next(item for item in items if item.key == reference.key)
    problems += [*unanswered, *_unanswered(items, models)]
    labels, top = _labels_and_top(items, reference, models[0].key)
    index = look.class_index if look.class_index is not None and look.class_index < len(labels) else top
    chosen = replace(look, reference=reference.key, models=tuple(model.key for model in models), class_index=index)
    pair = _pair(items, reference, look)
    return Shown(tuple(items), reference, tuple(models), tuple(stored), index, labels, chosen, pair, tuple(problems))


def maps(workspace: Workspace, scene: Any) -> dict[str, Any]:
    """Where every item's coloured map is to be had and the values at the ends of their one scale, or why not."""
    wanted = scene["maps"]
    model, method, index = wanted["model"], wanted["method"], wanted["class"]
    if method == NO_MAP:
        return {"token": scene["token"]}
    try:
        found = _worked_out(workspace, model, method, index, wanted["blobs"])
        low, high = value_range(*found.values())
        weights = urlencode({"is": workspace.catalogue.load(model).card.identity[:16]})
        answer: dict[str, Any] = {"token": scene["token"], "low": low, "high": high, "label": wanted["label"]}
        # The weights are named because the browser keeps the pictures for good.
        answer["urls"] = {
            letter: f"/media/maps/{model}/{method}/{index}/{blob}.png?low={low!r}&high={high!r}&{weights}"
            for letter, blob in wanted["blobs"].items()
        }
        if wanted["pair"]:
            first, second = wanted["pair"]
            limit = map_limit(workspace, model, method, index, first, second)
            path = f"/media/differences/maps/{model}/{method}/{index}/{first}/{second}.png"
            answer |= {"limit": limit, "difference": f"{path}?limit={limit!r}&{weights}"}
        return answer
    except MapNotReadyError:
        raise
    except RegionscopeError as error:
        return {"token": scene["token"], "failed": str(error)}


def _worked_out(workspace: Workspace, model: str, method: str, index: int, blobs: dict[str, str]) -> dict[str, Any]:
    found = {}
    for letter, blob in blobs.items():
        try:
            found[letter] = class_map(workspace, model, method, index, blob, seconds=STEP_SECONDS)
        except MapNotReadyError as one:
            steps = len(found) * one.total + one.steps
            raise MapNotReadyError(one.label, steps, len(blobs) * one.total) from one
    return found


def _too_few(found: Compared, view: dict[str, Any]) -> tuple[Any, ...]:
    scene: dict[str, Any] = {"token": view.get("token"), "items": [], "tooFew": True}
    return scene, [parts.problems(found.problems), parts.ways_out()], [], None, None, None


def _named(asked: Asked) -> dict[str, str] | None:
    return {"id": asked.saved.id, "name": asked.saved.name} if asked.saved else None


def _models(workspace: Workspace, items: Sequence[Item], look: Look, problems: list[str]) -> list[ModelName]:
    stored = {model.key: model for model in comparing.models_of(items)}
    known = {entry.key: ModelName(entry.key, entry.label, 0) for entry in workspace.catalogue.entries()} | stored
    problems += [f"There is no model {key!r}." for key in look.models if key not in known]
    chosen = [known[key] for key in look.models if key in known]
    return chosen or list(stored.values())[:1] or [known[workspace.catalogue.default_key]]


def _unanswered(items: Sequence[Item], models: Sequence[ModelName]) -> list[str]:
    sentences = []
    for model in models:
        others = [item.letter for item in items if model.key in item.other_weights]
        missing = [item.letter for item in items if model.key not in item.answers and item.letter not in others]
        if others:
            sentences.append(
                f"{model.label} answered {', '.join(others)} with other weights than the rest; that is not compared."
            )
        if missing:
            which = ", ".join(missing)
            sentences.append(f"{model.label} has not answered {which} yet; below it can be asked to.")
    return sentences


def _labels_and_top(items: Sequence[Item], reference: Item, model: str) -> tuple[list[str], int]:
    answers: list[Answer] = [item.answers[model] for item in [reference, *items] if model in item.answers]
    return (answers[0].labels, answers[0].top_index) if answers else ([], 0)


def _pair(items: Sequence[Item], reference: Item, look: Look) -> tuple[Item, Item]:
    by_key = {item.key: item for item in items}
    if look.pair and set(look.pair) <= set(by_key):
        return by_key[look.pair[0]], by_key[look.pair[1]]
    others = [item for item in items if item.key != reference.key]
    others.sort(key=lambda item: (item.picture.id != reference.picture.id, item.size != reference.size))
    return reference, others[0]


def _scene(workspace: Workspace, shown: Shown, view: dict[str, Any]) -> dict[str, Any]:
    first, second = shown.pair
    comparable = first.size == second.size
    method = shown.look.map_method or first_method(workspace, shown.model)
    offered = {model.key: model.label for model in [*shown.stored, *shown.models]}
    chosen = look_to_parameters(shown.look) | {
        "map": method,
        "masks": shown.look.masks,
        "opacity": str(shown.look.opacity),
        "pair": f"{first.key},{second.key}",
    }
    return {
        "chosen": chosen,
        "models": [{"value": key, "label": label} for key, label in offered.items()],
        "classes": None if view.get("classesOf") == shown.model else _classes(shown.labels),
        "pairs": [{"value": item.key, "label": f"{item.letter}: {_title(item)}"} for item in shown.items],
        "answers": {item.letter: _answer(item, shown) for item in shown.items},
        "canvases": _canvases(shown),
        "maps": {
            "model": shown.model,
            "method": method,
            "class": shown.class_index,
            "label": shown.labels[shown.class_index] if shown.labels else "",
            "blobs": {item.letter: item.blob for item in shown.items},
            "pair": [first.blob, second.blob] if comparable else None,
        },
        "scope": _scope(workspace, shown),
        "marked": _marked(workspace, shown),
    }


def _classes(labels: list[str]) -> list[dict[str, Any]]:
    return [{"label": label, "value": index} for index, label in enumerate(labels)]


def _answer(item: Item, shown: Shown) -> dict[str, Any] | None:
    answer, reference = item.answers.get(shown.model), shown.reference.answers.get(shown.model)
    if answer is None:
        return None
    return {
        "label": answer.top_label,
        "percent": percent(answer.top_probability),
        "flipped": reference is not None and reference.top_label != answer.top_label,
    }


def _canvases(shown: Shown) -> dict[str, Any]:
    """What lies in every canvas: its size in image pixels and the addresses of its layers."""
    found: dict[str, Any] = {item.letter: _canvas(item) for item in shown.items}
    first, second = shown.pair
    if first.size == second.size:
        pair = f"{first.blob}/{second.blob}.png"
        size = {"height": first.size[0], "width": first.size[1]}
        found["changed"] = size | {
            "picture": f"/media/pale/{first.blob}.png",
            "over": f"/media/differences/changed/{pair}",
        }
        found["amplified"] = size | {"picture": f"/media/differences/amplified-{GAIN}/{pair}"}
        found["maps"] = size | {"picture": f"/media/pale/{first.blob}.png", "wants": "difference"}
    people = comparing.people_of(shown.items)
    if comparing.same_size(shown.items) and people.count:
        height, width = shown.items[0].size
        query = urlencode(
            [("height", height), ("width", width), *[("person", ",".join(group)) for group in people.groups]],
            safe=",",
        )
        found["people"] = {
            "height": height,
            "width": width,
            "picture": f"/media/pale/{_backdrop(shown.items).picture.working_blob}.png",
            "over": f"/media/people.png?{query}",
        }
    return found


def _backdrop(items: Sequence[Item]) -> Item:
    return next((item for item in items if item.state.origin), items[0])


def _canvas(item: Item) -> dict[str, Any]:
    change = item.state.change
    regions = {style: f"/media/regions/{change.id}/{style}.png" for style in ("outline", "fill")} if change else None
    return {
        "height": item.size[0],
        "width": item.size[1],
        "picture": f"/media/{item.blob}.png",
        "regions": regions,
        "wants": "map",
    }


def _scope(workspace: Workspace, shown: Shown) -> dict[str, int]:
    """How many edits "these states" and "all edits of these sessions" are."""
    references = [item.reference for item in shown.items]
    these = sum(item.state.change is not None for item in shown.items)
    sessions = sum(reference.kind == "session" for reference in references)
    every = len(comparing.edits_to_answer(workspace, references, True)) if sessions else these
    return {"these": these, "every": every, "sessions": sessions}


def _title(item: Item) -> str:
    origin = item.state.origin
    return (origin.name if origin else "") or item.picture.name


def _where(item: Item) -> str:
    change, origin = item.state.change, item.state.origin
    if origin is None:
        return ""
    named = f" · {item.picture.name}" if origin.name else ""
    if change is None:
        return f" · at the original{named}"
    method = METHODS[change.method].label if change.method in METHODS else change.method
    return f" · step {change.sequence}{named} · {method}, {percent(change.mask_area)} %"


def _href(item: Item) -> str | None:
    origin, change = item.state.origin, item.state.change
    if origin is None:
        return None
    return f"/sessions/{origin.id}?edit={change.id if change else 'original'}"


def _panels(items: Sequence[Item]) -> list[Panel]:
    widest = max(item.size[1] for item in items)
    return [
        Panel(
            key=item.key,
            letter=item.letter,
            kind=KIND_LABELS[item.reference.kind],
            title=_title(item),
            where=_where(item),
            href=_href(item),
            width_px=item.size[1],
            height_px=item.size[0],
            width_share=max(item.size[1] / widest, SMALLEST_WIDTH_SHARE),
        )
        for item in items
    ]


def _headings(shown: Shown) -> list[Heading]:
    return [Heading(i.key, i.letter, f"{i.letter}: {_title(i)}", i.key == shown.reference.key) for i in shown.items]


def _rows(shown: Shown) -> list[Row]:
    models = [model.key for model in shown.models]
    return [
        Row(
            line.index,
            line.label,
            line.index == shown.class_index,
            tuple(_cell(line, item, model, shown) for item in shown.items for model in models),
        )
        for line in comparing.class_lines(shown.items, shown.reference, models)
    ]


def _cell(line: comparing.ClassLine, item: Item, model: str, shown: Shown) -> Cell:
    value, reference = line.values[item.key, model], line.values[shown.reference.key, model]
    change = None if value is None or reference is None or item.key == shown.reference.key else value - reference
    answer = item.answers.get(model)
    reason = "Not asked yet" if answer is None else "This model names its classes differently"
    is_top = answer is not None and value is not None and answer.top_index == line.index
    return Cell(item.key, model, value, change, is_top, reason)


def _difference(workspace: Workspace, shown: Shown) -> Any:
    first, second = shown.pair
    if first.size != second.size:
        sizes = " and ".join(f"{item.letter} {item.size[1]} × {item.size[0]}" for item in (first, second))
        return html.P(f"Not offered for these two: {sizes} pixels. Pixels and maps are compared at equal sizes only.")
    found = changed_pixels(workspace, first.blob, second.blob)
    return html.P(
        [
            html.Strong(f"{found.count:,}", id="changed-count"),
            f" of {found.pixels:,} pixels differ between {first.letter} and {second.letter} (",
            html.Strong(f"{percent(found.share)} %", id="changed-share"),
            ").",
        ]
    )


def _marked(workspace: Workspace, shown: Shown) -> dict[str, Any] | None:
    """The one picture that all items show, where people marked what matters in it; else None."""
    pictures = {item.picture.id for item in shown.items}
    if len(pictures) > 1:
        return None
    found = everybody.regions_of(workspace, pictures.pop())
    return {"image": found.picture.id, "models": [model.key for model in shown.models]} if found.classes else None


def _who_took_what(shown: Shown) -> Any:
    people = comparing.people_of(shown.items)
    if not people.count:
        return html.P("Only edits and sessions have regions; here are pictures alone.")
    if not comparing.same_size(shown.items):
        return html.P("Not offered here: the pictures have different sizes, so their pixels do not correspond.")
    pictures = {item.picture.id for item in shown.items if item.state.origin}
    mixed = f" They worked on {len(pictures)} different pictures." if len(pictures) > 1 else ""
    return html.P(f"Share of people who took each pixel away, n = {people.count}: {_who(people)}.{mixed}")


def _who(people: comparing.People) -> str:
    named = f"{people.named} {'person' if people.named == 1 else 'people'} by name"
    unnamed = f"{people.unnamed} {'session' if people.unnamed == 1 else 'sessions'} without a name"
    if not people.unnamed:
        return named
    if not people.named:
        return f"{unnamed}, each counted as a person"
    return f"{named} and {unnamed}, each counted as a person"

"""Regions as the browser and scripts send and read them."""

from __future__ import annotations

from typing import Any

import numpy as np
from flask import Blueprint, Response, request
from numpy.typing import NDArray

from dashboard.analysis import equal_area_region
from dashboard.colours import BOTH_VIOLET, MODELS_ORANGE, PEOPLES_BLUE
from dashboard.recording import everybody, model_regions, regions
from dashboard.recording.agreement import both_regions, ground, parse_question
from dashboard.recording.flips import FLIP, best_flip_so_far
from dashboard.recording.ids import RequestError, object_of, parse_id
from dashboard.recording.masks import mask_of
from dashboard.request_json import body_json, number_of, query_json, sitting
from dashboard.services import workspace
from dashboard.vision.colour import overlay as overlay_map
from dashboard.vision.colour import people_overlay, value_range
from dashboard.vision.images import encode_png
from dashboard.vision.masks import overlay_rgba, two_masks_rgba
from dashboard.vision.shapes import parse_shapes
from db import films
from db import regions as kept
from db.errors import NotFoundError
from db.records import Region

blueprint = Blueprint("regions", __name__)
FOREVER = "private, max-age=31536000, immutable"


@blueprint.get("/api/v1/regions")
def regions_of_picture() -> dict[str, Any]:
    """A picture's regions (``image``), of one session (``session``) or of all.

    At most 1,000, after the first ``from``; ``next`` is where to go on, null at the end.
    """
    image = parse_id(request.args.get("image"), "picture")
    session = parse_id(request.args["session"], "session") if request.args.get("session") else None
    first = request.args.get("from", 0, type=int)
    if first < 0:
        raise RequestError("A list begins at 0.")
    with workspace().database.read() as transaction:
        found = kept.regions_of_picture(transaction, image, session=session, first=first, limit=kept.MOST + 1)
    more = first + kept.MOST if len(found) > kept.MOST else None
    return {"regions": [region_json(region) for region in found[: kept.MOST]], "next": more}


@blueprint.post("/api/v1/regions")
def mark() -> dict[str, Any]:
    """Keeps a marked region and answers once it is on the disk."""
    return region_json(regions.mark(workspace(), parse_region(body_json())))


@blueprint.post("/api/v1/regions/model")
def keep_model_region() -> dict[str, Any]:
    """Keeps a model's region, as the agreement shows it, as a region of its own."""
    body = body_json()
    region_id, question = parse_id(body.get("id"), "region"), parse_question(object_of(body, "question"))
    return region_json(model_regions.keep_model_region(workspace(), region_id, sitting(body), question))


@blueprint.get("/api/v1/regions/<region>")
def one_region(region: str) -> dict[str, Any]:
    """One region with its shapes as they were drawn."""
    region_id = parse_id(region, "region")
    with workspace().database.read() as transaction:
        return region_json(kept.region(transaction, region_id)) | {
            "shapes": films.region_shapes(transaction, region_id)
        }


@blueprint.put("/api/v1/regions/<region>")
def describe(region: str) -> dict[str, Any]:
    """Says something else of a region: its name, how sure, why."""
    body = body_json()
    event_id, region_id = parse_id(body.get("id"), "event"), parse_id(region, "region")
    about = regions.parse_about(body)
    return region_json(regions.describe(workspace(), event_id, region_id, about, number_of(body, "time_ms")))


@blueprint.delete("/api/v1/regions/<region>")
def delete(region: str) -> dict[str, Any]:
    """Deletes a region for good; the picture and its edits stay."""
    body = body_json()
    event_id, region_id = parse_id(body.get("id"), "event"), parse_id(region, "region")
    return {"id": region_id, "deleted": regions.delete(workspace(), event_id, region_id, number_of(body, "time_ms"))}


@blueprint.get("/media/regions/<region>.png")
def overlay(region: str) -> Response:
    """The region's own pixels as a transparent picture."""
    with workspace().database.read() as transaction:
        found = kept.region(transaction, parse_id(region, "region"))
    return _png(overlay_rgba(mask_of(found), PEOPLES_BLUE if found.kind == kept.HUMAN else MODELS_ORANGE))


@blueprint.get("/media/agreement/<region>/<model>/<method>.png")
def both(region: str, model: str, method: str) -> Response:
    """A person's region and a model's over each other, in three colours; ``rule`` and ``share`` as in the question."""
    asked = {"region": region, "model": model, "method": method, "rule": request.args.get("rule")}
    question = parse_question(asked | {"share": request.args.get("share", type=float)} | _settings())
    human, of_model = both_regions(workspace(), question)
    return _png(two_masks_rgba(human, of_model, PEOPLES_BLUE, MODELS_ORANGE, BOTH_VIOLET))


@blueprint.get("/media/flips/<region>/<model>.png")
def best_flip(region: str, model: str) -> Response:
    """A person's region and the best flip found so far; nothing is searched for."""
    question = parse_question({"region": region, "model": model, "method": FLIP} | _settings())
    found = ground(workspace(), question.region, question.model_key)
    best = best_flip_so_far(workspace(), question.model_key, found.blob, question.settings)
    pixels = two_masks_rgba(mask_of(found.region), best.region, PEOPLES_BLUE, MODELS_ORANGE, BOTH_VIOLET)
    return Response(encode_png(pixels), mimetype="image/png", headers={"Cache-Control": "no-store"})


def _settings() -> dict[str, Any]:
    """The method's own settings, as the address says them."""
    return {"settings": query_json("settings")}


@blueprint.get("/media/everybody/<image>/<shown>.png")
def everybody_over(image: str, shown: str) -> Response:
    """Over a picture: the share of people, their consensus beside a model's region of equal area, or its map.

    Query: ``class`` (name), ``model``, ``method``.
    """
    image_id, class_name = parse_id(image, "picture"), request.args.get("class", "")
    model, method = request.args.get("model", ""), request.args.get("method", "cam")
    if shown == "people":
        return _png(people_overlay(everybody.consensus(workspace(), image_id, class_name)))
    found = everybody.regions_of(workspace(), image_id)
    chosen = found.of_class(class_name)
    if not chosen or shown not in {"both", "map"}:
        raise NotFoundError("There is nothing to show for this class.")
    of_class = everybody.model_map(workspace(), found.picture, chosen[0], model, method)
    if shown == "map":
        low, high = value_range(of_class)
        coloured = overlay_map(of_class, low, high)
        coloured[..., 3] = 150
        return _png(coloured)
    consensus = everybody.consensus(workspace(), image_id, class_name) >= 0.5
    region = equal_area_region(consensus, of_class)
    return _png(two_masks_rgba(consensus, region, PEOPLES_BLUE, MODELS_ORANGE, BOTH_VIOLET))


def _png(pixels: NDArray[np.uint8]) -> Response:
    return Response(encode_png(pixels), mimetype="image/png", headers={"Cache-Control": FOREVER})


def parse_region(body: dict[str, Any]) -> regions.RegionRequest:
    """What the browser sends for a marked region; raises RegionscopeError with a sentence for anything else."""
    model, index = body.get("model"), body.get("class_index")
    if not isinstance(model, str):
        raise RequestError("The model is missing.")
    if index is not None and (isinstance(index, bool) or not isinstance(index, int)):
        raise RequestError("A class is chosen by its number.")
    return regions.RegionRequest(
        id=parse_id(body.get("id"), "region"),
        sitting=sitting(body),
        edit=parse_id(body["edit"], "edit") if body.get("edit") else None,
        model_key=model,
        class_index=index,
        class_name=body.get("class_name", ""),
        shapes=parse_shapes(body.get("shapes")),
        about=regions.parse_about(body),
        client_started_ms=number_of(body, "started_ms"),
        client_ended_ms=number_of(body, "ended_ms"),
    )


def region_json(region: Region) -> dict[str, Any]:
    """A region as the browser and scripts get it."""
    return {
        "id": region.id,
        "kind": region.kind,
        "image": region.picture,
        "edit": region.edit,
        "session": region.session,
        "model": region.model,
        "class_index": region.class_index,
        "class_name": region.class_name,
        "name": region.name,
        "reason": region.reason,
        "confidence": region.confidence,
        "agreement": region.agreement,
        "author": region.author,
        "source": region.source,
        "mask": region.mask,
        "mask_area": region.mask_area,
        "overlay": f"/media/regions/{region.id}.png",
        "created": region.created_at.isoformat(),
    }

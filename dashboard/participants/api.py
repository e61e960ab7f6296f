"""What participants' pages send, each under an id made in the browser, so that sending it again is always safe."""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, Response, jsonify, redirect, request

from dashboard.access import is_researcher_here
from dashboard.colours import PEOPLES_BLUE
from dashboard.failures import answer as answer_error
from dashboard.participants import cookies, limits, media, shown
from dashboard.recording.ids import RequestError, object_of, parse_id
from dashboard.request_json import body_json, number_of
from dashboard.services import workspace
from dashboard.studies import drawing
from dashboard.studies.answering import Given, answer
from dashboard.studies.client import describe_client
from dashboard.studies.drawing import EditWish
from dashboard.studies.entering import Entrance, check_parameters, enter
from dashboard.studies.errors import EntryError, NotHersError
from dashboard.studies.keys import keys_of
from dashboard.studies.leaving import decline, withdraw_with
from dashboard.studies.noting import Happening, note
from dashboard.studies.place import Place, place_of
from dashboard.studies.telling import in_language
from dashboard.studies.wording import say
from dashboard.vision.images import encode_png
from dashboard.vision.masks import area_share, overlay_rgba, rasterise
from dashboard.vision.shapes import parse_shapes
from db import participants, queries

blueprint = Blueprint("participants", __name__, url_prefix="/s/<slug>")
blueprint.before_request(limits.check)
_NO_STORE = {"Cache-Control": "no-store"}
_PRIVATE = {"Cache-Control": "private, max-age=3600"}


def who_is_here(slug: str) -> str:
    """The participant (public id) who asks; raises NotHersError for anybody else."""
    participant = cookies.participant_here(slug)
    if participant is None:
        raise NotHersError("Open the study's link again to go on.")
    return participant


def place_here(slug: str) -> Place:
    """Where the participant is who asks; raises NotHersError for anybody else."""
    participant = who_is_here(slug)
    with workspace().database.read() as transaction:
        return place_of(transaction, participants.participant_row(transaction, participant))


@blueprint.errorhandler(Exception)
def refused(error: Exception) -> tuple[dict[str, Any], int, dict[str, str]]:
    """The same as everywhere, in the language of her page."""
    content, status, headers = answer_error(error)
    return {"error": in_language(content["error"], limits.language_here())}, status, headers


@blueprint.post("/enter")
def begin(slug: str) -> tuple[Response, int]:
    """Begins, or goes on; the browser is the participant's from then on."""
    body = body_json()
    preview = body.get("preview") is True and is_researcher_here()
    language = str(body.get("language", ""))[:2]
    entrance = Entrance(
        request=parse_id(body.get("id"), "request"),
        visitor=cookies.visitor(),
        parameters=check_parameters(object_of(body, "parameters")),
        language=language,
        client=describe_client(object_of(body, "client"), request.user_agent.string),
        preview=preview,
    )
    if not entrance.visitor:
        raise RequestError("Taking part needs cookies: allow them for this site, and open the link again.")
    try:
        participant = enter(workspace(), slug, entrance)
    except EntryError as error:
        sentence = say(language, error.reason, **error.values)
        return jsonify({"error": sentence, "reason": error.reason}), 409
    response = jsonify({"participant": participant, "preview": preview})
    cookies.give_token(response, slug, participant)
    return response, 200


@blueprint.get("/resume/<token>")
def resume(slug: str, token: str) -> Response:
    """A private link: whoever has it goes on as this participant, on whatever device."""
    participant = keys_of(workspace().settings.data_dir).participant_of(token)
    preview = cookies.is_preview(participant, slug) if participant is not None else None
    query = f"?{'preview=1&' if preview else ''}p={participant}"
    response = cast(Response, redirect(f"/s/{slug}{'' if preview is None else query}", 303, Response))
    if participant is not None and preview is not None:
        # A link that a chat program looks at begins nothing and changes nothing but its own cookie.
        cookies.give_token(response, slug, participant)
    response.headers.update({**_NO_STORE, "Referrer-Policy": "no-referrer"})
    return response


@blueprint.post("/api/v1/answers")
def answers(slug: str) -> dict[str, Any]:
    """Keeps the answer to a step and answers once it is on the disk."""
    body, participant = body_json(), who_is_here(slug)
    step = body.get("step")
    if not isinstance(step, str):
        raise RequestError("The step is missing.")
    given = Given(parse_id(body.get("id"), "answer"), step, object_of(body, "answers"), number_of(body, "client_ms"))
    after = answer(workspace(), participant, given)
    return {"id": given.id, "state": after.state, "next": after.step.key if after.step else None}


@blueprint.post("/api/v1/edits")
def edits(slug: str) -> dict[str, Any]:
    """Removes a region and answers once all of it is on the disk."""
    body, here = body_json(), place_here(slug)
    wish = EditWish(
        id=parse_id(body.get("id"), "edit"),
        trial=parse_id(body.get("trial"), "trial"),
        parent=parse_id(body["parent"], "edit") if body.get("parent") else None,
        method=str(body["method"]) if body.get("method") else None,
        shapes=parse_shapes(body.get("shapes")),
        client_started_ms=number_of(body, "started_ms"),
        client_ended_ms=number_of(body, "ended_ms"),
    )
    state = drawing.edit(workspace(), here, wish)
    return shown.edited(here, here.may_see(wish.trial), state)


@blueprint.post("/api/v1/moves")
def moves(slug: str) -> dict[str, Any]:
    """Goes back to an earlier edit of the trial, or to the untouched picture."""
    body, here = body_json(), place_here(slug)
    trial = parse_id(body.get("trial"), "trial")
    target = parse_id(body["edit"], "edit") if body.get("edit") else None
    event = parse_id(body.get("id"), "event")
    state = drawing.step_back(workspace(), here, event, trial, target, number_of(body, "client_ms"))
    return shown.edited(here, here.may_see(trial), state)


@blueprint.post("/api/v1/events")
def events(slug: str) -> dict[str, Any]:
    """Keeps what else happened, in the order it is sent in."""
    body, participant = body_json(), who_is_here(slug)
    given = body.get("events")
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise RequestError("A list of events was expected.")
    happenings = [
        Happening(
            parse_id(one.get("id"), "event"),
            str(one.get("kind")),
            object_of(one, "payload"),
            number_of(one, "client_ms"),
        )
        for one in given
    ]
    note(workspace(), participant, happenings)
    return {"kept": len(happenings)}


@blueprint.post("/api/v1/masks")
def masks(slug: str) -> Response:
    """What a region covers, as a transparent picture: what is seen is what will be kept."""
    body, here = body_json(), place_here(slug)
    trial = here.may_see(parse_id(body.get("trial"), "trial"))
    with workspace().database.read() as transaction:
        picture = queries.picture(transaction, trial.plan["picture"])
    mask = rasterise(parse_shapes(body.get("shapes")), picture.working_height, picture.working_width)
    png = encode_png(overlay_rgba(mask, PEOPLES_BLUE))
    return Response(png, mimetype="image/png", headers={"X-Mask-Area": f"{area_share(mask):.6f}"})


@blueprint.post("/decline")
def declined(slug: str) -> dict[str, str]:
    """She does not want to take part."""
    decline(workspace(), who_is_here(slug))
    return {"state": "declined"}


@blueprint.post("/withdraw")
def withdrawn(slug: str) -> dict[str, str]:
    """Erases all that whoever was given the code gave, whether or not this is her browser."""
    participant = withdraw_with(workspace(), slug, str(body_json().get("code", "")))
    sentence = say(limits.language_here(), "withdrawn")
    return {"state": "withdrawn", "participant": participant, "sentence": sentence}


@blueprint.get("/media/<trial>/<what>.png")
def picture(slug: str, trial: str, what: str) -> Response:
    """One of the pictures of her trials."""
    here = place_here(slug)
    found = here.may_see(parse_id(trial, "trial"))
    return Response(media.trial_png(workspace(), here, found, what), mimetype="image/png", headers=_PRIVATE)


@blueprint.get("/instructions/<int:number>.png")
def instruction(slug: str, number: int) -> Response:
    """The picture of a page of the instructions."""
    png = media.instruction_png(workspace(), place_here(slug), number)
    return Response(png, mimetype="image/png", headers=_PRIVATE)

"""Who asks: a participant by her cookie, and before that a browser by one that means nothing else."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, g, request
from sqlalchemy import select

from dashboard.services import workspace
from dashboard.studies.keys import keys_of
from db.study_models import Participant, Study

PATH = "/s/"
VISITOR = "regionscope-visitor"
TOKEN = "X-Participant"
KEPT_S = 180 * 24 * 3600


def visitor() -> str:
    """What this browser is known by before it is anybody's; empty where it sent nothing."""
    return request.cookies.get(VISITOR, "")[:200]


def give_visitor(response: Response) -> None:
    """A browser that comes for the first time gets something to be known by; that begins nothing."""
    if not request.cookies.get(VISITOR):
        _set(response, VISITOR, secrets.token_urlsafe(24))


def give_token(response: Response, slug: str, participant: str) -> None:
    """From now on this browser is this participant's; one that is a preview has a cookie beside the person's own."""
    token = keys_of(workspace().settings.data_dir).token(participant)
    _set(response, _name(slug, is_preview(participant, slug) is True), token)


def participant_here(slug: str) -> str | None:
    """The participant (public id) of this study who asks; None for anybody else.

    What was done by somebody is sent with her own token, though the browser may be somebody else's by now. Pictures
    are asked for by the cookie, and say with ``p`` whose they are.
    """
    if TOKEN in request.headers:
        return _of_token(request.headers[TOKEN], slug)
    held = [one for one in (held_here(slug, False), held_here(slug, True)) if one is not None]
    wanted = request.args.get("p")
    return next((one for one in held if wanted in (None, one)), None)


def held_here(slug: str, preview: bool) -> str | None:
    """The participant whose cookie this browser has, or the preview."""
    return _of_token(request.cookies.get(_name(slug, preview)), slug)


def _of_token(token: str | None, slug: str) -> str | None:
    found = keys_of(workspace().settings.data_dir).participant_of(token)
    return None if found is None or is_preview(found, slug) is None else found


def is_preview(participant: str, slug: str) -> bool | None:
    """Whether a participant of this study is only looking; None where there is no such participant.

    The database is asked once a request: the guard, the limits and the answer all want to know.
    """
    known: dict[tuple[str, str], bool] = g.setdefault("known_participants", {})
    if (participant, slug) not in known:
        with workspace().database.read() as transaction:
            query = select(Participant.preview).join(Study, Study.id == Participant.study_id)
            found = transaction.scalar(query.where(Participant.public_id == participant, Study.slug == slug))
        if found is None:
            return None
        known[participant, slug] = found
    return known[participant, slug]


def is_participant(slug: str, **_others: Any) -> bool:
    """The rule for all that belongs to a participant's own way."""
    return participant_here(slug) is not None


def _name(slug: str, preview: bool) -> str:
    return f"regionscope-{'preview' if preview else 'study'}-{slug}"


def _set(response: Response, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=KEPT_S, path=PATH, httponly=True, samesite="Lax", secure=request.is_secure)

"""Who may do what, decided here and nowhere else: whatever is not allowed below is refused.

Before anything else sees a request, it is looked up by the endpoint that would answer it:

- ``OPEN``: for everybody – health, style sheets, scripts and icons, signing in.
- ``PARTICIPANTS``: for a study's participants, each endpoint with a rule of its own.
- everything else, what does not exist included: for researchers.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, current_app, g, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from dashboard.accounts.store import any_account
from dashboard.participants.cookies import is_participant
from dashboard.services import workspace

OPEN = frozenset(
    {
        "media.healthy",
        "media.ready",
        "media.bootstrap",
        "media.icon",
        "sign_in.sign_in",
        "_dash_assets.static",
        "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>",
        "/_favicon.ico",
    }
)

# A participant's permissions are declared here: endpoint → a rule that is called with the address's values (such as
# a picture's sha256) and says whether the participant who asks may have it. Without a line here she gets nothing.
# A rule that holds for somebody who has not started yet, such as a study's entrance, takes care of that itself.
Rule = Callable[..., bool]
_ANYBODY: Rule = lambda **_address: True  # noqa: E731
_OWN_APPLICATION = (
    "",
    "<path:path>",
    "_dash-layout",
    "_dash-dependencies",
    "_dash-update-component",
    "_dash-component-suites/<string:package_name>/<path:fingerprinted_path>",
    "_favicon.ico",
)
# The participants' application shows nothing but a study's entrance to whoever is not one; its one callback finds out
# for itself who asks (dashboard/participants/app.py).
PARTICIPANTS: Mapping[str, Rule] = {
    **{f"/s/{name}": _ANYBODY for name in _OWN_APPLICATION},
    "participants.begin": _ANYBODY,
    "participants.resume": _ANYBODY,
    # Whoever has the code may be without the browser that she took part in.
    "participants.withdrawn": _ANYBODY,
    **{
        f"participants.{name}": is_participant
        for name in (
            "answers",
            "edits",
            "moves",
            "events",
            "masks",
            "declined",
            "picture",
            "instruction",
        )
    },
}

# What a person sees as a page sends her to sign in; everything else is asked for by a program.
PAGES = frozenset({"/", "/<path:path>"})
_PROGRAMS = ("/api/", "/media/", "/vendor/", "/_")
_SIGN_IN = "Sign in to use this."
_LARGEST_UNKNOWN = 64 * 1024  # bytes of a request by somebody who is not known
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")
_OWN_MACHINE = "REGIONSCOPE_OWN_MACHINE"


def register(server: Flask, own_machine: bool) -> None:
    """Guards every request; ``own_machine`` says that only this machine can reach the server.

    Must come before whatever else looks at requests.
    """
    server.config[_OWN_MACHINE] = own_machine
    server.before_request(_guard)


def is_open_here() -> bool:
    """Whether everything is open: no account, and the request comes from this machine and means it.

    A site elsewhere can have its own name point to this machine, so the name that was asked for counts as well.
    """
    return (
        bool(current_app.config[_OWN_MACHINE])
        and not workspace().settings.trusted_proxies
        and is_loopback(request.remote_addr or "")
        and is_loopback(_host_asked_for())
        and not any(name in request.headers for name in _FORWARDED)
        and not any_account(workspace().database)
    )


def is_researcher_here() -> bool:
    """Whether whoever asks may see everything."""
    return bool(current_user.is_authenticated) or is_open_here()


def _host_asked_for() -> str:
    try:
        return urlsplit(f"//{request.host}").hostname or ""
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    """Whether only this machine can be meant by ``host``, an address or a name."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.rstrip(".").lower() == "localhost"


def _guard() -> ResponseReturnValue | None:
    endpoint = request.endpoint or ""
    if endpoint in OPEN:
        request.max_content_length = _LARGEST_UNKNOWN
        return None
    g.is_researcher = current_user.is_authenticated
    if g.is_researcher or is_open_here() or _is_participants(endpoint):
        return None
    return _refusal(endpoint)


def _is_participants(endpoint: str) -> bool:
    rule = PARTICIPANTS.get(endpoint)
    return rule is not None and rule(**(request.view_args or {}))


def _refusal(endpoint: str) -> ResponseReturnValue:
    if endpoint in PARTICIPANTS:
        return {"error": "This is not part of your own study."}, 403
    if endpoint in PAGES and not request.path.startswith(_PROGRAMS):
        asked_for = request.full_path.removesuffix("?")
        address = "/sign-in" if asked_for == "/" else f"/sign-in?{urlencode({'next': asked_for})}"
        return Response(status=303, headers={"Location": address, "Cache-Control": "no-store"})
    return {"error": _SIGN_IN}, 401, {"Cache-Control": "no-store"}

"""Response headers and the check that a change comes from our own page."""

from __future__ import annotations

from urllib.parse import urlsplit

from dash import Dash
from flask import Flask, Response, abort, request

LARGEST_REQUEST = 36 * 1024 * 1024  # a 25 MB picture grows by a third as base64


def register(app: Dash) -> None:
    """Sets the limits and headers of every answer."""
    server: Flask = app.server
    server.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    server.before_request(_same_origin)

    @server.after_request
    def add_headers(response: Response) -> Response:
        # The hashes are complete only once Dash has set itself up, which the first request does.
        response.headers.setdefault("Content-Security-Policy", _policy(app))
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("X-Frame-Options", "SAMEORIGIN")
        return response


def _policy(app: Dash) -> str:
    scripts = " ".join(["'self'", *app.csp_hashes()])
    # Plotly styles its drawing inline; pictures it shows are data: and blob: of our own making.
    return (
        f"default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; connect-src 'self'; object-src 'none'; base-uri 'self'; frame-ancestors 'self'"
    )


def _same_origin() -> None:
    origin = request.headers.get("Origin")
    if request.method in ("POST", "PUT", "PATCH", "DELETE") and origin and urlsplit(origin).netloc != request.host:
        abort(403, "This request came from another site.")

"""Response headers, limits, and the check that a change comes from our own page."""

from __future__ import annotations

import logging

from dash import Dash
from flask import Flask, Response, abort, g, request
from flask.sessions import SecureCookieSessionInterface
from werkzeug.middleware.proxy_fix import ProxyFix

from dashboard.accounts.secret import installation_secret, key_for, mac
from dashboard.settings import Settings

LARGEST_REQUEST = 36 * 1024 * 1024  # a 25 MB picture grows by a third as base64
CHANGES = ("POST", "PUT", "PATCH", "DELETE")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}
log = logging.getLogger(__name__)


class Sessions(SecureCookieSessionInterface):
    """Signed cookies that go over HTTPS only wherever they were given out over HTTPS."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """As the request came; a proxy's word counts where it is trusted."""
        return request.is_secure

    def get_cookie_name(self, app: Flask) -> str:
        """The prefix forbids the sites of a neighbouring name to set it; browsers take it over HTTPS only."""
        name: str = app.config["SESSION_COOKIE_NAME"]
        return f"__Host-{name}" if request.is_secure else name


def prepare(server: Flask, settings: Settings) -> None:
    """What has to be known before the first request: who is in front, the limits, the cookies, the origin's check."""
    if settings.trusted_proxies:
        # The host is not among them: a proxy passes it on as it is, and hardly any removes a forged X-Forwarded-Host.
        number = settings.trusted_proxies
        server.wsgi_app = ProxyFix(server.wsgi_app, x_for=number, x_proto=number, x_host=0)  # type: ignore[method-assign]
    secret = installation_secret(settings.data_dir)
    server.config.update(
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        SECRET_KEY=key_for(secret, "cookies"),
        # A browser sends a cookie to every port of a machine, so two installations need two names.
        SESSION_COOKIE_NAME=f"regionscope-{mac(key_for(secret, 'name'), 'cookie')[:8]}",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # A cookie that changes would make the browser ask for every picture anew.
        SESSION_REFRESH_EACH_REQUEST=False,
    )
    server.session_interface = Sessions()
    server.before_request(_same_origin)


def add_headers(server: Flask, *apps: Dash) -> None:
    """Sets the headers of every answer; the inline scripts of ``apps`` are allowed, and no others."""

    @server.after_request
    def add(response: Response) -> Response:
        # The hashes are complete only once Dash has set itself up, which the first request does.
        response.headers.setdefault("Content-Security-Policy", _policy(apps))
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if g.get("is_researcher"):
            # What was on the screen is not to be had with "Back" after signing out.
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def _policy(apps: tuple[Dash, ...]) -> str:
    scripts = " ".join(["'self'", *(allowed for app in apps for allowed in app.csp_hashes())])
    # Plotly styles its drawing inline; pictures it shows are data: and blob: of our own making.
    return (
        f"default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def _same_origin() -> None:
    """Refuses a change that another site's page sends with this person's cookies, or to this person's machine."""
    if request.method not in CHANGES:
        return
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    ours = request.host_url.rstrip("/")
    if origin is not None and origin != ours:
        log.info("a change from %s was refused; expected %s (see REGIONSCOPE_TRUSTED_PROXIES)", origin, ours)
        abort(403, "This request came from another site.")
    if site is not None and site != "same-origin":
        abort(403, "This request came from another site.")
    # Every browser says where a change comes from; a program that says nothing brings no cookies of anybody's.
    if origin is None and site is None and request.cookies:
        abort(403, "This request does not say which site it came from.")

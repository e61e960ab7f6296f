"""Builds the application. Nothing happens at import; what it works with is handed in."""

from __future__ import annotations

from pathlib import Path

import dash
from dash import Dash
from flask import Flask

from dashboard import api, failures, media, replay_api, security, services
from dashboard.pages import explore, replay
from dashboard.recording.workspace import Workspace

ASSETS = Path(__file__).resolve().parent.parent / "assets"

_INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
{%metas%}
<title>{%title%}</title>
{%favicon%}
<script src="/assets/theme.js"></script>
{%css%}
</head>
<body>
{%app_entry%}
<footer>{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>"""


def create_app(opened: Workspace) -> Dash:
    """The whole application on an opened workspace; ``.server`` is the WSGI application."""
    server = Flask("regionscope")
    services.attach(server, opened)
    server.register_blueprint(media.blueprint)
    server.register_blueprint(api.blueprint)
    server.register_blueprint(replay_api.blueprint)
    failures.register(server)
    app = Dash(
        "regionscope",
        server=server,  # type: ignore[arg-type]  # Dash's annotation forgets that it takes a Flask
        title="Regionscope",
        update_title="",
        assets_folder=str(ASSETS),
        # It must run before the first paint, so the page's head names it itself.
        assets_ignore=r"theme\.js",
        external_stylesheets=["/vendor/bootstrap.min.css"],
        index_string=_INDEX,
        serve_locally=True,
        use_pages=True,
        pages_folder="",
        suppress_callback_exceptions=True,
        add_log_handler=False,
    )
    dash.register_page("explore", path="/", title="Regionscope", layout=explore.layout)  # type: ignore[no-untyped-call]
    dash.register_page(
        "replay", path_template="/sessions/<session_id>", title="Replay – Regionscope", layout=replay.layout
    )  # type: ignore[no-untyped-call]
    app.layout = dash.page_container
    explore.register(app)
    security.register(app)
    return app

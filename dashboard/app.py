"""Builds the application. Nothing happens at import; what it works with is handed in."""

from __future__ import annotations

from pathlib import Path

import dash
import diskcache
from dash import Dash, DiskcacheManager
from flask import Flask

from dashboard import api, comparison_media, failures, media, security, services
from dashboard.pages import compare, explore
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
    server.register_blueprint(comparison_media.blueprint)
    server.register_blueprint(api.blueprint)
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
        # The secret that signs jobs lies in the same cache, so all workers share it.
        background_callback_manager=_jobs(opened),
    )
    dash.register_page("explore", path="/", title="Regionscope", layout=explore.layout)  # type: ignore[no-untyped-call]
    dash.register_page("compare", path="/compare", title="Compare – Regionscope", layout=compare.layout)  # type: ignore[no-untyped-call]
    app.layout = dash.page_container
    explore.register(app)
    compare.register(app, opened.settings)
    security.register(app)
    return app


def _jobs(opened: Workspace) -> DiskcacheManager:
    return DiskcacheManager(diskcache.Cache(str(opened.settings.jobs_dir)))  # type: ignore[no-untyped-call]

"""Builds the application. Nothing happens at import; what it works with is handed in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dash
import diskcache
from dash import Dash, DiskcacheManager
from flask import Flask

from dashboard import api, comparison_media, curation_api, failures, media, replay_api, rows_api, security, services
from dashboard.pages import browse, compare, explore, replay
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
    for module in (media, comparison_media, api, curation_api, rows_api, replay_api):
        server.register_blueprint(module.blueprint)
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
    _page("explore", path="/", title="Regionscope", layout=explore.layout)
    _page("browse", path="/sessions", title="Sessions – Regionscope", layout=browse.layout)
    _page("compare", path="/compare", title="Compare – Regionscope", layout=compare.layout)
    _page("replay", path_template="/sessions/<session_id>", title="Replay – Regionscope", layout=replay.layout)
    app.layout = dash.page_container
    explore.register(app)
    browse.register(app)
    compare.register(app, opened.settings)
    security.register(app)
    return app


def _page(name: str, **about: Any) -> None:
    dash.register_page(name, **about)  # type: ignore[no-untyped-call]


def _jobs(opened: Workspace) -> DiskcacheManager:
    return DiskcacheManager(diskcache.Cache(str(opened.settings.jobs_dir)))  # type: ignore[no-untyped-call]

"""Builds the application. Nothing happens at import; what it works with is handed in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dash
import diskcache
from dash import Dash, DiskcacheManager
from flask import Flask

from dashboard import (
    access,
    api,
    comparison_media,
    curation_api,
    exports_api,
    failures,
    figures_api,
    media,
    regions_api,
    replay_api,
    rows_api,
    security,
    services,
    studies_api,
)
from dashboard.accounts import sign_in
from dashboard.background import sweep
from dashboard.exports import jobs as exported
from dashboard.pages import browse, compare, explore, image, replay, studies, study_design, study_results, study_watch
from dashboard.participants.app import create_participants_app
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


def create_app(opened: Workspace, own_machine: bool = True) -> Dash:
    """The whole application on an opened workspace; ``.server`` is the WSGI application.

    ``own_machine`` says that nobody but this machine can reach it, which opens it as long as nobody has an account.
    """
    server = Flask("regionscope", static_folder=None)
    services.attach(server, opened)
    security.prepare(server, opened.settings)
    access.register(server, own_machine)
    sign_in.register(server, opened)
    for module in (
        media,
        comparison_media,
        api,
        curation_api,
        rows_api,
        replay_api,
        regions_api,
        studies_api,
        exports_api,
        figures_api,
    ):
        server.register_blueprint(module.blueprint)
    failures.register(server)
    # Before the researchers', which Dash takes for the application from then on.
    participants = create_participants_app(server, _INDEX, ASSETS)
    app = Dash(
        "regionscope",
        server=server,  # type: ignore[arg-type]  # Dash's annotation forgets that it takes a Flask
        title="Regionscope",
        update_title="",
        assets_folder=str(ASSETS),
        # It must run before the first paint, so the page's head names it itself.
        assets_ignore=r"theme\.js",
        # Those are for another application.
        assets_path_ignore=["^participant$"],
        external_stylesheets=["/vendor/bootstrap.min.css"],
        index_string=_INDEX,
        serve_locally=True,
        use_pages=True,
        pages_folder="",
        suppress_callback_exceptions=True,
        add_log_handler=False,
        background_callback_manager=_jobs(opened),
    )
    _page("explore", path="/", title="Regionscope", layout=explore.layout)
    _page("browse", path="/sessions", title="Sessions – Regionscope", layout=browse.layout)
    _page("compare", path="/compare", title="Compare – Regionscope", layout=compare.layout)
    _page("replay", path_template="/sessions/<session_id>", title="Replay – Regionscope", layout=replay.layout)
    _page("image", path_template="/images/<image_id>", title="Picture – Regionscope", layout=image.layout)
    _page("studies", path="/studies", title="Studies – Regionscope", layout=studies.layout)
    _page("study", path_template="/studies/<slug>", title="Study – Regionscope", layout=study_watch.layout)
    _page("design", path_template="/studies/<slug>/design", title="Design – Regionscope", layout=study_design.layout)
    _page(
        "results", path_template="/studies/<slug>/results", title="Results – Regionscope", layout=study_results.layout
    )
    app.layout = dash.page_container
    explore.register(app)
    browse.register(app)
    image.register(app)
    compare.register(app, opened.settings)
    study_design.register(app)
    study_watch.register(app)
    study_results.register(app)
    security.add_headers(server, app, participants)
    return app


def _page(name: str, **about: Any) -> None:
    dash.register_page(name, **about)  # type: ignore[no-untyped-call]


def _jobs(opened: Workspace) -> DiskcacheManager:
    sweep(opened.settings)
    exported.sweep(opened.settings)
    return DiskcacheManager(diskcache.Cache(str(opened.settings.jobs_dir)))  # type: ignore[no-untyped-call]

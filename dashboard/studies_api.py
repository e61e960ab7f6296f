"""Studies for programs: designs as YAML, results as JSON and CSV. For researchers."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from dashboard.services import workspace
from dashboard.studies import store
from dashboard.studies.design_yaml import to_yaml
from dashboard.studies.results.report import results
from dashboard.studies.results.sections import as_csv, as_json
from db.errors import NotFoundError

blueprint = Blueprint("studies", __name__, url_prefix="/api/v1/studies/<slug>")


@blueprint.get("/design.yaml")
def design(slug: str) -> Response:
    """The newest version of the design, as `regionscope study create` takes it."""
    return _file(to_yaml(store.get(workspace(), slug).design), "application/yaml", f"{slug}.yaml")


@blueprint.get("/results")
def all_results(slug: str) -> dict[str, Any]:
    """All results, as far as they have been worked out (``?unfinished=1``: of everybody who has begun)."""
    return as_json(results(workspace(), slug, unfinished=_unfinished()))


@blueprint.get("/results/<name>.csv")
def table(slug: str, name: str) -> Response:
    """One table of the results."""
    found = results(workspace(), slug, unfinished=_unfinished()).table(name)
    if found is None:
        raise NotFoundError("There is no such table in these results.")
    return _file(as_csv(found), "text/csv; charset=utf-8", f"{slug}-{name}.csv")


def _unfinished() -> bool:
    return request.args.get("unfinished") == "1"


def _file(content: str, mimetype: str, name: str) -> Response:
    return Response(content, mimetype=mimetype, headers={"Content-Disposition": f'attachment; filename="{name}"'})

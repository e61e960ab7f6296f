"""Writing a design in the browser: where it begins, what can be chosen, what is wrong with it, keeping it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from dashboard.recording.ids import RequestError
from dashboard.recording.workspace import Workspace
from dashboard.studies import store
from dashboard.studies.assignment import NotEnoughPicturesError, conditions, plan
from dashboard.studies.check import estimated_minutes
from dashboard.studies.design_yaml import DesignError, content_of, from_content, to_content
from dashboard.studies.findings import Finding
from dashboard.studies.form_content import from_form, to_form
from dashboard.studies.store import StudyRecord
from dashboard.vision.explain import EXPLANATIONS
from dashboard.vision.inpainting import METHODS, unavailable_reason
from db import regions
from db.models import Image
from db.records import Region

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "docs" / "studies"
MOST_NAMES, MOST_REGIONS = 5_000, 200
_EMPTY: dict[str, Any] = {"languages": ["en"], "blocks": [], "image_sets": []}


@dataclass(frozen=True)
class Draft:
    """A design in the browser: ``form`` as its fields hold it, ``sha256`` of what is kept of it, "" for nothing yet.

    ``frozen``: the number of the version that participants have begun with, None where there is none.
    """

    form: dict[str, Any]
    slug: str = ""
    sha256: str = ""
    frozen: int | None = None


@dataclass(frozen=True)
class Verdict:
    """What a design comes to here; ``unreadable`` says why it is none yet."""

    unreadable: str = ""
    findings: tuple[Finding, ...] = ()
    minutes: int | None = None
    conditions: int = 0
    trials: int = 0


def begin(workspace: Workspace, slug: str, example: str | None = None) -> Draft:
    """The draft of a study that is there, or for "-" a new one: empty, or an example."""
    if slug != "-":
        record = store.get(workspace, slug)
        frozen = None if record.state == "draft" else record.version
        return Draft(to_form(to_content(record.design)), slug, record.design.sha256, frozen)
    return Draft(to_form(_example(example)) if example else dict(_EMPTY))


def _example(name: str) -> dict[str, Any]:
    file = EXAMPLES / f"{name}.yaml"
    if not re.fullmatch(r"[a-z-]+", name) or not file.is_file():
        raise RequestError("There is no such example.")
    return content_of(file.read_text(encoding="utf-8"))


def from_text(text: str) -> dict[str, Any]:
    """The form's content for a design that was written as YAML; raises DesignError."""
    return to_form(content_of(text))


def judge(workspace: Workspace, form: dict[str, Any]) -> Verdict:
    """What is wrong or unwise in what the form holds, and what it would ask of a participant."""
    try:
        design = from_content(from_form(form))
    except DesignError as error:
        return Verdict(unreadable=str(error))
    available = store.available(workspace, design)
    every = conditions(design)
    try:
        planned = [one for one in plan(design, every[0], 0, 0, available.library) if not one.practice]
    except (NotEnoughPicturesError, KeyError):
        planned = []
    return Verdict(
        findings=tuple(store.findings(workspace, design)),
        minutes=estimated_minutes(design, available) if planned else None,
        conditions=len(every),
        trials=len(planned),
    )


def keep(workspace: Workspace, form: dict[str, Any], slug: str, sha256: str) -> StudyRecord:
    """Keeps what the form holds; raises DesignError, and ConflictError where somebody else has changed it meanwhile."""
    design = from_content(from_form(form))
    # Under another address it is another study, which must not be there yet.
    return store.save(workspace, design, instead_of=sha256 if design.slug == slug else "")


def options(workspace: Workspace, form: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """What can be chosen in the fields that name something of this installation, by their names: (value, label)."""
    with workspace.database.read() as transaction:
        pictures = [(name, name) for name in transaction.scalars(_names(Image.name))]
        sets = [(name, name) for name in transaction.scalars(_names(Image.image_set))]
        marked = regions.newest_of_people(transaction, MOST_REGIONS)
        called: dict[str, str] = dict(transaction.execute(select(Image.public_id, Image.name)).all())
    network = workspace.settings.inpainting_network
    models = [(one.key, one.label) for one in workspace.catalogue.entries() if not one.unavailable]
    methods = [(one.key, one.label) for one in METHODS if unavailable_reason(one.key, network) is None]
    maps = [(one.key, one.label) for one in EXPLANATIONS]
    own = [str(one.get("name") or "") for one in form.get("image_sets") or ()]
    return {
        "pictures": pictures,
        "picture": pictures,
        "library_set": sets,
        "mask": [(one.id, f"{called[one.picture]}: {_region(one)}") for one in marked],
        "set": [(name, name) for name in own if name],
        **dict.fromkeys(("models", "model", "first_model", "second_model"), models),
        **dict.fromkeys(("method", "methods"), methods),
        **dict.fromkeys(("map_method", "first_method", "second_method"), maps),
    }


def _region(one: Region) -> str:
    return f"{one.name or one.class_name or 'marked'}, {one.mask_area:.0%}, {one.created_at:%d %b %H:%M}"


def _names(column: Any) -> Any:
    return select(column).where(column.is_not(None)).distinct().order_by(column).limit(MOST_NAMES)

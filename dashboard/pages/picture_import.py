"""Regions from files, taken in on the page of one picture, with a report."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from dash import Dash, Input, Output, no_update

from dashboard.components import picture_page as parts
from dashboard.components import picture_tools as tools
from dashboard.components.agreement import failed
from dashboard.failures import describe
from dashboard.recording import everybody
from dashboard.recording.everybody import PictureRegions
from dashboard.recording.ids import parse_id
from dashboard.recording.region_import import Manner, Report, import_regions
from dashboard.services import workspace
from dashboard.vision.errors import MaskError


def register(app: Dash) -> None:
    """Adds the callback to ``app``."""

    @app.callback(
        Output(tools.IMPORT_REPORT, "children"),
        Output(tools.IMPORTED, "data"),
        Output(parts.CLASS, "options"),
        Output(parts.CLASS, "value"),
        Output(parts.CLASS, "disabled"),
        Input(tools.IMPORT_ASK, "data"),
        prevent_initial_call=True,
    )
    def take(ask: dict[str, Any]) -> Any:
        try:
            image_id = parse_id(ask["image"], "picture")
            # What was never filled in does not come with the question.
            class_name, author = ask.get("class") or "", ask.get("author") or ""
            manner = Manner(workspace().catalogue.default_key, image_id, class_name, author)
            files = [(name, _file(one)) for name, one in zip(ask["names"], ask["contents"], strict=True)]
            report = import_regions(workspace(), files, manner)
            found = everybody.regions_of(workspace(), image_id)
        except Exception as error:
            return failed(describe(error)[0]), *[no_update] * 4
        value = _chosen(report, found, ask.get("shown"))
        shown = _report(report, is_named=bool(author))
        return shown, [one.region for one in report.taken], class_options(found), value, not found.classes


def _report(report: Report, *, is_named: bool) -> Any:
    taken = [f"{one.item}: {one.class_name}, {one.mask_area:.1%} of {one.picture}" for one in report.taken]
    left = [f"{one.item}: {one.why}" for one in report.left_out]
    whose = "" if is_named or not taken else "They name nobody, so each file counts as a person of its own."
    return tools.import_report(taken, left, whose)


def _chosen(report: Report, found: PictureRegions, shown: str | None) -> str | None:
    """The class that came in is shown; else what was shown stays."""
    came = [one.class_name for one in report.taken if one.class_name in found.classes]
    wanted = [*came, *([shown] if shown in found.classes else []), *found.classes]
    return wanted[0] if wanted else None


def class_options(found: PictureRegions) -> list[dict[str, str]]:
    """Entries of a menu of the classes that were marked, with how many regions each has."""
    return [{"value": name, "label": f"{name} ({len(found.of_class(name))})"} for name in found.classes]


def import_classes(found: PictureRegions) -> list[str]:
    """What a file that names no class may speak for: what is marked and labelled here, then the model's classes."""
    catalogue = workspace().catalogue
    try:
        labels: tuple[str, ...] = tuple(catalogue.load(catalogue.default_key).card.labels)
    except Exception as error:
        describe(error)
        labels = ()
    label = [found.picture.true_label] if found.picture.true_label else []
    return list(dict.fromkeys([*found.classes, *label, *labels]))


def _file(contents: str) -> bytes:
    try:
        return base64.b64decode(contents.split(",", 1)[1], validate=True)
    except (IndexError, binascii.Error) as error:
        raise MaskError("The file did not arrive whole. Try again.") from error

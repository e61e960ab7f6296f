"""Writing a data package or a report from a page: what is in it, how far it is, the file. The browser runs it."""

from __future__ import annotations

from dash import html

from dashboard.components.attributes import aria, data
from dashboard.components.dialog_parts import check, choice
from dashboard.components.icon import icon

PICTURES = (
    ("free", "All but those whose licence forbids it"),
    ("all", "All"),
    ("none", "None, only their checksums"),
)
EXCLUDED = (("flagged", "Included, and flagged"), ("in", "Included, like all others"), ("out", "Left out"))
MORE = (
    ("free_text", "What people wrote in words of their own", "Names, notes, reasons, answers in words, tags"),
    ("recruiter_ids", "Recruiters' ids of participants", "So that rows can be matched with the recruiter's list"),
)


def export_button(**about: str) -> html.Button:
    """Opens the dialog; ``about`` is what the package is of, such as ``study=slug``."""
    return html.Button(
        [icon("box-seam"), "Data package …"],
        type="button",
        className="btn btn-outline-secondary with-icon",
        **data(package="", **about),
    )


def report_button(study: str) -> html.Button:
    """Opens the same dialog for a study's report."""
    return html.Button(
        [icon("file-text"), "Report …"],
        type="button",
        className="btn btn-outline-secondary with-icon",
        **data(package="", study=study, report=""),
    )


def export_dialog() -> html.Dialog:
    """Closed; assets/export.js opens it."""
    return html.Dialog(
        [
            html.H2("Data package", id="package-title"),
            html.P(
                "A ZIP that others can use without asking: tables (Psych-DS), masks, pictures, designs, models' cards.",
                id="package-about",
                className="dialog-about",
            ),
            html.Div(
                [
                    choice("package-pictures", "Pictures", PICTURES),
                    choice("package-excluded", "Participants whom you excluded", EXCLUDED),
                    *[html.Div(check(f"package-{name}", words, about)) for name, words, about in MORE],
                ],
                id="package-choices",
            ),
            html.Div(
                [
                    html.Progress(id="package-progress", max="1", **aria(label="Writing")),
                    html.Span(id="package-progress-text", className="quiet"),
                ],
                id="package-working",
                className="package-working",
                hidden=True,
            ),
            html.P(id="package-message", className="message", role="alert"),
            html.P(id="package-status", className="visually-hidden", role="status"),
            html.Div(
                [
                    html.Button("Cancel", id="package-cancel", type="button", className="btn btn-outline-secondary"),
                    html.Button("Write the package", id="package-act", type="button", className="btn btn-primary"),
                    html.A("Download", id="package-file", className="btn btn-primary", download="", hidden=True),
                ],
                className="button-row dialog-buttons",
            ),
        ],
        id="package-dialog",
        className="dialog",
        **aria(labelledby="package-title", describedby="package-about"),
    )

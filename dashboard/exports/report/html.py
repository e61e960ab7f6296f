"""A report as one HTML file: it holds all that it shows, runs no script and asks nothing of anybody."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from dashboard.exports.report.content import Report

LANGUAGES = {"en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "nl": "Dutch"}


def html_of(report: Report) -> str:
    """The file's text; the same report gives the same text."""
    return _environment().get_template("report.html").render(report=report)


@cache
def _environment() -> Environment:
    loader = PackageLoader("dashboard.exports.report")
    made = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True,
    )  # fmt: skip
    made.filters["drawn"] = Markup  # what we drew ourselves: its texts are escaped already
    made.filters["language"] = lambda code: LANGUAGES.get(code, code)
    made.globals["style"] = Markup(loader.get_source(made, "report.css")[0])
    return made

"""What a package says of itself in sentences: what it is of, who is in it, and what was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from dashboard.exports.package.choosing import Choices, Chosen, Scope
from dashboard.exports.package.describing import About
from dashboard.studies.design import Design


def about_package(
    scope: Scope,
    choices: Choices,
    chosen: Chosen,
    study: str,
    rows: Mapping[str, int],
    designs: Mapping[str, Design],
    skipped: Sequence[str],
    withheld: int,
    states: Mapping[str, int],
) -> About:
    """``study``: the part of file names. ``rows`` by table, ``withheld`` pictures, participants by how far they came.

    ``skipped`` says what could not be worked out, or passed on.
    """
    slug = scope.study or ""
    title = _plain(designs[slug].title) if slug in designs else "Sessions recorded with Regionscope"
    counts = f"{rows['sessions']:,} sessions, {rows['edits']:,} edits and {rows['regions']:,} regions"
    of_study = f"{rows['participants']:,} participants of the study “{slug}”: " if slug in designs else ""
    return About(
        title=title,
        description=f"{of_study}{counts}, on {rows['images']:,} pictures: which regions of a picture people and image "
        "classifiers rely on, what was removed by inpainting, and what the classifiers answered.",
        study=study,
        exported_at=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        left_out=(*_left_out(scope, choices, chosen, withheld), *skipped),
        counted=tuple(_counted(choices, chosen, states)),
        contact=_plain(designs[slug].contact) if slug in designs else "",
    )


def _left_out(scope: Scope, choices: Choices, chosen: Chosen, withheld: int) -> list[str]:
    left = []
    if not choices.recruiter_ids:
        left.append("Recruiters' ids of participants, and the other parameters of their links.")
    if not choices.free_text:
        left.append(
            "Everything that people wrote in words of their own: names, notes, reasons, texts, tags, names of imported "
            "files; but for the words that researchers put on figures."
        )
    if choices.pictures == "none":
        left.append("All pictures; their SHA-256 stand in their place.")
    elif withheld:
        left.append(f"{withheld} pictures whose licence forbids it, and what was made of them; hashes instead.")
    if choices.excluded == "out":
        left.append(f"{chosen.excluded_out} participants whom a researcher excluded, with all they did.")
    if not choices.maps:
        left.append("Model maps.")
    if scope.some and chosen.studies:
        left.append("The other trials of the participants, and the studies' pictures that were not worked on here.")
    left.append("Previews of studies, accounts, addresses of the network, saved comparisons.")
    return left


def _counted(choices: Choices, chosen: Chosen, states: Mapping[str, int]) -> list[str]:
    if not states:
        return []
    each = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in sorted(states.items()))
    they = {"flagged": "they are flagged", "in": "they are there like all others, and no table says who they are"}
    counted = [f"{sum(states.values()):,} participants: {each}."]
    if chosen.excluded:
        counted.append(f"{chosen.excluded} participants were excluded by a researcher; {they[choices.excluded]}.")
    return counted


def sentences(skipped: Counter[str]) -> list[str]:
    """What could not be worked out, and how often."""
    return [f"{what} ({count:,} times)." for what, count in sorted(skipped.items())]


def _plain(text: Any) -> str:
    """A text in its first language."""
    found = text if isinstance(text, str) else next(iter(dict(text).values()), "")
    return str(found)

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

    ``skipped`` says what could not be worked out.
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
            "files."
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


METRICS = """# Metrics

Of an edit and a model (`edit_id`, `model_id`):

- `probability_before`, `probability_after`: the model's probability of its top class for the untouched picture, before
  and after the edit; `change`: after minus before; `flipped`: 1 where the top class is another one.

Of a person's region and a model (`region_id`, `model_id`), against the model's class activation map of her class:

- `iou`, `human_coverage`, `model_coverage`: her region and the model's of equal area: intersection over union, share of
  hers in the model's, share of the model's in hers.
- `pointing_game`: 1 where the map's maximum lies in her region. `mass`: share of the map's positive sum in it.
  `auc`, `nss`: how well the map tells her region's pixels from the others.
- `necessity_people`, `necessity_model`, `necessity_random`: drop of the class's probability when her region, the
  model's region of equal area, or random regions of equal area are removed by Telea's inpainting. The table "effects"
  has the drop of each removal, of each of the random regions too, and of other methods that were tried.
- `sufficiency_people`: the probability that is left when only her region is kept.
- `before`: the probability in the untouched picture. `area`: share of the pixels in her region.
- `problem`: why there are no numbers of a region and a model.
- `case`: the case of Shared Interest (Boggust et al. 2022); `borderline`: 1 where a coverage is within 0.05 of 0.5.

The table "curves" has deletion and insertion curves (Petsiuk et al. 2018): the probability of a class as the picture is
taken away or built up in the order of people's consensus map or of a model's map. It holds those that were worked out,
on the pictures' pages, before the package was written. The table "maps" has the class activation map behind each
person's region, the maps that participants were shown, and those by other methods that were asked for before.

Of a study's results (`results/`), beside means of these numbers:

- Calibration of predictions: who is `sure` (0 a guess, 100 certain) of one of `k` alternatives states the probability
  `1/k + (1 - 1/k) * sure / 100` of being right. `expected_error`: the mean over predictions of the distance, in points,
  between what is stated and how often that is right, in ten bins of equal width (expected calibration error, Naeini et
  al. 2015); `brier`: the mean of the squared difference between what is stated and right (1) or wrong (0) (Brier 1950).
- `ceiling`, `floor`: the mean Pearson correlation of the smoothed maps of two halves of the people, and of a half with
  another picture's people; a model's `normalised` score is its place between them. 1,000 splits.
"""

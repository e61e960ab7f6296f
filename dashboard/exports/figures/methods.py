"""A *Methods* paragraph of a study, with the parameters, versions, numbers and exclusions that really were."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dashboard.analysis.split_half import SPLITS
from dashboard.exports.figures.latex import escape
from dashboard.exports.figures.method_words import cite_removal
from dashboard.exports.figures.source import Source
from dashboard.recording.effects import RANDOM_REGIONS
from dashboard.studies.results.leaving_out import LeftOut, leave_out
from dashboard.studies.results.marks import marks
from dashboard.studies.results.means import RESAMPLES
from dashboard.studies.results.rows import StudyRows
from dashboard.studies.results.working_out import REMOVE
from dashboard.vision.inpainting import METHODS

Row = dict[str, Any]
SHOWN_HASH = 12
_FAMILIES = {"efficientnet": "tan2019"}


@dataclass(frozen=True)
class Said:
    """A sentence, and keys of the references that belong behind it."""

    text: str
    cites: tuple[str, ...] = ()


def methods_text(source: Source, study: str, *, latex: bool = False) -> str:
    """The paragraph in plain words, or as LaTeX with ``\\cite``. Raises PackageError where there is no such study."""
    return " ".join(_in_latex(one) if latex else one.text for one in _sentences(source, study))


def methods_cites(source: Source, study: str) -> tuple[str, ...]:
    """Keys of all references in it."""
    return tuple(dict.fromkeys(key for one in _sentences(source, study) for key in one.cites))


def _in_latex(one: Said) -> str:
    cited = f"~\\cite{{{','.join(one.cites)}}}" if one.cites else ""
    return f"{escape(one.text.removesuffix('.'))}{cited}."


def _sentences(source: Source, study: str) -> list[Said]:
    rows = source.study(study)
    counted, left = leave_out(rows)
    return [
        *_participants(rows, counted, left),
        *_material(source, counted),
        *_models(source, counted),
        *(_regions(counted) if marks(counted) else ()),
        *_statistics(counted),
        _software(source),
    ]


def _participants(rows: StudyRows, counted: StudyRows, left: Iterable[LeftOut]) -> list[Said]:
    begun = sum(rows.record.people.values())
    text = f"{begun:,} people began the study (version {rows.record.version} of its design); {len(counted.people):,} "
    text += f"of them {'is' if len(counted.people) == 1 else 'are'} analysed."
    reasons = [f"{len(one.people)} {one.reason}" for one in left if one.people]
    gone = {state: number for state, number in rows.record.people.items() if state not in ("started", "finished")}
    reasons += [f"{number} {state.replace('_', ' ')}" for state, number in gone.items() if number]
    found = [Said(text), Said(f"Left out: {'; '.join(reasons)} (reasons may overlap).")] if reasons else [Said(text)]
    conditions = dict.fromkeys(one.condition for one in rows.people)
    if len(conditions) > 1:
        each = ", ".join(f"{name}: {sum(one.condition == name for one in counted.people)}" for name in conditions)
        found.append(Said(f"Conditions between participants ({each})."))
    return found


def _material(source: Source, counted: StudyRows) -> list[Said]:
    names = {one.picture_name for one in counted.trials}
    images = [row for row in source.rows("images") if row["image_name"] in names]
    sides = sorted({max(row["working_width"], row["working_height"]) for row in images})
    size = f", their longer side {_range(sides)} px" if sides else ""
    return [Said(f"There were {len(counted.trials):,} answered trials on {len(names):,} pictures{size}.")]


def _range(values: list[int]) -> str:
    return str(values[0]) if values[0] == values[-1] else f"{values[0]} to {values[-1]}"


def _models(source: Source, counted: StudyRows) -> list[Said]:
    found = []
    for row in source.rows("models"):
        if row["model_key"] not in counted.record.design.models:
            continue
        key = next((key for part, key in _FAMILIES.items() if part in row["model_key"].lower()), "")
        found.append(
            Said(
                f"The classifier was {row['model_name']} (weights SHA-256 {row['weights_sha256'][:SHOWN_HASH]}…, input "
                f"{row['input_width']} × {row['input_height']} px, the whole picture resized without cropping; "
                f"{row['engine']} {row['engine_version']}).",
                (key,) if key else (),
            )
        )
    return found


def _regions(counted: StudyRows) -> list[Said]:
    removed = METHODS[REMOVE]
    settings = ", ".join(f"{name.replace('_', ' ')} {value:g}" if isinstance(value, int | float) else f"{name} {value}"
                         for name, value in removed.parse({}).items())  # fmt: skip
    about = f" ({settings})" if settings else ""
    return [
        Said(
            "The model's evidence for a class was its class activation map; its region was the map's highest pixels, "
            "as many as the participant had marked.",
            ("zhou2016",),
        ),
        Said(
            "Coverages and cases follow Shared Interest with the map's region at mean + 1 sd and a cut-off of 0.5.",
            ("boggust2022",),
        ),
        Said(
            f"To find out whether a region matters, it was removed by {removed.label}'s inpainting{about} and the drop "
            f"of the class's probability measured; so were the model's region and {RANDOM_REGIONS} random regions of "
            "equal area, the participant's own shape moved and turned (seed 0).",
            cite_removal(REMOVE),
        ),
        Said(
            f"The ceiling is the correlation of the consensus maps of two random halves of the participants, the floor "
            f"that with half of another picture's ({SPLITS:,} splits, Gaussian smoothing with an sd of 2 % of the "
            "longer side); models are scored against the same halves."
        ),
        Said("Agreement among participants is given as Fleiss' kappa and Krippendorff's alpha per pixel.",
             ("fleiss1971", "krippendorff2011")),
    ]  # fmt: skip


def _statistics(counted: StudyRows) -> list[Said]:
    found = [
        Said(
            f"Intervals are 95 % BCa bootstrap intervals ({RESAMPLES:,} resamples; participants and pictures drawn as "
            "clusters, seed 0).",
            ("efron1987",),
        )
    ]
    several = len({one.condition for one in counted.people}) > 1 or counted.record.design.within
    if several:
        found.append(
            Said(
                f"Conditions are compared by two-sided permutation tests ({RESAMPLES:,} resamples), with Cliff's delta "
                "or the rank-biserial correlation as effect size; p-values are corrected by Holm's method.",
                ("cliff1993", "holm1979"),
            )
        )
    return found


def _software(source: Source) -> Said:
    found = source.environment()
    packages = found.get("packages", {})
    named = ", ".join(
        f"{name} {packages[name]}" for name in ("numpy", "scipy", "torch", "openvino") if name in packages
    )
    version = found.get("regionscope", "")
    return Said(f"Data were recorded and analysed with Regionscope {version} ({named}).", ("cabrera2018",))

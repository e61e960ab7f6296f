"""The methods section, with the numbers, versions and exclusions of the study filled in."""

from __future__ import annotations

from dashboard.exports.package.folder import PackageFolder
from dashboard.exports.package.results import study_rows
from dashboard.exports.report.flow import arms_of, sentence, total
from dashboard.studies.assignment import conditions
from dashboard.studies.results.leaving_out import leave_out
from dashboard.studies.results.means import RESAMPLES
from dashboard.studies.results.rows import StudyRows
from dashboard.studies.results.working_out import REMOVE

DID = {
    "mark": "marked what makes a picture what it is",
    "erase": "removed as little as possible so that the model changes its answer",
    "predict": "foretold the model's answer to a picture of which a part had been removed",
    "explore": "edited pictures freely",
    "rate": "rated pictures, maps and answers",
    "compare": "said which of two maps is more like them",
}
STATISTICS = (
    f"Means are given with 95 % bootstrap intervals (BCa, {RESAMPLES:,} resamples, seed 0; Efron 1987) in which "
    "people, and pictures where there are several, are drawn as clusters. Every pair of conditions was compared in "
    f"every outcome on participants' own means by two-sided permutation tests ({RESAMPLES:,} resamples, seed 0), "
    "paired where the same people met both, with Cliff's delta or the rank-biserial correlation as effect size; all "
    "p-values were corrected together (Holm 1979). What a formula leaves undefined is in no mean and is counted "
    "beside it."
)
REGIONS = (
    "Regions were compared with the model's class activation map of the class (Zhou et al. 2016): by intersection "
    "over union (IoU) with as many of the map's highest pixels as were marked, and by the area under the ROC curve of "
    "the map's values. The cases are those of Shared Interest (Boggust et al. 2022), at a cut-off of 0.5, with the "
    "model's region by mean + 1 sd. Agreement among people is the mean IoU of pairs, and Fleiss' κ (1971) and "
    "Krippendorff's α over pixels. To see whether a region matters, it was removed by "
    f"{REMOVE.capitalize()}'s inpainting (2004), and so were the model's region of equal area and random ones of the "
    "same area and shape; the drop is that of the class's probability."
)


def methods_text(package: PackageFolder, study: str) -> str:
    """Paragraphs, separated by an empty line."""
    rows = study_rows(package, study)
    parts = [_people(package, rows), _tasks(leave_out(rows)[0]), _models(package, rows)]
    if any(one.kind == "mark" for one in rows.trials):
        parts.append(REGIONS)
    return "\n\n".join([*parts, STATISTICS])


def _people(package: PackageFolder, rows: StudyRows) -> str:
    whole = total(arms_of(package, rows))
    count = len(conditions(rows.record.design))
    assigned = f"Each was assigned to the one of {count} conditions with the fewest participants. " if count > 1 else ""
    return f"{sentence(whole)} {assigned}".strip()


def _tasks(rows: StudyRows) -> str:
    kinds = dict.fromkeys(one.kind for one in rows.trials)
    pictures = len({one.picture for one in rows.trials})
    done = "; ".join(DID[kind] for kind in kinds) or "answered questions"
    return (
        f"In {len(rows.trials):,} answered trials on {pictures} {'picture' if pictures == 1 else 'pictures'}, those "
        f"who are analysed {done}. Pictures were shown, edited and given to the model as working copies, whole and "
        "not cropped."
    )


def _models(package: PackageFolder, rows: StudyRows) -> str:
    wanted = {one.model for one in rows.trials} | set(rows.record.design.models)
    found = [
        f"{row['model_name']} (weights SHA-256 {row['weights_sha256'][:12]}…, input {row['input_width']} × "
        f"{row['input_height']} px, {row['engine']} {row['engine_version']})"
        for row in package.rows("models")
        if row["model_key"] in wanted
    ]
    return f"{'Models' if len(found) > 1 else 'Model'}: {'; '.join(found) or ', '.join(sorted(wanted))}."

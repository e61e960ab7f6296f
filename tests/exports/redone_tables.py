"""Every table and figure of a report worked out anew from the package: a table is rows by printed heads."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from itertools import combinations
from typing import Any

import krippendorff
import numpy as np
import pandas as pd

from tests.exports.redone import Redone
from tests.exports.redone_numbers import CASES, auc, case, compared, fleiss, highest, holm, iou, mean_interval, standing

Row = dict[str, Any]
LOW, HIGH = "95\xa0%\xa0from", "to"
WHOSE = {"people": "people's regions", "model": "the model's, of equal area", "random": "random, of equal area"}
LOST = {"declined": "declined", "screened out": "screened_out", "withdrew": "withdrawn"}
ERASE = {"flipped": "Success: the answer changed (%)", "removed_area": "", "edits": "Edits", "seconds": "Seconds"}
CASE_NAMES = {name for pair in CASES for name in pair}
SCALES = ("likert", "slider", "number")


class Tables:
    """A report's tables by name, and the words of its figures."""

    def __init__(self, redone: Redone) -> None:
        self._redone = redone
        regions = redone.regions
        pairs = list(zip(regions["mask"], regions["map"], strict=True))
        self._marked = regions.assign(
            iou=[iou(mask, highest(of_class, int(mask.sum()))) for mask, of_class in pairs],
            auc=[auc(mask, of_class) for mask, of_class in pairs],
            area=[mask.mean() for mask in regions["mask"]],
            necessity=[redone.drops(region, "people") for region in regions["region"]],
        )
        self._outcomes: dict[str, pd.DataFrame] = {}

    @cached_property
    def rows(self) -> dict[str, list[Row]]:
        """Every table's rows; what is compared between conditions comes last, as it is of all that was worked out."""
        made: dict[str, list[Row]] = {**self._design(), **self._people(), **self._alignment()}
        made |= {"cases": self._cases(), "necessity": self._necessity(), **self._shared()}
        made |= {**self._erased(), **self._foretold(), **self._asked()}
        return made | {"conditions": self._compared()}

    def _design(self) -> dict[str, list[Row]]:
        design = self._redone.design
        trials = [(block["key"], trial) for block in design["blocks"] for trial in block["trials"]]
        sheets = [question for sheet in design["questionnaires"] for question in sheet["questions"]]
        asked = [question for _, trial in trials for question in trial["questions"]] + sheets
        levels = [(one["key"], level["key"]) for one in design["factors"] for level in one["levels"]]
        return {
            "factors": [{"Factor": factor, "Level": level} for factor, level in levels],
            "trials": [{"Block": block, "Trial": trial["key"]} for block, trial in trials],
            "questions": [{"Question": one["text"], "Name in the data": one["key"]} for one in asked],
            "models": [
                {
                    "Model": row.model_name,
                    "Family": row.family,
                    "Input, px": f"{row.input_width} × {row.input_height}",
                    "Run by": f"{row.engine} {row.engine_version}",
                    "SHA-256 of its weights": row.weights_sha256,
                }
                for row in self._redone.table("models").itertuples()
            ],
        }

    def _people(self) -> dict[str, list[Row]]:
        people = self._redone.people
        entered = dict(list(people.groupby("condition")))
        [factor] = [one for one in self._redone.design["factors"] if one["kind"] == "between"]
        conditions = [f"{factor['key']}={level['key']}" for level in factor["levels"]]
        flow = [self._flow(condition, entered[condition]) for condition in conditions]
        states = people["participant_state"]
        gone = people["excluded"].astype(bool)
        left = [{"reason": word, "people": int((states == state).sum()), "who": ""} for word, state in LOST.items()]
        reasons = {"had not finished": people[states == "started"], "excluded by a researcher": people[gone]}
        for word, rows in reasons.items():
            left.append({"reason": word, "people": len(rows), "who": ", ".join(rows["participant_id"])})
        return {
            "flow": [*flow, self._flow("all", people)],
            "left-out": left,
            "quality": [self._work(row) for row in people.itertuples()],
        }

    def _flow(self, condition: str, rows: pd.DataFrame) -> Row:
        states = Counter(rows["participant_state"])
        analysed = int(rows["participant_id"].isin(self._redone.condition).sum())
        lost = {word: states[state] for word, state in LOST.items()}
        return {
            "condition": condition,
            "entered": len(rows),
            **lost,
            "began": len(rows) - sum(lost.values()),
            "not finished": states["started"],
            "finished": states["finished"],
            "left out": states["finished"] - analysed,
            "analysed": analysed,
        }

    @cached_property
    def _likert(self) -> set[str]:
        trials = [one for block in self._redone.design["blocks"] for one in block["trials"]]
        asked = [one for part in (*trials, *self._redone.design["questionnaires"]) for one in part["questions"]]
        return {one["key"] for one in asked if one["kind"] == "likert"}

    def _work(self, person: Any) -> Row:
        trials = self._redone.every_trial.query("participant_id == @person.participant_id")
        said = self._redone.said.query("participant_id == @person.participant_id")
        steps = [answers[key] for answers in said["answers"] for key in self._likert & {*answers}]
        drawn = [one.get("region") or one.get("edits") for one in trials["answers"] if {"region", "edits"} & {*one}]
        return {
            "participant": person.participant_id,
            "condition": person.condition,
            "seconds": float(trials["seconds"].median()),
            "empty": sum(not one for one in drawn),
            "checks": 0,
            "checks failed": 0,
            "straight": "yes" if len(steps) >= 3 and len(set(steps)) == 1 else "no",
            "flag": "",
            "counted": "yes" if person.participant_id in self._redone.condition else "no",
        }

    def _alignment(self) -> dict[str, list[Row]]:
        by = ("picture", "class", "model", "condition")
        for name, title in (("iou", "IoU with the model's region of equal area"), ("auc", "AUC of the model's map")):
            self._compare(title, self._marked, name)
        self._compare("marked share of the picture", self._marked, "area")
        self._compare("necessity", self._marked, "necessity")
        return {f"{name}-by-{group}": means(self._marked, group, name) for name in ("iou", "auc") for group in by}

    def _is_right(self, row: Any) -> bool:
        top = self._redone.top("image_id", row.image)
        expected = self._redone.images["true_label"][row.image]
        return top == (expected if isinstance(expected, str) else row.class_name)

    def _cases(self) -> list[Row]:
        marked = self._marked.rename(columns={"class": "class_name"})
        found = [case(row.mask, row.map, self._is_right(row)) for row in marked.itertuples()]
        names = sorted({name for name, _ in found})
        rows = marked.assign(case=[name for name, _ in found], borderline=[is_near for _, is_near in found])
        return [
            {
                "": f"{condition}, {model}",
                **{name: int((own["case"] == name).sum()) for name in names},
                "n": len(own),
                "borderline": int(own["borderline"].sum()),
            }
            for (condition, model), own in rows.groupby(["condition", "model"], sort=False)
        ]

    def _necessity(self) -> list[Row]:
        rows = []
        for whose, words in WHOSE.items():
            drops = [100 * self._redone.drops(region, whose) for region in self._marked["region"]]
            measured = [100 * one[f"necessity_{whose}"] for one in self._marked["measured"]]
            assert np.allclose(drops, measured, atol=1e-4)
            own = self._marked.assign(drop=drops, group=words + ", " + self._marked["condition"])
            rows += means(own, "group", "drop")
        return rows

    def _masks(self) -> dict[tuple[str, str], pd.DataFrame]:
        """What was marked by picture and class, in the order of trials."""
        return dict(iter(self._marked.groupby(["picture", "class"], sort=False)))

    def _shared(self) -> dict[str, list[Row]]:
        """Agreement, ceiling and floor. Nobody marked a picture twice here, so that a region is a person's."""
        groups = self._masks()
        agreement, ceiling = [], []
        for (picture, class_name), own in groups.items():
            masks = np.stack(list(own["mask"]))
            found = _beside((picture, class_name), groups)
            floor, top = found["floor"], found["ceiling"]
            about = {"picture": picture, "class": class_name}
            agreement.append(
                {
                    **about,
                    "people": own["person"].nunique(),
                    "mean IoU of pairs": float(np.mean([iou(*pair) for pair in combinations(masks, 2)])),
                    "Fleiss κ": fleiss(masks),
                    "Krippendorff α": float(
                        krippendorff.alpha(masks.reshape(len(masks), -1).astype(int), level_of_measurement="nominal")
                    ),
                    "consensus, share of the picture": float((masks.mean(axis=0) >= 0.5).mean()),
                }
            )
            ceiling.append(
                {
                    **about,
                    "model": own["model"].iloc[0],
                    "floor": floor,
                    "score": found["score"],
                    "ceiling": top,
                    "normalised": (found["score"] - floor) / (top - floor) if top > floor else np.nan,
                    "everybody": found["everybody"],
                    LOW: found["low"],
                    HIGH: found["high"],
                    "people": len(masks),
                    "half": int(found["half"]),
                }
            )
        [model] = {row["model"] for row in ceiling}
        by_condition: list[Row] = []
        for condition, rows in self._marked.groupby("condition", sort=False):
            own = dict(iter(rows.groupby(["picture", "class"], sort=False)))
            found = [_beside(place, own) for place in own]
            for name, key in (("floor", "floor"), (model, "score"), ("ceiling", "ceiling")):
                by_condition.append({"": f"{condition}, {name}", **_interval([one[key] for one in found])})
        over = [(name, [row[key] for row in ceiling])
                for name, key in (("floor", "floor"), (model, "score"), ("ceiling", "ceiling"))]  # fmt: skip
        return {
            "agreement": agreement,
            "ceiling": ceiling,
            "ceiling-by-condition": by_condition,
            "ceiling-over-pictures": [{"": name, **_interval(values)} for name, values in over],
        }

    def _answered(self, kind: str) -> pd.DataFrame:
        trials = self._redone.of_kind(kind)
        people = trials["participant_id"]
        conditions = people.map(self._redone.condition)
        return trials.assign(person=people, condition=conditions, group=trials["trial"] + ", " + conditions)

    def _erased(self) -> dict[str, list[Row]]:
        trials = self._answered("erase")
        numbers = []
        for trial in trials.itertuples():
            last, removed, count = self._redone.removed_by(trial.session_id)
            is_another = self._redone.top("edit_id", last) != self._redone.top("image_id", trial.image_id)
            assert count == trial.answers["edits"]
            share = 100.0 * removed.mean() if is_another else np.nan
            numbers.append({"flipped": 100.0 * is_another, "removed_area": share, "edits": float(count)})
        trials = trials.assign(**pd.DataFrame(numbers, index=trials.index))
        for name, title in ERASE.items():
            if title:
                self._compare(title, trials, name)
        made = {f"erase-{name}": means(trials, "group", name) for name in ERASE}
        return made | {"erase-by-picture": means(trials, "picture", "flipped")}

    def _foretold(self) -> dict[str, list[Row]]:
        trials = self._answered("predict")
        right = []
        for trial in trials.itertuples():
            shown = json.loads(trial.plan)["prepared"]["edit"].removeprefix("id:")
            is_another = self._redone.top("edit_id", shown) != self._redone.top("image_id", trial.image_id)
            right.append((trial.answers["change"] == "yes") == is_another)
        # Yes or no: a guess is right one time in two.
        stated = [50 + one["sure"] / 2 for one in trials["answers"]]
        trials = trials.assign(right=[100.0 * one for one in right], stated=stated)
        trials["bin"] = np.minimum(trials["stated"] // 10, 9).astype(int)
        self._compare("Right about the change (%)", trials, "right")
        bins, scores = [], []
        for group, own in trials.groupby("group", sort=False):
            found = own.groupby("bin")[["stated", "right"]].mean().assign(n=own.groupby("bin").size())
            bins += [
                {"": group, "bin": f"{10 * row.Index}–{10 * row.Index + 10}", "stated": row.stated, "right": row.right,
                 "n": row.n} for row in found.itertuples()
            ]  # fmt: skip
            scores.append(
                {
                    "": group,
                    "expected calibration error": float(
                        (found["n"] * (found["stated"] - found["right"]).abs()).sum() / len(own)
                    ),
                    "Brier score": float((((own["stated"] - own["right"]) / 100) ** 2).mean()),
                    "n": len(own),
                }
            )
        return {"predict-right_change": means(trials, "group", "right"), "calibration": bins,
                "calibration-scores": scores}  # fmt: skip

    def _asked(self) -> dict[str, list[Row]]:
        design, trials = self._redone.design, self._redone.trials
        made = {}
        for key, questions in [(one["key"], one["questions"]) for block in design["blocks"] for one in block["trials"]]:
            own = trials[trials["trial"] == key]
            steps = "questions:" + own["position"].astype(str)
            given = self._given(own["participant_id"], steps)
            made |= self._scales(key, questions, own["participant_id"], given, own["picture"])
        for sheet in design["questionnaires"]:
            people = pd.Series(list(self._redone.condition))
            given = self._given(people, pd.Series([f"questionnaire:{sheet['key']}"] * len(people)))
            made |= self._scales(sheet["key"], sheet["questions"], people, given, pd.Series([""] * len(people)))
        return made

    def _given(self, people: Sequence[str], steps: Sequence[str]) -> list[Row]:
        said = self._redone.said.set_index(["participant_id", "step"])["answers"]
        return [said.get(place, {}) for place in zip(people, steps, strict=True)]

    def _scales(self, where: str, questions: list[Row], people: Any, given: list[Row], pictures: Any) -> dict[str, Any]:
        made = {}
        for one in questions:
            if one["kind"] not in SCALES:
                assert not any(answers.get(one["key"]) for answers in given), "Words and choices are not redone here."
                continue
            rows = pd.DataFrame({"person": list(people), "picture": list(pictures)})
            rows["value"] = [float(answers.get(one["key"], np.nan)) for answers in given]
            rows["condition"] = rows["person"].map(self._redone.condition)
            made[f"question-{where}-{one['key']}"] = means(rows, "condition", "value")
            if one["kind"] != "number":
                self._compare(f"{where}: {one['key']}", rows, "value")
        return made

    def _compare(self, title: str, rows: pd.DataFrame, name: str) -> None:
        self._outcomes[title] = rows[["condition", "person", name]].rename(columns={name: "value"}).dropna()

    def _compared(self) -> list[Row]:
        """Every outcome that has been worked out so far; here all participants met one condition."""
        made = []
        for title, values in self._outcomes.items():
            own = {
                str(condition): rows.groupby("person", sort=False)["value"].mean().to_dict()
                for condition, rows in values.groupby("condition", sort=False)
            }
            for first, second in combinations(own, 2):
                difference, delta, p = compared(own[first], own[second])
                made.append(
                    {
                        "outcome": title,
                        "first": first,
                        "second": second,
                        "difference": difference,
                        "effect": "Cliff's delta",
                        "effect size": delta,
                        "n first": len(own[first]),
                        "n second": len(own[second]),
                        "p": p,
                    }
                )
        corrected = holm([row["p"] for row in made])
        return [row | {"p (Holm)": float(p)} for row, p in zip(made, corrected, strict=True)]

    def facts(self) -> dict[str, str]:
        """What stands at the report's head."""
        redone = self._redone
        sessions = redone.table("sessions").set_index("session_id")["participant_id"]
        edited = redone.edits["session_id"].map(sessions)
        return {
            "Analysed": f"{len(redone.condition)} of {len(redone.people)} participants",
            "Conditions": str(redone.people["condition"].nunique()),
            "Their answered trials": str(len(redone.trials)),
            "On pictures": str(redone.trials["image_id"].nunique()),
            "Regions they marked": str(len(self._marked)),
            "Regions they removed": str(int(edited.isin(redone.condition).sum())),
        }

    def figures(self) -> list[list[str]]:
        """What the words of each figure say of its numbers, in the order in which the report prints them."""
        made = self.rows
        cases = [
            ", ".join(f"{name} {count} of {row['n']}" for name, count in row.items() if name in CASE_NAMES and count)
            for row in made["cases"]
        ]
        drawn = [[_said(row) for row in made["iou-by-class"]], cases, [_said(row) for row in made["necessity"]]]
        names = list(self._redone.images["image_name"])
        groups = {picture: own for (picture, _), own in self._masks().items()}
        return [
            *drawn,
            *(self._consensus(groups, name) for name in names if name in groups),
            *self._curves(),
            [f"{name} ({groups[name]['class'].iloc[0]})" for name in names if name in groups],
        ]

    def _consensus(self, groups: dict[str, pd.DataFrame], picture: str) -> list[str]:
        own = groups[picture]
        masks = np.stack(list(own["mask"]))
        others = [name for name in self._redone.images["image_name"] if name in groups and name != picture]
        other = max(others, key=lambda name: len(groups[name]))
        found = standing(masks, np.stack(list(groups[other]["mask"])), own["map"].iloc[0])
        [model] = self._redone.table("models")["model_name"]
        return [
            f"{picture}: what {len(masks)} people marked for {own['class'].iloc[0]} ({len(masks)} regions)",
            f"covers {100 * (masks.mean(axis=0) >= 0.5).mean():.1f} % of the picture",
            f"Mean IoU of pairs {np.mean([iou(*pair) for pair in combinations(masks, 2)]):.2f}",
            f"half of them ({int(found['half'])}) with the other half's (ceiling) {found['ceiling']:.2f}",
            f"with {other}'s (floor) {found['floor']:.2f}",
            f"with the class activation map of {model} {found['score']:.2f}",
        ]

    def _curves(self) -> list[list[str]]:
        names = self._redone.images["image_name"]
        return [
            [
                str(names[image]),
                *(
                    f"{curve} in {'people' if whose == 'people' else 'the model'}'s order "
                    f"{np.trapezoid(line['probability'], line['share']):.2f}"
                    for (curve, whose), line in own.sort_values("share").groupby(["curve", "ordering"])
                ),
            ]
            for image, own in self._redone.table("curves").groupby("image_id")
        ]


def _beside(place: tuple[str, str], groups: dict[tuple[str, str], pd.DataFrame]) -> dict[str, float]:
    """Ceiling, floor and scores of a picture and class, the floor with the largest other picture's."""
    other = max((one for (picture, _), one in groups.items() if picture != place[0]), key=len)
    own = groups[place]
    return standing(np.stack(list(own["mask"])), np.stack(list(other["mask"])), own["map"].iloc[0])


def _said(row: Row) -> str:
    return f"{row['']} {row['mean']:.2f} ({row[LOW]:.2f} to {row[HIGH]:.2f})"


def means(rows: pd.DataFrame, by: str, name: str) -> list[Row]:
    """A row a group: mean, interval, and of how many values and people."""
    made = []
    for group, own in rows.groupby(by, sort=False):
        several = own["picture"].nunique() > 1
        clusters = (list(own["person"]), list(own["picture"])) if several else (list(own["person"]),)
        found = _interval(list(own[name]), *clusters)
        people = own.loc[own[name].notna(), "person"].nunique()
        made.append({"": group, **found, "people": people})
    return made


def _interval(values: Sequence[float], *clusters: Sequence[str]) -> Row:
    mean, low, high = mean_interval(values, *clusters)
    undefined = int(np.isnan(values).sum())
    return {"mean": mean, LOW: low, HIGH: high, "n": len(values) - undefined, "undefined": undefined}

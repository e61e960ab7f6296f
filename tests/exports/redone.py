"""A report's numbers worked out anew from a package's files, by definition: no line of the application takes part."""

from __future__ import annotations

import contextlib
import io
import json
from collections import defaultdict
from html.parser import HTMLParser
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image
from pycocotools.coco import COCO

Means = dict[str, tuple[float, int]]


class Redone:
    """A package of one study, read with pandas, NumPy, Pillow and pycocotools alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        resources = json.loads((folder / "datapackage.json").read_text())["resources"]
        self._paths = {one["name"]: folder / one["path"] for one in resources}
        people = self._table("participants")
        self.people = people
        finished = people["participant_state"] == "finished"
        self._analysed = people[finished & ~people["excluded"].fillna(False).astype(bool)]
        self._condition = dict(zip(self._analysed["participant_id"], self._analysed["condition"], strict=True))
        trials = self._table("trials")
        self._trials = trials[trials["participant_id"].isin(self._condition) & ~trials["practice"]]
        said = self._table("responses")
        said["answers"] = said["answers"].map(json.loads)
        self._said = said[said["participant_id"].isin(self._condition)]
        tasks = self._said[self._said["step"].str.startswith("trial:")]
        self._answers = dict(zip(tasks["trial_id"], tasks["answers"], strict=True))
        self._predictions = self._table("predictions")
        self._coco = COCO.__new__(COCO)
        with contextlib.redirect_stdout(io.StringIO()):
            self._coco.__init__(str(folder / "data/regions.coco.json"))
        self._annotations = {one["name"]: one for one in self._coco.anns.values()}

    def _table(self, name: str) -> pd.DataFrame:
        return pd.read_csv(self._paths[name])

    def standing(self) -> dict[str, dict[str, int]]:
        """Participants by condition and state, and those of them who are analysed."""
        found: dict[str, dict[str, int]] = {}
        for condition, rows in self.people.groupby("condition"):
            states = rows["participant_state"].value_counts()
            analysed = sum(self._condition.get(one) == condition for one in rows["participant_id"])
            found[str(condition)] = {**states.to_dict(), "entered": len(rows), "analysed": analysed}
        return found

    def _of_kind(self, kind: str) -> pd.DataFrame:
        return self._trials[self._trials["trial_kind"] == kind]

    def regions(self) -> pd.DataFrame:
        """The marked regions with participant, condition, class, mask (H, W), and the model's map (H, W)."""
        found = self._table("regions").set_index("region_id")
        cams = self._table("maps").query("method == 'cam'")
        maps = {(row.image_id, row.class_name): row.file for row in cams.itertuples()}
        rows = []
        for trial in self._of_kind("mark").itertuples():
            # An id inside of JSON stands behind "id:".
            region = self._answers[trial.trial_id]["region"].removeprefix("id:")
            row = found.loc[region]
            mask = np.asarray(Image.open(self._folder / row["mask_file"])) > 0
            assert (self._coco.annToMask(self._annotations[region]) == mask).all()
            rows.append(
                {
                    "condition": self._condition[trial.participant_id],
                    "picture": row["image_id"],
                    "class_name": row["class_name"],
                    "mask": mask,
                    "map": np.load(self._folder / maps[row["image_id"], row["class_name"]]),
                }
            )
        return pd.DataFrame(rows)

    def iou_by_class(self) -> Means:
        """IoU with as many of the map's highest pixels as were marked; of equal ones those that come first."""
        found = self.regions()
        return _means(found["class_name"], [iou(m, highest(s, m.sum())) for m, s in _pairs(found)])

    def auc_by_condition(self) -> Means:
        """How often a marked pixel is higher than another one, ties by half."""
        found = self.regions()
        return _means(found["condition"], [auc(mask, of_class) for mask, of_class in _pairs(found)])

    def agreement(self) -> dict[str, tuple[float, float]]:
        """By class: the mean IoU of pairs, and Fleiss' kappa over pixels."""
        return {
            str(name): (
                float(np.mean([iou(*pair) for pair in combinations(rows["mask"], 2)])),
                fleiss(np.stack(list(rows["mask"]))),
            )
            for name, rows in self.regions().groupby("class_name")
        }

    def _top(self, column: str, name: str) -> str:
        rows = self._predictions[self._predictions[column] == name]
        if column == "image_id":
            rows = rows[rows["edit_id"].isna()]
        return str(rows["top_class"].iloc[0])

    def erased(self) -> tuple[Means, Means]:
        """By condition, in %: how often the last answer was not the first one, and what was removed for that."""
        edits = self._table("edits").set_index("edit_id")
        heads = self._table("sessions").set_index("session_id")["head_sequence"]
        conditions, flipped, removed = [], [], []
        for trial in self._of_kind("erase").itertuples():
            own = edits[edits["session_id"] == trial.session_id]
            last = own[own["sequence"] == heads[trial.session_id]].index[0]
            way, masks = last, []
            while isinstance(way, str):
                masks.append(np.asarray(Image.open(self._folder / edits.loc[way, "mask_file"])) > 0)
                way = edits.loc[way, "parent_id"]
            conditions.append(self._condition[trial.participant_id])
            is_another = self._top("edit_id", last) != self._top("image_id", trial.image_id)
            flipped.append(100.0 * is_another)
            removed.append(100.0 * np.any(masks, axis=0).mean() if is_another else np.nan)
        return _means(conditions, flipped), _means(conditions, removed)

    def foretold(self) -> Means:
        """By condition: how often it was foretold whether the answer would change, in %."""
        conditions, right = [], []
        for trial in self._of_kind("predict").itertuples():
            shown = json.loads(trial.plan)["prepared"]["edit"].removeprefix("id:")
            changed = self._top("edit_id", shown) != self._top("image_id", trial.image_id)
            conditions.append(self._condition[trial.participant_id])
            right.append(100.0 * ((self._answers[trial.trial_id]["change"] == "yes") == changed))
        return _means(conditions, right)

    def asked(self, step: str, question: str) -> Means:
        """By condition: the mean answer to a question; ``step`` is how its steps begin."""
        rows = self._said[self._said["step"].str.startswith(step)]
        rows = rows[[question in answers for answers in rows["answers"]]]
        return _means(
            [self._condition[one] for one in rows["participant_id"]], [answers[question] for answers in rows["answers"]]
        )

    def drops(self) -> Means:
        """By condition: the mean of the recorded drops without people's regions, in points."""
        metrics = self._table("metrics")
        values = metrics[metrics["metric"] == "necessity_people"].set_index("region_id")["value"]
        trials = self._of_kind("mark")
        regions = [self._answers[one]["region"].removeprefix("id:") for one in trials["trial_id"]]
        return _means([self._condition[one] for one in trials["participant_id"]], list(100 * values[regions]))


def _pairs(found: pd.DataFrame) -> Any:
    return zip(found["mask"], found["map"], strict=True)


def _means(groups: Any, values: list[float]) -> Means:
    by: dict[str, list[float]] = defaultdict(list)
    for group, value in zip(groups, values, strict=True):
        by[str(group)].append(value)
    there = {group: [value for value in found if not np.isnan(value)] for group, found in by.items()}
    return {group: (float(np.mean(found)) if found else np.nan, len(found)) for group, found in there.items()}


def iou(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    return float((one & other).sum() / (one | other).sum())


def highest(values: NDArray[np.float32], count: int) -> NDArray[np.bool_]:
    chosen = np.zeros(values.size, bool)
    chosen[np.argsort(-values.ravel(), kind="stable")[:count]] = True
    return chosen.reshape(values.shape)


def auc(mask: NDArray[np.bool_], values: NDArray[np.float32]) -> float:
    ranks = pd.Series(values.ravel()).rank().to_numpy()
    inside = int(mask.sum())
    return float((ranks[mask.ravel()].sum() - inside * (inside + 1) / 2) / (inside * (mask.size - inside)))


def fleiss(masks: NDArray[np.bool_]) -> float:
    people = len(masks)
    marked = masks.sum(axis=0).ravel()
    agreed = (marked * (marked - 1) + (people - marked) * (people - marked - 1)) / (people * (people - 1))
    share = marked.mean() / people
    by_chance = share**2 + (1 - share) ** 2
    return float((agreed.mean() - by_chance) / (1 - by_chance))


class Printed(HTMLParser):
    """What stands in a report: its tables by id (a row is a dict by head), elements, ids, and links."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tables: dict[str, list[dict[str, str]]] = {}
        self.captions: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._table, self._heads, self._row = "", [], []  # type: str, list[str], list[str]
        self._text: list[str] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.elements.append((tag, given))
        if tag == "table":
            self._table, self._heads = str(given["id"]), []
            self.tables[self._table] = []
        elif tag == "tr":
            self._row = []
        elif tag in ("th", "td", "caption"):
            self._text = []

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("th", "td", "caption") and self._text is not None:
            said = "".join(self._text).strip()
            self.captions.append(said) if tag == "caption" else self._row.append(said)
            self._text = None
        elif tag == "tr":
            if self._heads:
                self.tables[self._table].append(dict(zip(self._heads, self._row, strict=True)))
            else:
                self._heads = self._row


def is_printed(text: str, value: float) -> bool:
    """Whether a printed number is this one, to its last decimal; a dash is undefined."""
    if np.isnan(value) or text == "–":
        return bool(np.isnan(value)) and text == "–"
    decimals = len(text.partition(".")[2])
    return abs(float(text.replace("−", "-")) - value) <= 0.5 * 10**-decimals + 1e-9

"""A package of one study as a reviewer reads it: pandas, NumPy, Pillow, PyYAML, pycocotools, and its own documents."""

from __future__ import annotations

import contextlib
import io
import json
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from PIL import Image
from pycocotools.coco import COCO

from tests.exports.redone_numbers import Map, Mask


class Redone:
    """The package's tables; ``trials`` are those of the people who count, with what they answered."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        resources = json.loads((folder / "datapackage.json").read_text())["resources"]
        self._paths = {one["name"]: folder / one["path"] for one in resources}
        self.people = self.table("participants")
        [design] = self.table("studies")["design_file"]
        self.design: dict[str, Any] = yaml.safe_load((folder / design).read_text())
        assert not self.design.get("exclusions"), "Rules would leave out more people than is redone here."
        is_finished = self.people["participant_state"] == "finished"
        counted = self.people[is_finished & ~self.people["excluded"].astype(bool)]
        self.condition: dict[str, str] = dict(zip(counted["participant_id"], counted["condition"], strict=True))
        self.images = self.table("images").set_index("image_id")
        self.edits = self.table("edits").set_index("edit_id")
        said = self.table("responses")
        said["answers"] = said["answers"].map(json.loads)
        self.said = said
        every = self.table("trials").sort_values("position", kind="stable")
        every = every[~every["practice"]]
        order = {one: place for place, one in enumerate(self.people["participant_id"])}
        every = every.sort_values("participant_id", key=lambda column: column.map(order), kind="stable")
        answers = said[said["step"].str.startswith("trial:")].set_index("trial_id")["answers"]
        every = every[every["trial_id"].isin(answers.index)].assign(
            answers=lambda rows: rows["trial_id"].map(answers),
            seconds=lambda rows: (rows["answered_client_ms"] - rows["shown_client_ms"]) / 1000,
            picture=lambda rows: rows["image_id"].map(self.images["image_name"]),
        )
        assert not every["plan"].map(lambda plan: json.loads(plan)["attention"]).any(), "An attention check."
        self.every_trial = every
        self.trials = every[every["participant_id"].isin(self.condition)]
        self._coco = COCO.__new__(COCO)
        with contextlib.redirect_stdout(io.StringIO()):
            self._coco.__init__(str(folder / "data/regions.coco.json"))
        self._annotations = {one["name"]: one for one in self._coco.anns.values()}

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_csv(self._paths[name])

    def of_kind(self, kind: str) -> pd.DataFrame:
        return self.trials[self.trials["trial_kind"] == kind]

    @cached_property
    def _maps(self) -> dict[tuple[str, str], str]:
        cams = self.table("maps").query("method == 'cam'")
        return {(row.image_id, row.class_name): row.file for row in cams.itertuples()}

    def map_of(self, image: str, class_name: str) -> Map:
        return np.load(self.folder / self._maps[image, class_name])

    @cached_property
    def regions(self) -> pd.DataFrame:
        """What was marked: a row a region with mask (H, W), the model's map (H, W), and what was measured of it."""
        found = self.table("regions").set_index("region_id")
        numbers = self.table("metrics").dropna(subset="region_id").set_index(["region_id", "metric"])["value"]
        rows = []
        for trial in self.of_kind("mark").itertuples():
            # An id inside of JSON stands behind "id:".
            region = trial.answers["region"].removeprefix("id:")
            row = found.loc[region]
            mask = self._mask(row["mask_file"])
            assert (self._coco.annToMask(self._annotations[region]) == mask).all()
            rows.append(
                {
                    "region": region,
                    "person": trial.participant_id,
                    "condition": self.condition[trial.participant_id],
                    "image": row["image_id"],
                    "picture": trial.picture,
                    "class": row["class_name"],
                    "model": trial.model_key,
                    "mask": mask,
                    "map": self.map_of(row["image_id"], row["class_name"]),
                    "measured": numbers[region],
                }
            )
        return pd.DataFrame(rows)

    def drops(self, region: str, whose: str) -> float:
        """By how much the class's probability fell without a region, or without random ones on average."""
        effects = self.table("effects")
        own = effects[(effects["region_id"] == region) & (effects["whose"] == whose) & (effects["method"] == "telea")]
        return float(own["drop"].mean())

    def top(self, column: str, name: str) -> str:
        """The most probable class of an edit, or of an untouched picture."""
        rows = self.table("predictions").query(f"{column} == @name")
        if column == "image_id":
            rows = rows[rows["edit_id"].isna()]
        return str(rows["top_class"].iloc[0])

    def removed_by(self, session: str) -> tuple[str, Mask, int]:
        """A session's last edit, all that it and those before it on its way removed, and how many they are."""
        head = self.table("sessions").set_index("session_id")["head_sequence"][session]
        own = self.edits[self.edits["session_id"] == session]
        [last] = own[own["sequence"] == head].index
        way: Any = last
        masks = []
        while isinstance(way, str):
            masks.append(self._mask(self.edits.loc[way, "mask_file"]))
            way = self.edits.loc[way, "parent_id"]
        return last, np.any(masks, axis=0), len(masks)

    def _mask(self, file: str) -> Mask:
        return np.asarray(Image.open(self.folder / file)) > 0

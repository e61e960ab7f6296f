"""What columns and tables of a package are, and the columns that several share: one name, one meaning everywhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

# Stands for a researcher's reason that was left out of a package.
WITHOUT_REASON = "The package does not say why."
Kind = Literal["text", "integer", "number", "boolean", "datetime", "json"]


@dataclass(frozen=True)
class Column:
    """A variable. ``refers`` names the table whose key its values are; ``levels`` are all values that it can have.

    ``private``: "free text" and "recruiter" are left out unless they are asked for.
    """

    name: str
    kind: Kind
    description: str
    unit: str = ""
    least: float | None = None
    most: float | None = None
    levels: tuple[str, ...] = ()
    refers: str = ""
    private: Literal["", "free text", "recruiter"] = ""
    required: bool = False


@dataclass(frozen=True)
class TableSpec:
    """A table of the package: what one row is, its key, its columns; those in ``needed`` have a value in every row."""

    name: str
    row: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    needed: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        """One column by its name."""
        return next(one for one in self.columns if one.name == name)

    def without(self, left_out: frozenset[str]) -> TableSpec:
        """The same without the columns of these kinds of privacy."""
        return replace(self, columns=tuple(one for one in self.columns if one.private not in left_out))


def text_column(name: str, description: str, *levels: str, **more: object) -> Column:
    """Words; ``levels`` are all that it can say."""
    return Column(name, "text", description, levels=levels, **more)  # type: ignore[arg-type]


def share_column(name: str, description: str) -> Column:
    """A number from 0 to 1."""
    return Column(name, "number", description, "share", 0, 1)


def time_column(name: str, description: str) -> Column:
    """A moment by the server's clock."""
    return Column(name, "datetime", f"{description}, by the server's clock, UTC")


def client_column(name: str, description: str) -> Column:
    """A moment by the participant's clock."""
    return Column(name, "number", f"{description}, by the participant's own clock", "ms since 1970-01-01")


def json_column(name: str, description: str, **more: object) -> Column:
    """What has parts of its own."""
    return Column(name, "json", f"{description}, as JSON", **more)  # type: ignore[arg-type]


def id_column(name: str, table: str, description: str) -> Column:
    """The key of a row of another ``table``."""
    return Column(name, "text", description, refers=table)


def count_column(name: str, description: str, unit: str = "", least: float | None = 0) -> Column:
    """A whole number."""
    return Column(name, "integer", description, unit, least)


STUDY = text_column("study", "Short name of the study", required=True)
VERSION = Column("study_version", "integer", "Version of the study's design", least=1, required=True)
IMAGE = id_column("image_id", "images", "The picture")
MODEL = id_column("model_id", "models", "The classifier as it really was: weights, preprocessing, engine")
PARTICIPANT = id_column("participant_id", "participants", "The participant, numbered in this package")
SESSION = id_column("session_id", "sessions", "The session: one sitting of one person with one picture")
TRIAL = id_column("trial_id", "trials", "The trial of a study")
EDIT = id_column("edit_id", "edits", "The edit; empty for the untouched picture")
REGION = id_column("region_id", "regions", "The region")
PREDICTION = id_column("prediction_id", "predictions", "One model's answer to one image state")
CREATED = time_column("created_at", "When it was kept")
SOFTWARE = text_column("software_version", "Version of Regionscope that recorded it")
CLIENT_MS = client_column("client_ms", "When it happened")
STARTED = client_column("client_started_ms", "When drawing began")
ENDED = client_column("client_ended_ms", "When drawing ended")
AREA = share_column("mask_area", "Share of the working copy's pixels in the mask")
SHAPES = json_column("shapes", "What was drawn, in pixels of the working copy, with times and points")
CONDITION = text_column("condition", "Condition that the participant was assigned to")
CLASS = text_column("class_name", "Class by the model's name for it")
CLASS_INDEX = count_column("class_index", "Number of the class among the model's outputs, from 0")
LABEL_SET = text_column("label_set", "The list of class names that a model answers with")
METHOD = text_column("method", "Key of the inpainting method, or of the explanation method of a map")
MAP_METHOD = text_column("map_method", "Key of the explanation method by whose map the model's side was found")
NUMBER = count_column("number", "Place among the rows that differ in nothing else, from 0")
PROBABILITY = share_column("probability", "The model's probability of the class")
PARAMETERS = json_column("parameters", "Everything else that the result follows from")
FILE = text_column("file", "Where the file lies in this package; empty where it was left out")
TRIAL_KEY = text_column("trial", "Key of the trial in the design")
BLOCK = text_column("block", "Key of the block in the design")
TRIAL_KIND = text_column(
    "trial_kind", "What the trial asks for", "mark", "erase", "predict", "explore", "rate", "compare"
)  # fmt: skip
POSITION = count_column("position", "Place of the trial among the participant's trials, from 0")
LEVELS = json_column("levels", "Levels of the factors that hold in the trial")
PERSON_STATE = text_column(
    "participant_state", "How far the participant came", "started", "finished", "declined", "screened_out", "withdrawn"
)
LANGUAGE = text_column("language", "Language of the study's texts")
EXCLUDED = Column("excluded", "boolean", "Whether a researcher leaves the participant out of results")
IMAGE_NAME = text_column("image_name", "Name of the picture")
MODEL_KEY = text_column("model_key", "Key of the model in Regionscope")
CLIENT = json_column("client", "Device class, browser family, kind of pointer, window")
VALUE = Column("value", "number", "The number; empty where it is undefined")
WORD = text_column("word", "What is no number, such as a case of Shared Interest")
LAST_SEEN = time_column("last_seen_at", "When something was last heard of it")
STARTED_AT = time_column("started_at", "When it began")
ENDED_AT = time_column("ended_at", "When it ended")


def keyed(column: Column) -> Column:
    """The column in the table whose key it is."""
    return replace(column, refers="", required=True)

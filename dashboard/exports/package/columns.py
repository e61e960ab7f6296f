"""Every column of a package's tables: one name, one meaning, in whatever table it stands."""

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


def _text(name: str, description: str, *levels: str, **more: object) -> Column:
    return Column(name, "text", description, levels=levels, **more)  # type: ignore[arg-type]


def _share(name: str, description: str) -> Column:
    return Column(name, "number", description, "share", 0, 1)


def _time(name: str, description: str) -> Column:
    return Column(name, "datetime", f"{description}, by the server's clock, UTC")


def _client(name: str, description: str) -> Column:
    return Column(name, "number", f"{description}, by the participant's own clock", "ms since 1970-01-01")


def _json(name: str, description: str, **more: object) -> Column:
    return Column(name, "json", f"{description}, as JSON", **more)  # type: ignore[arg-type]


def _id(name: str, table: str, description: str, *, key: bool = False) -> Column:
    return Column(name, "text", description, refers="" if key else table, required=key)


def _count(name: str, description: str, unit: str = "", least: float | None = 0) -> Column:
    return Column(name, "integer", description, unit, least)


STUDY = _text("study", "Short name of the study", required=True)
VERSION = Column("study_version", "integer", "Version of the study's design", least=1, required=True)
IMAGE = _id("image_id", "images", "The picture")
MODEL = _id("model_id", "models", "The classifier as it really was: weights, preprocessing, engine")
PARTICIPANT = _id("participant_id", "participants", "The participant, numbered in this package")
SESSION = _id("session_id", "sessions", "The session: one sitting of one person with one picture")
TRIAL = _id("trial_id", "trials", "The trial of a study")
EDIT = _id("edit_id", "edits", "The edit; empty for the untouched picture")
REGION = _id("region_id", "regions", "The region")
PREDICTION = _id("prediction_id", "predictions", "One model's answer to one image state")
CREATED = _time("created_at", "When it was kept")
SOFTWARE = _text("software_version", "Version of Regionscope that recorded it")
CLIENT_MS = _client("client_ms", "When it happened")
STARTED = _client("client_started_ms", "When drawing began")
ENDED = _client("client_ended_ms", "When drawing ended")
AREA = _share("mask_area", "Share of the working copy's pixels in the mask")
SHAPES = _json("shapes", "What was drawn, in pixels of the working copy, with times and points")
CONDITION = _text("condition", "Condition that the participant was assigned to")
CLASS = _text("class_name", "Class by the model's name for it")
CLASS_INDEX = _count("class_index", "Number of the class among the model's outputs, from 0")
LABEL_SET = _text("label_set", "The list of class names that a model answers with")
METHOD = _text("method", "Key of the inpainting method, or of the explanation method of a map")
PARAMETERS = _json("parameters", "Everything else that the result follows from")
FILE = _text("file", "Where the file lies in this package; empty where it was left out")
SECONDS = Column("seconds", "number", "From shown to answered, by the participant's own clock", "s")
TRIAL_KEY = _text("trial", "Key of the trial in the design")
BLOCK = _text("block", "Key of the block in the design")
TRIAL_KIND = _text(
    "trial_kind", "What the trial asks for", "mark", "erase", "predict", "explore", "rate", "compare"
)  # fmt: skip
POSITION = _count("position", "Place of the trial among the participant's trials, from 0")
LEVELS = _json("levels", "Levels of the factors that hold in the trial")
PERSON_STATE = _text(
    "participant_state", "How far the participant came", "started", "finished", "declined", "screened_out", "withdrawn"
)
LANGUAGE = _text("language", "Language of the study's texts")
EXCLUDED = Column("excluded", "boolean", "Whether a researcher leaves the participant out of results")


def _keyed(column: Column) -> Column:
    return replace(column, refers="", required=True)


STUDIES = TableSpec(
    "studies",
    "one version of a study's design",
    ("study", "study_version"),
    (STUDY, VERSION, _text("design_sha256", "SHA-256 of the design as it lies here"),
     _text("design_file", "The design, as YAML"), _count("quota", "Participants wanted", least=1),
     _time("frozen_at", "When the study first opened with it"), CREATED),
)  # fmt: skip
IMAGES = TableSpec(
    "images",
    "one picture",
    ("image_id",),
    (
        _keyed(IMAGE),
        _text("image_name", "Name of the picture"),
        _text("image_set", "Set that the picture belongs to"),
        _text("source", "Where it comes from"),
        _text("licence", "Terms under which it may be passed on"),
        _text("true_label", "What it shows, where that is known"),
        _count("width", "Width as uploaded", "px", 1),
        _count("height", "Height as uploaded", "px", 1),
        _count("working_width", "Width of the working copy, which edits and masks are of", "px", 1),
        _count("working_height", "Height of the working copy", "px", 1),
        _text("pixels_sha256", "SHA-256 of the decoded RGB pixels as uploaded"),
        _text("original_sha256", "SHA-256 of the PNG file of the upload"),
        _text("working_sha256", "SHA-256 of the PNG file of the working copy"),
        _text("original_file", "The upload as PNG; empty where it was left out"),
        _text("working_file", "The working copy as PNG; empty where it was left out"),
        CREATED,
    ),
)
MODELS = TableSpec(
    "models",
    "one classifier",
    ("model_id",),
    (
        _keyed(MODEL),
        _text("model_key", "Key of the model in Regionscope"),
        _text("model_name", "Name of the model"),
        _text("family", "Family of architectures"),
        _text("weights_sha256", "SHA-256 of the file of weights"),
        _count("input_width", "Width of its input", "px", 1),
        _count("input_height", "Height of its input", "px", 1),
        _json("preprocessing", "What is done to a picture before the model sees it"),
        _text("preprocessing_sha256", "SHA-256 of the preprocessing"),
        _text("engine", "Program that ran the network"),
        _text("engine_version", "Version of that program"),
        LABEL_SET,
    ),
)
CLASSES = TableSpec(
    "classes", "one class of a label set", ("label_set", "class_index"),
    (replace(LABEL_SET, required=True), replace(CLASS_INDEX, required=True), CLASS),
)  # fmt: skip
PARTICIPANTS = TableSpec(
    "participants",
    "one participant's try; previews are in no table",
    ("participant_id",),
    (
        _keyed(PARTICIPANT),
        STUDY,
        VERSION,
        CONDITION,
        PERSON_STATE,
        _count("place", "Which rows of the design's Latin squares the participant has, numbered"),
        Column("seed", "integer", "Seed from which the participant's orders follow"),
        _count("try_number", "How often the participant has begun", least=1),
        LANGUAGE,
        Column("flagged", "boolean", "Whether a researcher has marked the participant for a second look"),
        EXCLUDED,
        _text("flag_reason", "The researcher's reason for the mark", private="free text"),
        _text("exclusion_reason", "The researcher's reason for leaving out", private="free text"),
        _text("recruiter_id", "The recruiter's id of the participant", private="recruiter"),
        _json("recruiter_parameters", "Other parameters of the link", private="recruiter"),
        _json("client", "Device class, browser family, kind of pointer, window"),
        _time("started_at", "When it began"),
        _time("last_seen_at", "When something was last heard of it"),
        _time("ended_at", "When it ended"),
    ),
)
SESSIONS = TableSpec(
    "sessions",
    "one sitting of one person with one picture",
    ("session_id",),
    (
        _keyed(SESSION),
        IMAGE,
        PARTICIPANT,
        _text("study_label", "Study that the session is listed under"),
        _text("session_name", "The session's name", private="free text"),
        _text("session_notes", "Notes on the session", private="free text"),
        _text("person", "Who worked: a participant's id, else as typed by a researcher", private="free text"),
        _json("tags", "Tags on the session", private="free text"),
        _count("head_sequence", "Sequence of the edit at which it ended, 0 the untouched picture"),
        _count("tip_sequence", "Sequence of the end of the branch last worked on"),
        SOFTWARE,
        _json("client", "Device class, browser family, kind of pointer, window"),
        _time("started_at", "When it began"),
        _time("last_seen_at", "When something was last heard of it"),
        _time("ended_at", "When it ended"),
        _time("archived_at", "When it was put away"),
    ),
)
TRIALS = TableSpec(
    "trials",
    "one planned trial of one participant",
    ("trial_id",),
    (
        _keyed(TRIAL),
        PARTICIPANT,
        SESSION,
        POSITION,
        BLOCK,
        TRIAL_KEY,
        TRIAL_KIND,
        Column("practice", "boolean", "Whether it is practice, which is in no result"),
        IMAGE,
        CLASS,
        _text("model_key", "Key of the model in Regionscope"),
        LEVELS,
        _json("plan", "The trial as it was planned and prepared"),
        _time("shown_at", "When the trial was shown"),
        _client("shown_client_ms", "When the trial was shown"),
        _client("first_input_client_ms", "First stroke, key or touch"),
        _time("answered_at", "When the answer arrived"),
        _client("answered_client_ms", "When the answer was given"),
    ),
)
RESPONSES = TableSpec(
    "responses",
    "what a participant answered at one step",
    ("response_id",),
    (
        _text("response_id", "The response", required=True),
        PARTICIPANT,
        TRIAL,
        _text("step", "Step of the participant's way, such as trial:3 or questionnaire:about"),
        _json("answers", "What was answered, by question"),
        CLIENT_MS,
        CREATED,
    ),
)
EDITS = TableSpec(
    "edits",
    "one removal of a region",
    ("edit_id",),
    (
        _keyed(EDIT),
        SESSION,
        _id("parent_id", "edits", "The edit that it was made on; empty for the untouched picture"),
        _text("copied_from", "The edit that it repeats in a continued session; U1, U2 … are not in this package"),
        _count("sequence", "Place among the session's edits, from 1", least=1),
        _text("operation", "Kind of operation"),
        METHOD,
        PARAMETERS,
        AREA,
        _share("removed_area", "Share of the pixels removed by it and the edits before it on its branch"),
        _text("mask_file", "The edit's own mask as PNG: 255 in the region"),
        _text("result_sha256", "SHA-256 of the PNG file of the picture after it"),
        _text("result_file", "The picture after it as PNG; empty where it was left out"),
        STARTED,
        ENDED,
        Column("duration_ms", "number", "How long the server took for inpainting and answers", "ms", 0),
        _json("tags", "Tags on the edit", private="free text"),
        _text("note", "Note on the edit", private="free text"),
        SHAPES,
        SOFTWARE,
        CREATED,
    ),
)
PREDICTIONS = TableSpec(
    "predictions",
    "one model's answer to one image state; all probabilities are in probabilities.parquet",
    ("prediction_id",),
    (
        _keyed(PREDICTION),
        IMAGE,
        EDIT,
        MODEL,
        _count("top_class_index", "Number of the most probable class"),
        _text("top_class", "The most probable class"),
        _share("top_probability", "Its probability"),
        Column("latency_ms", "number", "How long the model took", "ms", 0),
        CREATED,
    ),
)
RANKED = TableSpec(
    "top",
    "one of the most probable classes of one answer",
    ("prediction_id", "rank"),
    (PREDICTION, _count("rank", "Place by probability, 1 the highest", least=1), CLASS_INDEX, CLASS,
     _share("probability", "The model's probability of the class")),
)  # fmt: skip
REGIONS = TableSpec(
    "regions",
    "one part of an image state that a person or a method considers important",
    ("region_id",),
    (
        _keyed(REGION),
        _text("region_kind", "human, or the key of the explanation method"),
        IMAGE,
        EDIT,
        SESSION,
        MODEL,
        CLASS,
        CLASS_INDEX,
        _text("region_name", "Name of the region", private="free text"),
        _text("reason", "Why, in the person's own words", private="free text"),
        _text("author", "Who marked it, as typed or imported", private="free text"),
        _text("source", "Where it comes from", private="free text"),
        Column("confidence", "integer", "How sure the person was", "steps", 1, 5),
        AREA,
        Column("agreement", "number", "IoU with the model's region of equal area", "", 0, 1),
        _text("mask_file", "The region's mask as PNG: 255 in the region"),
        PARAMETERS,
        SHAPES,
        STARTED,
        ENDED,
        SOFTWARE,
        CREATED,
    ),
)
METRICS = TableSpec(
    "metrics",
    "one number, or one word, that was worked out",
    ("metric_id",),
    (
        _text("metric_id", "The number", required=True),
        _text("metric", "Its name, as documentation/metrics.md defines it"),
        EDIT,
        REGION,
        MODEL,
        Column("value", "number", "The number; empty where it is undefined"),
        _text("word", "What is no number, such as a case of Shared Interest"),
    ),
)
MAPS = TableSpec(
    "maps",
    "one model map, float32 (height, width) of the working copy, not normalised",
    ("map_id",),
    (_text("map_id", "The map", required=True), IMAGE, EDIT, MODEL, CLASS_INDEX, CLASS, METHOD, FILE),
)
EVENTS = TableSpec(
    "events",
    "what else happened in a session or on a participant's way, in order",
    ("event_id",),
    (
        _text("event_id", "The event", required=True),
        SESSION,
        PARTICIPANT,
        _text("event_kind", "What happened"),
        _json("payload", "What belongs to it; empty where it holds free text that was left out"),
        CLIENT_MS,
        CREATED,
    ),
)
LONG = TableSpec(
    "long",
    "one value of one measure of one participant in one trial or questionnaire (for SPSS and R)",
    ("long_id",),
    (
        _text("long_id", "The row", required=True),
        PARTICIPANT,
        CONDITION,
        EXCLUDED,
        POSITION,
        BLOCK,
        TRIAL_KEY,
        TRIAL_KIND,
        IMAGE,
        _text("image_name", "Name of the picture"),
        CLASS,
        LEVELS,
        _text("measure", "What the value is of, such as seconds, sure, or a question's key"),
        Column("value", "number", "The number; empty where it is undefined"),
        _text("word", "What is no number, such as a case of Shared Interest"),
    ),
)
# Columns without which a row says nothing, or could not be read back.
_NEEDED = {
    "studies": "study study_version design_sha256 design_file quota created_at",
    "images": (
        "image_id width height working_width working_height pixels_sha256 original_sha256 working_sha256 created_at"
    ),
    "models": (
        "model_id model_key weights_sha256 input_width input_height preprocessing preprocessing_sha256 engine "
        "engine_version label_set"
    ),
    "classes": "label_set class_index",
    "participants": (
        "participant_id study study_version condition participant_state place seed try_number language "
        "started_at last_seen_at"
    ),
    "sessions": "session_id image_id head_sequence tip_sequence software_version started_at last_seen_at",
    "trials": "trial_id participant_id position plan",
    "responses": "response_id participant_id step answers created_at",
    "edits": (
        "edit_id session_id sequence operation method parameters mask_area removed_area mask_file "
        "result_sha256 duration_ms shapes software_version created_at"
    ),
    "predictions": "prediction_id model_id top_class_index top_probability latency_ms created_at",
    "top": "prediction_id rank class_index probability",
    "regions": "region_id region_kind image_id mask_area mask_file parameters shapes software_version created_at",
    "metrics": "metric_id metric model_id",
    "maps": "map_id image_id model_id class_index method file",
    "events": "event_id event_kind payload created_at",
    "long": "long_id participant_id measure",
}
# In an order in which each table refers to earlier ones.
TABLES = tuple(replace(one, needed=tuple(_NEEDED[one.name].split())) for one in (
    STUDIES, IMAGES, MODELS, CLASSES, PARTICIPANTS, SESSIONS, TRIALS, RESPONSES, EDITS, PREDICTIONS, RANKED, REGIONS,
    METRICS, MAPS, EVENTS, LONG,
))  # fmt: skip
# "wide" has a column for each measure, so it is described when it is written.
WIDE = TableSpec(
    "wide", "one participant", ("participant_id",), (_keyed(PARTICIPANT), CONDITION, PERSON_STATE, LANGUAGE, EXCLUDED)
)

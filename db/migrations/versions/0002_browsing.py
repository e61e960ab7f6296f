"""browsing: outcomes, class names, tags, notes, comparisons, studies' names and the archive."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from db.probabilities import unpack_one

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "comparisons",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("look", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comparisons")),
        sa.UniqueConstraint("public_id", name=op.f("uq_comparisons_public_id")),
    )
    op.create_table(
        "tags",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tags")),
        sa.UniqueConstraint("name", name=op.f("uq_tags_name")),
    )
    op.create_table(
        "class_names",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("label_set_id", sa.Integer(), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["label_set_id"], ["label_sets.id"], name=op.f("fk_class_names_label_set_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_names")),
        sa.UniqueConstraint("label_set_id", "index", name=op.f("uq_class_names_label_set_id_index")),
    )
    with op.batch_alter_table("class_names", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_class_names_name"), ["name"], unique=False)

    op.create_table(
        "session_tags",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_session_tags_session_id")),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name=op.f("fk_session_tags_tag_id")),
        sa.PrimaryKeyConstraint("session_id", "tag_id", name=op.f("pk_session_tags")),
    )
    with op.batch_alter_table("session_tags", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_tags_tag_id"), ["tag_id"], unique=False)

    op.create_table(
        "edit_notes",
        sa.Column("edit_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["edit_id"], ["edits.id"], name=op.f("fk_edit_notes_edit_id")),
        sa.PrimaryKeyConstraint("edit_id", name=op.f("pk_edit_notes")),
    )
    op.create_table(
        "edit_tags",
        sa.Column("edit_id", sa.Integer(), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["edit_id"], ["edits.id"], name=op.f("fk_edit_tags_edit_id")),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name=op.f("fk_edit_tags_tag_id")),
        sa.PrimaryKeyConstraint("edit_id", "tag_id", name=op.f("pk_edit_tags")),
    )
    with op.batch_alter_table("edit_tags", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_edit_tags_tag_id"), ["tag_id"], unique=False)

    op.create_table(
        "outcomes",
        sa.Column("prediction_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("edit_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("image_id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("leading", sa.Boolean(), nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("mask_area", sa.Double(), nullable=False),
        sa.Column("made_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("drawing_ms", sa.Double(), nullable=True),
        sa.Column("before_class_id", sa.Integer(), nullable=True),
        sa.Column("after_class_id", sa.Integer(), nullable=False),
        sa.Column("probability_before", sa.Double(), nullable=True),
        sa.Column("probability_after", sa.Double(), nullable=True),
        sa.Column("change", sa.Double(), nullable=True),
        sa.Column("flipped", sa.Boolean(), nullable=True),
        sa.Column("cell", sa.SmallInteger(), nullable=True),
        sa.Column("regions", sa.Integer(), server_default="0", nullable=False),
        sa.Column("agreement", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["after_class_id"], ["class_names.id"], name=op.f("fk_outcomes_after_class_id")),
        sa.ForeignKeyConstraint(["before_class_id"], ["class_names.id"], name=op.f("fk_outcomes_before_class_id")),
        sa.ForeignKeyConstraint(["edit_id"], ["edits.id"], name=op.f("fk_outcomes_edit_id")),
        sa.ForeignKeyConstraint(["image_id"], ["images.id"], name=op.f("fk_outcomes_image_id")),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name=op.f("fk_outcomes_model_id")),
        sa.ForeignKeyConstraint(["prediction_id"], ["predictions.id"], name=op.f("fk_outcomes_prediction_id")),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_outcomes_session_id")),
        sa.PrimaryKeyConstraint("prediction_id", name=op.f("pk_outcomes")),
        sa.UniqueConstraint("edit_id", "model_id", name=op.f("uq_outcomes_edit_id_model_id")),
    )
    with op.batch_alter_table("outcomes", schema=None) as batch_op:
        batch_op.create_index("ix_outcomes_after_class", ["archived", "leading", "after_class_id"], unique=False)
        batch_op.create_index(
            "ix_outcomes_before_class",
            ["archived", "leading", "before_class_id", "flipped", "made_at_ms"],
            unique=False,
        )
        batch_op.create_index("ix_outcomes_cell", ["archived", "leading", "cell"], unique=False)
        batch_op.create_index("ix_outcomes_change", ["archived", "leading", "change"], unique=False)
        batch_op.create_index("ix_outcomes_drawing_ms", ["archived", "leading", "drawing_ms"], unique=False)
        batch_op.create_index("ix_outcomes_image", ["image_id", "model_id"], unique=False)
        batch_op.create_index("ix_outcomes_mask_area", ["archived", "leading", "mask_area"], unique=False)
        batch_op.create_index("ix_outcomes_model", ["model_id", "made_at_ms"], unique=False)
        batch_op.create_index("ix_outcomes_session", ["session_id", "leading", "flipped"], unique=False)
        batch_op.create_index("ix_outcomes_time", ["archived", "leading", "made_at_ms"], unique=False)

    op.create_index(op.f("ix_edits_result_blob"), "edits", ["result_blob"], unique=False)
    op.add_column("edits", sa.Column("copied_from", sa.String(length=36), nullable=True))
    op.add_column("sessions", sa.Column("study", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column("sessions", sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))
    _name_classes(op.get_bind())
    _draw_outcomes(op.get_bind())


def downgrade() -> None:
    op.drop_column("sessions", "archived_at")
    op.drop_column("sessions", "study")
    op.drop_column("edits", "copied_from")
    op.drop_index(op.f("ix_edits_result_blob"), "edits")
    with op.batch_alter_table("outcomes", schema=None) as batch_op:
        batch_op.drop_index("ix_outcomes_time")
        batch_op.drop_index("ix_outcomes_session")
        batch_op.drop_index("ix_outcomes_model")
        batch_op.drop_index("ix_outcomes_mask_area")
        batch_op.drop_index("ix_outcomes_image")
        batch_op.drop_index("ix_outcomes_drawing_ms")
        batch_op.drop_index("ix_outcomes_change")
        batch_op.drop_index("ix_outcomes_cell")
        batch_op.drop_index("ix_outcomes_before_class")
        batch_op.drop_index("ix_outcomes_after_class")

    op.drop_table("outcomes")
    with op.batch_alter_table("edit_tags", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_edit_tags_tag_id"))

    op.drop_table("edit_tags")
    op.drop_table("edit_notes")
    with op.batch_alter_table("session_tags", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_tags_tag_id"))

    op.drop_table("session_tags")
    with op.batch_alter_table("class_names", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_class_names_name"))

    op.drop_table("class_names")
    op.drop_table("tags")
    op.drop_table("comparisons")


# What follows is written down once for the tables as they were then: later changes to the application's own code
# must not change what this migration does.


def _name_classes(connection: sa.Connection) -> None:
    names = sa.table("class_names", sa.column("label_set_id"), sa.column("index"), sa.column("name"))
    label_sets = sa.table("label_sets", sa.column("id"), sa.column("labels", sa.JSON))
    for number, labels in connection.execute(sa.select(label_sets.c.id, label_sets.c.labels)).all():
        rows = [{"label_set_id": number, "index": index, "name": name} for index, name in enumerate(labels)]
        if rows:
            connection.execute(names.insert(), rows)


_ANSWERS = """
SELECT p.id, p.model_id, p.probabilities, p.top_index, m.key, m.weights_sha256, m.label_set_id,
       e.id AS edit_id, e.session_id, e.method, e.mask_area, e.created_at, e.client_started_ms, e.client_ended_ms,
       s.image_id
FROM predictions p
JOIN models m ON m.id = p.model_id
JOIN edits e ON e.id = p.edit_id
JOIN sessions s ON s.id = e.session_id
ORDER BY p.id
"""

_ORIGINALS = """
SELECT p.image_id, m.key, m.weights_sha256, p.top_index, p.top_probability
FROM predictions p JOIN models m ON m.id = p.model_id WHERE p.image_id IS NOT NULL ORDER BY p.id
"""


def _draw_outcomes(connection: sa.Connection) -> None:
    originals = {tuple(row[:3]): tuple(row[3:]) for row in connection.execute(sa.text(_ORIGINALS))}
    classes = {
        (label_set, index): number
        for number, label_set, index in connection.execute(sa.text('SELECT id, label_set_id, "index" FROM class_names'))
    }
    outcomes = sa.table("outcomes", *[sa.column(name) for name in _COLUMNS])
    seen: set[int] = set()
    answers = connection.execute(sa.text(_ANSWERS)).mappings()
    while batch := answers.fetchmany(1000):
        connection.execute(outcomes.insert(), [_outcome(row, originals, classes, seen) for row in batch])


_COLUMNS = (
    "prediction_id",
    "edit_id",
    "session_id",
    "image_id",
    "model_id",
    "leading",
    "archived",
    "method",
    "mask_area",
    "made_at_ms",
    "drawing_ms",
    "before_class_id",
    "after_class_id",
    "probability_before",
    "probability_after",
    "change",
    "flipped",
    "cell",
)


def _outcome(row: sa.RowMapping, originals: dict, classes: dict, seen: set[int]) -> dict:  # type: ignore[type-arg]
    original = originals.get((row["image_id"], row["key"], row["weights_sha256"]))
    before = after = change = cell = None
    if original is not None:
        before, after = original[1], unpack_one(bytes(row["probabilities"]), original[0])
        change = after - before
        cell = min(int(row["mask_area"] * 100), 99) * 80 + min(int((change + 1) / 2 * 80), 79)
    leading = row["edit_id"] not in seen
    seen.add(row["edit_id"])
    started, ended = row["client_started_ms"], row["client_ended_ms"]
    return {
        "prediction_id": row["id"],
        "edit_id": row["edit_id"],
        "session_id": row["session_id"],
        "image_id": row["image_id"],
        "model_id": row["model_id"],
        "leading": leading,
        "archived": False,
        "method": row["method"],
        "mask_area": row["mask_area"],
        "made_at_ms": _milliseconds(row["created_at"]),
        "drawing_ms": ended - started if started is not None and ended is not None else None,
        "before_class_id": classes[row["label_set_id"], original[0]] if original else None,
        "after_class_id": classes[row["label_set_id"], row["top_index"]],
        "probability_before": before,
        "probability_after": after,
        "change": change,
        "flipped": original[0] != row["top_index"] if original else None,
        "cell": cell,
    }


def _milliseconds(moment: datetime | str) -> int:
    """SQLite gives text without a zone, PostgreSQL an aware moment."""
    value = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return round((value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp() * 1000)

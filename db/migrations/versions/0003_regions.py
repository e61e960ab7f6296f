"""regions: what somebody or something considers important in a picture."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "regions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("request_sha256", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("image_id", sa.Integer(), nullable=False),
        sa.Column("edit_id", sa.Integer(), nullable=True),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("model_id", sa.Integer(), nullable=True),
        sa.Column("class_id", sa.Integer(), nullable=True),
        sa.Column("class_name", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("confidence", sa.SmallInteger(), nullable=True),
        sa.Column("agreement", sa.Double(), nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("shapes", sa.JSON(), nullable=False),
        sa.Column("mask_counts", sa.Text(), nullable=False),
        sa.Column("mask_area", sa.Double(), nullable=False),
        sa.Column("client_started_ms", sa.Double(), nullable=True),
        sa.Column("client_ended_ms", sa.Double(), nullable=True),
        sa.Column("software_version", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("mask_area > 0 AND mask_area <= 1", name=op.f("ck_regions_mask_area")),
        sa.CheckConstraint("confidence BETWEEN 1 AND 5", name=op.f("ck_regions_confidence")),
        sa.ForeignKeyConstraint(["class_id"], ["class_names.id"], name=op.f("fk_regions_class_id")),
        sa.ForeignKeyConstraint(["edit_id"], ["edits.id"], name=op.f("fk_regions_edit_id")),
        sa.ForeignKeyConstraint(["image_id"], ["images.id"], name=op.f("fk_regions_image_id")),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name=op.f("fk_regions_model_id")),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_regions_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regions")),
        sa.UniqueConstraint("public_id", name=op.f("uq_regions_public_id")),
    )
    with op.batch_alter_table("regions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_regions_image_id"), ["image_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_regions_edit_id"), ["edit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_regions_session_id"), ["session_id"], unique=False)

    # With the archive in it, sessions are counted from the index alone.
    op.drop_index("ix_outcomes_session", "outcomes")
    op.create_index("ix_outcomes_session", "outcomes", ["session_id", "leading", "archived", "flipped"], unique=False)
    op.add_column("sessions", sa.Column("regions", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("sessions", sa.Column("agreement", sa.Double(), nullable=True))


def downgrade() -> None:
    op.drop_index("ix_outcomes_session", "outcomes")
    op.create_index("ix_outcomes_session", "outcomes", ["session_id", "leading", "flipped"], unique=False)
    op.drop_column("sessions", "agreement")
    op.drop_column("sessions", "regions")
    op.drop_table("regions")

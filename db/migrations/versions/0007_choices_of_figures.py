"""figures: what was put on one stays with the choices that it was drawn with."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLE = sa.table("figure_annotations", sa.column("choices", sa.String()))
USUAL = "{}"
BEFORE, NOW = "uq_figure_annotations_kind_about", "uq_figure_annotations_kind_about_choices"


def upgrade() -> None:
    """What is there was put on figures of the usual choices."""
    with op.batch_alter_table("figure_annotations") as batch_op:
        batch_op.add_column(sa.Column("choices", sa.String(length=1024), nullable=False, server_default=USUAL))
        batch_op.drop_constraint(batch_op.f(BEFORE), type_="unique")
        batch_op.create_unique_constraint(batch_op.f(NOW), ["kind", "about", "choices"])
    with op.batch_alter_table("figure_annotations") as batch_op:
        batch_op.alter_column("choices", server_default=None)


def downgrade() -> None:
    op.execute(sa.delete(TABLE).where(TABLE.c.choices != USUAL))
    with op.batch_alter_table("figure_annotations") as batch_op:
        batch_op.drop_constraint(batch_op.f(NOW), type_="unique")
        batch_op.drop_column("choices")
        batch_op.create_unique_constraint(batch_op.f(BEFORE), ["kind", "about"])

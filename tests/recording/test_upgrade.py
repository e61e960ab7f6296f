"""A database of the first schema, with what people had recorded, brought to the newest."""

from __future__ import annotations

from sqlalchemy import delete, select, text

from dashboard.recording import answers
from dashboard.recording.edits import apply_edit
from db import models
from db.engine import Database
from db.outcomes import record_outcomes
from db.schema import downgrade, migrate
from tests.support.edits import MODEL, OTHER_MODEL, edit_request, rectangle, sitting
from tests.support.pictures import add_cat, add_small


def rows(database: Database, table) -> list[dict[str, object]]:
    columns = list(table.__table__.columns)
    with database.read() as transaction:
        found = transaction.execute(select(*columns).order_by(columns[0])).mappings()
        return [dict(row) for row in found]


def test_outcomes_drawn_by_the_migration_are_those_the_application_makes(stored):
    cat, small = add_cat(stored), add_small(stored)
    answers.of_picture(stored, cat, [MODEL, OTHER_MODEL])
    for picture, keys in ((cat, (OTHER_MODEL, MODEL)), (small, (MODEL,))):
        where, parent = sitting(picture), None
        for step in range(3):
            shapes = [rectangle(5, 5, 20 + 9 * step, 30)]
            times = {"client_started_ms": 10.0, "client_ended_ms": 35.5} if step else {}
            parent = apply_edit(stored, edit_request(where, parent, shapes=shapes, models=keys, **times)).id
    made, names = rows(stored.database, models.Outcome), rows(stored.database, models.ClassName)
    assert len(made) == 9
    assert {row["change"] is None for row in made} == {True, False}
    stored.database.close()

    downgrade(stored.database, "0001")
    migrate(stored.database)

    assert rows(stored.database, models.ClassName) == names
    assert rows(stored.database, models.Outcome) == made
    with stored.database.write() as transaction:
        transaction.execute(delete(models.Outcome))
        record_outcomes(transaction, [row["prediction_id"] for row in made])
    assert rows(stored.database, models.Outcome) == made


def test_an_empty_first_schema_is_upgraded(empty_url):
    database = Database(empty_url)
    migrate(database, "0001")
    migrate(database)
    with database.read() as transaction:
        assert transaction.scalar(text("SELECT count(*) FROM outcomes")) == 0
    database.close()

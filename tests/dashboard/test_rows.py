"""The lists' rows as JSON, and as a CSV file."""

from __future__ import annotations

import csv
import io

import pytest

from dashboard.recording import answers, sessions
from dashboard.recording.deleting import delete_sessions, extent
from dashboard.recording.edits import apply_edit
from dashboard.recording.ids import new_id
from db import queries
from tests.support.edits import MODEL, edit_request, rectangle, sitting
from tests.support.pictures import add_small


@pytest.fixture
def recorded(workspace, picture):
    """Two sessions: "=1+1" with two edits, "Second" with one; the newest last."""
    answers.of_picture(workspace, picture, [MODEL])
    first, second = sitting(picture), sitting(picture)
    root = apply_edit(workspace, edit_request(first))
    next_edit = apply_edit(workspace, edit_request(first, root.id, shapes=[rectangle(30, 10, 50, 40)]))
    other = apply_edit(workspace, edit_request(second, method="telea"))
    sessions.describe(workspace, new_id(), first, {"name": "=1+1", "person": "P01", "notes": "a note"}, None)
    sessions.describe(workspace, new_id(), second, {"name": "Second", "person": "", "notes": ""}, None)
    return first.session, second.session, [root, next_edit, other]


def read_csv(answer):
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    assert answer.text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def test_rows_are_paged(client, recorded):
    first, second, edits = recorded
    answer = client.get("/api/v1/rows").get_json()
    assert answer["total"] == 2
    assert [row["id"] for row in answer["rows"]] == [second, first]
    answer = client.get("/api/v1/rows?view=edits&offset=1&limit=1").get_json()
    assert answer["total"] == 3
    assert [row["id"] for row in answer["rows"]] == [edits[1].id]


def test_the_address_filters_and_sorts(client, recorded):
    _first, second, edits = recorded
    found = client.get("/api/v1/rows?q=second").get_json()["rows"]
    assert [row["id"] for row in found] == [second]
    found = client.get("/api/v1/rows?view=edits&method=mean&sort=mask_area").get_json()["rows"]
    assert [row["id"] for row in found] == [edits[0].id, edits[1].id]


MANY = "&".join(["tag=a"] * 501)


@pytest.mark.parametrize("query", ["view=pictures", "sort=shoe_size", "f.change=inRange:1", "flipped=perhaps", MANY])
@pytest.mark.parametrize("path", ["/api/v1/rows", "/api/v1/rows.csv"])
def test_what_cannot_be_asked_is_said_in_a_sentence(client, path, query):
    answer = client.get(f"{path}?{query}")
    assert answer.status_code == 422
    assert answer.get_json()["error"].endswith(".")


@pytest.mark.parametrize("query", ["limit=100000", "limit=0", "offset=-1", "offset=many", "offset=99999999999999"])
def test_a_page_that_cannot_be_is_refused(client, query):
    assert client.get(f"/api/v1/rows?{query}").status_code == 422


def test_a_table_has_every_column_and_row(client, recorded):
    _, _, edits = recorded
    rows = read_csv(client.get("/api/v1/rows.csv?view=edits&sort=made"))
    assert [row["id"] for row in rows] == [edit.id for edit in edits]
    assert float(rows[0]["mask_area_share"]) == pytest.approx(edits[0].mask_area)
    assert rows[0]["operation"] == "mean"
    assert rows[0]["flipped"] in ("true", "false")
    assert rows[0]["made_utc"].endswith("+00:00")
    assert rows[0]["agreement"] == ""


def test_what_a_spreadsheet_would_compute_is_text(client, recorded):
    rows = read_csv(client.get("/api/v1/rows.csv"))
    assert [row["session_name"] for row in rows] == ["Second", "'=1+1"]
    # A negative number is one, not a formula.
    assert all(float(row["change_share"]) <= 1 for row in rows)


def test_only_what_is_selected_is_exported(client, recorded):
    first, _, edits = recorded
    assert [row["id"] for row in read_csv(client.get(f"/api/v1/rows.csv?items=session:{first}"))] == [first]
    chosen = ",".join(f"edit:{edit.id}" for edit in edits[:2])
    rows = read_csv(client.post("/api/v1/rows.csv?view=edits&sort=made", data={"items": chosen}))
    assert [row["id"] for row in rows] == [edit.id for edit in edits[:2]]


@pytest.mark.parametrize("items", ["session:not-an-id", "edit:01a20733-6829-725a-9216-734644472acd", "x"])
def test_a_selection_that_cannot_be_is_refused(client, recorded, items):
    answer = client.get(f"/api/v1/rows.csv?items={items}")
    assert answer.status_code == 422
    assert answer.get_json()["error"].endswith(".")


def test_tables_longer_than_a_block_come_whole(client, recorded, monkeypatch):
    monkeypatch.setattr("dashboard.rows_api.CSV_BLOCK", 2)
    rows = read_csv(client.get("/api/v1/rows.csv?view=edits"))
    assert len({row["id"] for row in rows}) == len(rows) == 3


def test_what_is_recorded_while_a_table_is_written_moves_no_row(workspace, client, recorded, monkeypatch):
    """The newest come first, so that each new edit would move all others by one."""
    monkeypatch.setattr("dashboard.rows_api.CSV_BLOCK", 1)
    first, _, edits = recorded
    lines = client.get("/api/v1/rows.csv?view=edits").iter_encoded()
    written = [next(lines), next(lines)]
    with workspace.database.read() as transaction:
        picture = queries.session(transaction, first).picture
    apply_edit(workspace, edit_request(sitting(picture)))
    written += lines
    rows = list(csv.DictReader(io.StringIO(b"".join(written).decode("utf-8-sig"))))
    assert [row["id"] for row in rows] == [edit.id for edit in edits[::-1]]


def test_what_is_deleted_while_a_table_is_written_is_left_out(workspace, client, recorded, monkeypatch):
    monkeypatch.setattr("dashboard.rows_api.CSV_BLOCK", 1)
    first, second, _ = recorded
    lines = client.get("/api/v1/rows.csv").iter_encoded()
    written = [next(lines), next(lines)]
    going = {"items": [f"session:{first}"]}
    delete_sessions(workspace, new_id(), going, vars(extent(workspace, going)))
    written += lines
    rows = list(csv.DictReader(io.StringIO(b"".join(written).decode("utf-8-sig"))))
    assert [row["id"] for row in rows] == [second]


def test_a_change_cannot_come_from_elsewhere(client, recorded):
    answer = client.post("/api/v1/rows.csv", headers={"Origin": "http://elsewhere.example"})
    assert answer.status_code == 403


def test_an_empty_list(workspace):
    from dashboard.app import create_app

    add_small(workspace)
    client = create_app(workspace).server.test_client()
    assert client.get("/api/v1/rows").get_json() == {"total": 0, "rows": []}
    assert read_csv(client.get("/api/v1/rows.csv?view=edits")) == []

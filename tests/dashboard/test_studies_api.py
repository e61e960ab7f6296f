"""Studies for programs: the design as a file, results as JSON and CSV; not for anybody else."""

from __future__ import annotations

import csv
import io

import pytest

from dashboard.app import create_app
from dashboard.studies.design import Design
from dashboard.studies.design_yaml import from_yaml
from tests.support.accounts import make_account
from tests.support.participating import DESIGN, begin, go_on, open_study
from tests.support.pictures import add_small


@pytest.fixture
def client(workspace):
    add_small(workspace)
    open_study(workspace)
    go_on(workspace, begin(workspace, "one"))
    go_on(workspace, begin(workspace, "two"), until="questionnaire:about")
    return create_app(workspace).server.test_client()


def test_the_design_comes_as_it_is_taken(client):
    answer = client.get("/api/v1/studies/small/design.yaml")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="small.yaml"'
    assert from_yaml(answer.text) == Design.model_validate(DESIGN)


def test_results_as_json_and_as_csv_are_the_same(client):
    found = client.get("/api/v1/studies/small/results").get_json()
    assert (found["participants"], found["counted"], found["unfinished"]) == (2, 1, False)
    tables = {table["name"]: table for section in found["sections"] for table in section["tables"]}
    answer = client.get("/api/v1/studies/small/results/participants.csv")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [{name: str(value) for name, value in row.items()} for row in tables["participants"]["rows"]] == rows
    assert sum(int(row["counted"]) for row in rows) == 1
    everybody = client.get("/api/v1/studies/small/results/participants.csv?unfinished=1").text
    assert sum(int(row["counted"]) for row in csv.DictReader(io.StringIO(everybody))) == 2


@pytest.mark.parametrize("path", ["results/nothing.csv", "results/..%2Fparticipants.csv"])
def test_what_is_not_there_is_said(client, path):
    answer = client.get(f"/api/v1/studies/small/{path}")
    assert answer.status_code == 404
    assert client.get("/api/v1/studies/nothing/results").status_code == 404


def test_only_researchers_get_them(workspace, client):
    make_account(workspace.database)
    for path in ("design.yaml", "results", "results/participants.csv"):
        assert client.get(f"/api/v1/studies/small/{path}").status_code == 401

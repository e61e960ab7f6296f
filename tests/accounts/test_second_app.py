"""A second application on the same server is closed until it is declared."""

from __future__ import annotations

import pytest
from dash import Dash, Input, Output, html

from dashboard import access
from tests.support.accounts import signed_in


@pytest.fixture
def second(server):
    """Another Dash application under an address of its own."""
    other = Dash(
        "other", server=server, routes_pathname_prefix="/other/", requests_pathname_prefix="/other/", assets_folder=""
    )
    other.layout = html.Div([html.P(id="from"), html.P("a secret", id="to")])

    @other.callback(Output("to", "children"), Input("from", "children"))
    def work(_given):
        return "a secret"

    return server


CALL = {
    "output": "to.children",
    "outputs": {"id": "to", "property": "children"},
    "inputs": [{"id": "from", "property": "children", "value": None}],
    "changedPropIds": [],
}


def answers(client):
    layout = client.get("/other/_dash-layout")
    called = client.post("/other/_dash-update-component", json=CALL)
    return [(answer.status_code, "a secret" in answer.text) for answer in (layout, called)]


def test_nobody_gets_anything_from_it(second):
    assert answers(second.test_client()) == [(401, False)] * 2
    assert answers(signed_in(second)) == [(200, True)] * 2


def test_what_is_declared_is_open_to_participants(second, monkeypatch):
    monkeypatch.setattr(access, "PARTICIPANTS", {"/other/_dash-layout": lambda: True})
    assert answers(second.test_client()) == [(200, True), (401, False)]

"""Participants as their browsers speak to the server."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dashboard.recording.ids import new_id
from tests.support.edits import rectangle

SHOW = "..way.children...tools.children...way-after.children...later.children...way-scene.data.."


class Visitor:
    """One browser; ``client`` holds its cookies."""

    def __init__(self, server: Flask, slug: str = "small", search: str = "") -> None:
        self.client: FlaskClient = server.test_client()
        self.client.environ_base["HTTP_ORIGIN"] = "http://localhost"
        self.slug, self.search = slug, search
        self.opened = self.client.get(f"/s/{slug}{search}")

    def post(self, path: str, **body: Any) -> TestResponse:
        return self.client.post(f"/s/{self.slug}{path}", json={"id": new_id(), **body})

    def enter(self, **body: Any) -> TestResponse:
        return self.post("/enter", **{"parameters": {}, "language": "en", "client": {}, **body})

    def begin(self, **body: Any) -> str:
        answer = self.enter(**body)
        assert answer.status_code == 200, answer.text
        return str(answer.get_json()["participant"])

    def ask(self, **more: Any) -> TestResponse:
        """What the page asks the server to show."""
        return self.ask_of({"slug": self.slug, "search": self.search, "token": 1, **more})

    def ask_of(self, ask: Any) -> TestResponse:
        """The same with whatever stands for the question."""
        names = ("way", "tools", "way-after", "later")
        outputs = [{"id": name, "property": "children"} for name in names]
        body = {
            "output": SHOW,
            "outputs": [*outputs, {"id": "way-scene", "property": "data"}],
            "inputs": [{"id": "way-ask", "property": "data", "value": ask}],
            "changedPropIds": ["way-ask.data"],
        }
        return self.client.post("/s/_dash-update-component", json=body)

    def scene(self) -> dict[str, Any]:
        return self.scene_of(self.search)

    def scene_of(self, search: str) -> dict[str, Any]:
        """What a page with this address shows."""
        answer = self.ask(search=search)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.get_json()["response"]["way-scene"]["data"]
        return found

    def give(self, step: str, **answers: Any) -> TestResponse:
        return self.post("/api/v1/answers", step=step, answers=answers)

    def go_to(self, step: str | None) -> dict[str, Any]:
        """Answers what comes before a step of the small study, None its end; returns its scene."""
        given: dict[str, dict[str, Any]] = {
            "consent": {"agreed": True},
            "instructions": {},
            "trial:0": {"region": new_id(), "shapes": [rectangle()], "sure": 3},
            "trial:1": {},
        }
        scene = self.scene()
        while scene["step"] != step:
            assert self.give(scene["step"], **given[scene["step"]]).status_code == 200
            scene = self.scene()
        return scene

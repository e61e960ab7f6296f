"""Simulated participants: each goes a study's whole way over HTTP as her browser would, and tries again as it would."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

from dashboard.recording.ids import new_id
from dashboard.studies.answering import Given

PATIENCE_S = 120
PAUSE_S = 0.3
TIMES_SENT = 3
_SHOW = "..way.children...tools.children...way-after.children...later.children...way-scene.data.."
_OUTPUTS = [{"id": name, "property": "children"} for name in ("way", "tools", "way-after", "later")]


@dataclass
class Log:
    """What happened to everybody. ``acknowledged``: (kind, id) of what the server said it has kept.

    ``sent``: the sha256 of each answer's content, by its id; ``killed``: what was killed meanwhile.
    """

    acknowledged: list[tuple[str, str]] = field(default_factory=list)
    sent: dict[str, str] = field(default_factory=dict)
    killed: list[str] = field(default_factory=list)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    retried: int = 0
    failed: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def took(self, kind: str, seconds: float) -> None:
        with self._lock:
            self.seconds.setdefault(kind, []).append(seconds)

    def keep(self, kind: str, public_id: str) -> None:
        with self._lock:
            self.acknowledged.append((kind, public_id))

    def again(self) -> None:
        with self._lock:
            self.retried += 1


class RefusedError(Exception):
    """The server said no, and will again."""


class Person:
    """One participant with a browser of her own."""

    def __init__(self, port: int, slug: str, number: int, think_s: float, log: Log) -> None:
        self.port, self.slug, self.log, self.think_s = port, slug, log, think_s
        self.name = f"load-{number:04d}"
        self._random = random.Random(number)
        self._cookies: dict[str, str] = {}

    def go(self) -> None:
        """From the link to the end; what goes wrong for good is in the log."""
        try:
            self._timed("page", lambda: self._ask("GET", f"/s/{self.slug}?PROLIFIC_PID={self.name}"))
            request = {"id": new_id(), "parameters": {"PROLIFIC_PID": self.name}, "language": "en", "client": {}}
            self._timed("entering", lambda: self._until_kept("/enter", request))
            scene = self._scene()
            while scene["state"] == "started" and scene["step"]:
                time.sleep(self._random.uniform(0.5, 1.5) * self.think_s)
                self._step(scene)
                scene = self._scene()
            if scene["state"] != "finished":
                raise RefusedError(f"ended as {scene['state']}")
        except Exception as error:
            self.log.failed.append(f"{self.name}: {error!r}")

    def _step(self, scene: dict[str, Any]) -> None:
        kind = scene.get("trialKind") or scene["kind"]
        self._happens("shown", {"step": scene["step"]})
        if kind == "erase":
            self._erase(scene)
        answers = {
            "consent": {"agreed": True},
            "mark": {"region": new_id(), "shapes": [self._stroke(scene)], "sure": self._random.randint(1, 5)},
            "predict": {"change": self._random.choice(["yes", "no"]), "sure": self._random.randint(0, 100)},
            "questions": {"hard": self._random.randint(1, 5)},
            "questionnaire": {"age": self._random.randint(18, 80)},
        }.get(kind, {})
        body = {"id": new_id(), "step": scene["step"], "answers": answers, "client_ms": time.time() * 1000}
        if kind == "mark":
            self._happens("stroke", {"step": scene["step"], "shape": answers["shapes"][0]})
        self.log.sent[str(body["id"])] = Given(str(body["id"]), scene["step"], answers).sha256
        self._submit("answer", "/api/v1/answers", body, self._times())

    def _times(self) -> int:
        """Some browsers are impatient: the same submission several times, at once."""
        return TIMES_SENT if self._random.random() < 0.2 else 1

    def _happens(self, kind: str, payload: dict[str, Any]) -> None:
        event = {"id": new_id(), "kind": kind, "payload": payload, "client_ms": time.time() * 1000}
        self._timed("event", lambda: self._until_kept("/api/v1/events", {"id": new_id(), "events": [event]}))

    def _erase(self, scene: dict[str, Any]) -> None:
        parent = None
        for _ in range(2):
            body = {
                "id": new_id(),
                "trial": scene["trial"],
                "parent": parent,
                "method": None,
                "shapes": [self._stroke(scene)],
                "started_ms": time.time() * 1000,
                "ended_ms": time.time() * 1000,
            }
            self._submit("edit", "/api/v1/edits", body, self._times())
            parent = body["id"]
            time.sleep(self._random.uniform(0.5, 1.5) * self.think_s)

    def _stroke(self, scene: dict[str, Any]) -> dict[str, Any]:
        size = scene.get("image") or {"width": 400, "height": 300}
        x, y = (self._random.uniform(0.2, 0.7) * size[side] for side in ("width", "height"))
        path = f"M{x:.1f},{y:.1f}L{x + 40:.1f},{y + 20:.1f}L{x + 60:.1f},{y + 60:.1f}"
        return {"tool": "brush", "mode": "add", "path": path, "width_image_px": 36}

    def _submit(self, kind: str, path: str, body: dict[str, Any], times: int) -> None:
        def once() -> dict[str, Any]:
            return self._until_kept(path, body)

        if times == 1:
            self._timed(kind, once)
        else:
            with ThreadPoolExecutor(times) as pool:
                replies = [one.result() for one in [pool.submit(self._timed, kind, once) for _ in range(times)]]
            if any(reply != replies[0] for reply in replies):
                self.log.differing.append(f"{self.name} {path} {body['id']}")
        self.log.keep(kind, str(body["id"]))

    def _scene(self) -> dict[str, Any]:
        ask = {"slug": self.slug, "search": "", "token": 1}
        body = {
            "output": _SHOW,
            "outputs": [*_OUTPUTS, {"id": "way-scene", "property": "data"}],
            "inputs": [{"id": "way-ask", "property": "data", "value": ask}],
            "changedPropIds": ["way-ask.data"],
        }
        end = time.monotonic() + PATIENCE_S
        while True:
            reply = self._timed("page", lambda: self._patiently("/s/_dash-update-component", body))
            scene: dict[str, Any] = reply["response"]["way-scene"]["data"]
            if "failed" not in scene:
                return scene
            # She is told what is wrong, and loads the page again.
            if time.monotonic() > end:
                raise RefusedError(scene["failed"])
            self.log.again()
            time.sleep(PAUSE_S)

    def _until_kept(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._patiently(f"/s/{self.slug}{path}", body)

    def _patiently(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Sends the same until it is answered, as the browser's outbox does; raises RefusedError for a no."""
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                status, reply = self._ask("POST", path, body)
            except (OSError, http.client.HTTPException):
                status, reply = 0, {}
            if status == 200:
                return reply
            if 400 <= status < 500 and status not in (408, 429):
                raise RefusedError(f"{path}: {status} {reply.get('error')}")
            if time.monotonic() > end:
                raise RefusedError(f"{path}: no answer for {PATIENCE_S} s")
            self.log.again()
            time.sleep(PAUSE_S)

    def _timed(self, kind: str, act: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        found = act()
        self.log.took(kind, time.perf_counter() - start)
        return found

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Origin": f"http://127.0.0.1:{self.port}", "Sec-Fetch-Site": "same-origin"}
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            data = response.read()
            for one in response.headers.get_all("Set-Cookie") or ():
                for name, morsel in SimpleCookie(one).items():
                    self._cookies[name] = morsel.value
        finally:
            connection.close()
        is_json = response.headers.get_content_type() == "application/json"
        return response.status, json.loads(data) if is_json else {}

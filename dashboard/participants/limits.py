"""How often one participant may send something, and one address begin: far above what a person does, below a flood.

Counted in the memory of each process, for a minute, and written down nowhere. An address stands there as a keyed hash.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from flask import Flask, Response, current_app, jsonify, request

from dashboard.participants.cookies import participant_here
from dashboard.services import workspace
from dashboard.studies.keys import keys_of
from dashboard.studies.wording import say

# The one callback of the participants' page; anybody may ask, and it needs little.
SHOW = "/s/_dash-update-component"
LARGEST_ASK = 64 * 1024  # bytes
# A lecture hall behind one address begins within a minute.
ENTRIES = 300
A_MINUTE: Mapping[str, int] = {
    "participants.begin": ENTRIES,
    "participants.resume": ENTRIES,
    "participants.answers": 120,
    "participants.edits": 120,
    "participants.moves": 240,
    "participants.events": 900,
    "participants.masks": 900,
    "participants.withdrawn": 20,
    SHOW: 3_000,
}
_OF_ADDRESS = ("participants.begin", "participants.resume", "participants.withdrawn", SHOW)
MOST_KEPT = 20_000
_KEY = "regionscope-limits"
Clock = Callable[[], float]


@dataclass
class _Bucket:
    left: float
    at: float


class Limiter:
    """Buckets that refill evenly: so many requests at once, and as many again each minute."""

    def __init__(self, a_minute: Mapping[str, int] = A_MINUTE, clock: Clock = time.monotonic) -> None:
        self._a_minute, self._clock = a_minute, clock
        self._buckets: OrderedDict[tuple[str, str], _Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def seconds_to_wait(self, kind: str, who: str) -> int:
        """0, and the request is counted; else after how many seconds there is room for it."""
        most = self._a_minute.get(kind)
        if most is None:
            return 0
        with self._lock:
            now = self._clock()
            bucket = self._buckets.pop((kind, who), _Bucket(most, now))
            bucket.left, bucket.at = min(most, bucket.left + (now - bucket.at) * most / 60), now
            self._buckets[kind, who] = bucket
            if len(self._buckets) > MOST_KEPT:
                self._buckets.popitem(last=False)
            if bucket.left < 1:
                return math.ceil((1 - bucket.left) * 60 / most)
            bucket.left -= 1
            return 0


def attach(server: Flask) -> None:
    """Gives ``server`` a limiter of its own, which also counts what Dash answers without a blueprint."""
    server.extensions[_KEY] = Limiter()
    server.before_request(_check_shown)


def _check_shown() -> tuple[Response, int] | None:
    if request.endpoint != SHOW:
        return None
    request.max_content_length = LARGEST_ASK
    return check()


def check() -> tuple[Response, int] | None:
    """Refuses a request that comes too soon, with the time after which it may be sent again."""
    endpoint = request.endpoint or ""
    if endpoint not in A_MINUTE:
        return None
    limiter = cast(Limiter, current_app.extensions[_KEY])
    seconds = limiter.seconds_to_wait(endpoint, _who(endpoint))
    if not seconds:
        return None
    response = jsonify({"error": say(language_here(), "too_many", seconds=seconds)})
    response.headers["Retry-After"] = str(seconds)
    return response, 429


def language_here() -> str:
    """The language of the page that asks, which may be another one than the browser's."""
    return (request.accept_languages.best or "en")[:2]


def _who(endpoint: str) -> str:
    slug = str((request.view_args or {}).get("slug", ""))
    participant = None if endpoint in _OF_ADDRESS else participant_here(slug)
    if participant is not None:
        return participant
    return keys_of(workspace().settings.data_dir).hidden("address", request.remote_addr or "")

"""Matrix products on one thread each.

The library behind numpy's products lets its threads wait for each other in a busy loop. Where another process takes
one of two cores, a product then takes up to ten times as long as on one thread alone; where none does, two threads
gain little here.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache

from threadpoolctl import ThreadpoolController


class _Shared:
    """A limit for the whole process that lasts from the first who asks for it to the last who leaves."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.inside = 0
        self.limit = ExitStack()

    def enter(self) -> None:
        with self.lock:
            if not self.inside:
                self.limit.enter_context(_controller().limit(limits=1, user_api="blas"))
            self.inside += 1

    def leave(self) -> None:
        with self.lock:
            self.inside -= 1
            if not self.inside:
                self.limit.close()


_shared = _Shared()


@contextmanager
def one_thread_a_product() -> Iterator[None]:
    """Within, numpy's matrix products run on one thread each, whichever thread of Python asks for them."""
    _shared.enter()
    try:
        yield
    finally:
        _shared.leave()


@cache
def _controller() -> ThreadpoolController:
    """Looking for the libraries takes some milliseconds."""
    return ThreadpoolController()

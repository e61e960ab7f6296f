"""Runs the application under gunicorn: one process a worker, each with its own models, threads for requests."""

from __future__ import annotations

from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from dashboard.settings import Settings

THREADS = 8


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn, configured by us instead of by a file."""

    def __init__(self, settings: Settings, host: str, port: int, workers: int) -> None:
        self.settings = settings
        self.options = {
            "bind": f"{host}:{port}",
            "workers": workers,
            "worker_class": "gthread",
            "threads": THREADS,
            "timeout": 120,
            "graceful_timeout": 5,
            "keepalive": 30,
            # It would be one file for all servers of a user; nothing here needs it.
            "control_socket_disable": True,
            "loglevel": settings.log_level.lower(),
            "post_worker_init": _load_default_model,
        }
        super().__init__()

    def load_config(self) -> None:
        """Takes over our options."""
        for key, value in self.options.items():
            self.cfg.set(key, value)

    def load(self) -> Flask:
        """Builds the application inside a worker: neither connections nor models survive a fork."""
        from dashboard.app import create_app
        from dashboard.recording.pictures import ensure_gallery
        from dashboard.recording.workspace import Workspace

        opened = Workspace.open(self.settings)
        ensure_gallery(opened)
        server: Flask = create_app(opened).server
        return server


def _load_default_model(worker: Any) -> None:
    """The first person should not wait for the model."""
    catalogue = worker.wsgi.extensions["regionscope"].catalogue
    catalogue.load(catalogue.default_key)

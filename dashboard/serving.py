"""Runs the application under gunicorn: one process a worker, each with its own models, threads for requests."""

from __future__ import annotations

from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from dashboard.access import is_loopback
from dashboard.accounts.errors import AccountError
from dashboard.accounts.store import any_account
from dashboard.recording.workspace import Workspace
from dashboard.settings import Settings

THREADS = 8


def check_reachable(opened: Workspace, host: str) -> None:
    """Raises AccountError where others could reach an application that would be open to all of them."""
    reached = not is_loopback(host) or opened.settings.trusted_proxies
    if reached and not any_account(opened.database):
        raise AccountError(
            "Others can reach the application like this, so make an account first: regionscope user add NAME."
        )


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn, configured by us instead of by a file."""

    def __init__(self, settings: Settings, host: str, port: int, workers: int) -> None:
        self.settings = settings
        self.own_machine = is_loopback(host)
        self.options = {
            "bind": f"[{host}]:{port}" if ":" in host.strip("[]") and "[" not in host else f"{host}:{port}",
            "workers": workers,
            "worker_class": "gthread",
            "threads": THREADS,
            "timeout": 120,
            "graceful_timeout": 5,
            "keepalive": 30,
            # Whom to believe about the client is one setting, trusted_proxies, and not two.
            "forwarded_allow_ips": "",
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

        opened = Workspace.open(self.settings)
        ensure_gallery(opened)
        server: Flask = create_app(opened, self.own_machine).server
        return server


def _load_default_model(worker: Any) -> None:
    """The first person should not wait for the model."""
    catalogue = worker.wsgi.extensions["regionscope"].catalogue
    catalogue.load(catalogue.default_key)

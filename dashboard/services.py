"""The one place where a request finds what it works with."""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app

from dashboard.recording.workspace import Workspace

_KEY = "regionscope"


def attach(server: Flask, opened: Workspace) -> None:
    """Makes the workspace known to every request of this server."""
    server.extensions[_KEY] = opened


def workspace() -> Workspace:
    """The workspace of the server that answers the present request."""
    return cast(Workspace, current_app.extensions[_KEY])

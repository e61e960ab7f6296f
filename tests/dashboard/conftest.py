"""The application on an opened workspace, without a server or a browser."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from dashboard.app import create_app
from dashboard.cli import app
from tests.support.pictures import add_small


@pytest.fixture
def picture(workspace):
    return add_small(workspace)


@pytest.fixture
def client(workspace, picture):
    return create_app(workspace).server.test_client()


@pytest.fixture
def run(data_dir, monkeypatch):
    """Runs a command on the data folder; returns its exit status, stdout and stderr."""
    monkeypatch.setenv("REGIONSCOPE_DATA_DIR", str(data_dir))
    monkeypatch.setenv("REGIONSCOPE_DEVICE", "cpu")

    def call(*arguments: object) -> tuple[int, str, str]:
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        # What is neither success nor an exit status is a traceback.
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.stdout, result.stderr

    return call

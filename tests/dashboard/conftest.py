"""The application on an opened workspace, without a server or a browser."""

from __future__ import annotations

import pytest

from dashboard.app import create_app
from tests.support.pictures import add_small


@pytest.fixture
def picture(workspace):
    return add_small(workspace)


@pytest.fixture
def client(workspace, picture):
    return create_app(workspace).server.test_client()

from __future__ import annotations

import pytest

from dashboard.app import create_app
from tests.accounts.conftest import argon2
from tests.support.accounts import make_account
from tests.support.participating import open_study
from tests.support.pictures import add_small

assert argon2  # a fixture


@pytest.fixture
def study(workspace):
    add_small(workspace)
    return open_study(workspace, devices={"classes": ["desktop", "tablet", "phone"]})


@pytest.fixture
def app(workspace, study):
    """The application with an open study, where somebody has an account."""
    make_account(workspace.database)
    return create_app(workspace)


@pytest.fixture
def server(app):
    return app.server

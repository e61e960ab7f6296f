from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from dashboard.accounts import passwords
from dashboard.app import create_app
from tests.support.accounts import make_account


@pytest.fixture(autouse=True)
def argon2(monkeypatch):
    """As quick as it can be; the real parameters have tests of their own."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._nobodys.cache_clear()
    yield
    passwords._nobodys.cache_clear()


@pytest.fixture
def app(workspace):
    """The application where somebody has an account."""
    make_account(workspace.database)
    return create_app(workspace)


@pytest.fixture
def server(app):
    return app.server


@pytest.fixture
def anonymous(server):
    return server.test_client()

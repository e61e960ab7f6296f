"""Argon2 with the parameters that are really used."""

from __future__ import annotations

import pytest

from dashboard.accounts import passwords, store
from dashboard.app import create_app
from db.models import Account
from tests.support.accounts import NAME, make_account, send_form

GOOD = "a long password"


@pytest.fixture(autouse=True)
def argon2():
    """Nothing is made quicker here."""


def test_the_same_work_is_done_for_a_name_that_nobody_has(stored, monkeypatch):
    make_account(stored.database)
    server = create_app(stored).server
    kept = []
    verify = passwords._hasher.verify

    class Counting:
        def verify(self, hashed, password):
            kept.append(hashed.rsplit("$", 2)[0])
            return verify(hashed, password)

    passwords._nobodys()
    monkeypatch.setattr(passwords, "_hasher", Counting())
    for name in (NAME, "nobody"):
        assert send_form(server.test_client(), name, "wrong").status_code == 401
    assert len(kept) == 2
    assert kept[0] == kept[1]
    assert kept[0].startswith("$argon2id$v=19$m=65536,t=3,p=4")


def test_a_password_is_kept_as_argon2_alone(database):
    store.add(database, "ann", GOOD)
    store.add(database, "ben", GOOD)
    with database.read() as transaction:
        [first, second] = [account.password_hash for account in transaction.query(Account)]
    assert first.startswith("$argon2id$")
    assert first != second
    assert GOOD not in first


def test_weaker_parameters_of_old_are_renewed_by_signing_in(database):
    from argon2 import PasswordHasher

    store.add(database, "ann", GOOD)
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(GOOD)
    with database.write() as transaction:
        transaction.query(Account).update({"password_hash": weak})
    store.sign_in(database, "ann", GOOD)
    with database.read() as transaction:
        [kept] = transaction.query(Account).all()
    assert kept.password_hash.startswith("$argon2id$v=19$m=65536,t=3,p=4")
    assert store.sign_in(database, "ann", GOOD)


def test_what_is_no_hash_fits_no_password(database):
    assert not passwords.fits("", GOOD)
    assert not passwords.fits("plain", "plain")

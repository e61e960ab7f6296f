from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from dashboard.accounts import passwords, store
from dashboard.accounts.errors import AccountError, WrongPasswordError
from dashboard.accounts.secret import installation_secret

GOOD = "a long password"


def test_accounts_come_and_go(database):
    assert not store.any_account(database)
    store.add(database, "ben", GOOD)
    store.add(database, "Ann@Lab.example", GOOD)
    assert store.any_account(database)
    assert [person.name for person in store.everybody(database)] == ["ann@lab.example", "ben"]
    assert store.remove(database, "BEN") == 1
    assert store.remove(database, "ann@lab.example") == 0
    assert not store.any_account(database)


def test_a_name_is_taken_once_however_it_is_written(database):
    store.add(database, "Ann", GOOD)
    for name in ("ann", " ANN ", "\uff41nn"):
        with pytest.raises(AccountError, match="There is an account ann already"):
            store.add(database, name, "another password")
    assert store.sign_in(database, "ann", GOOD)


def test_of_many_who_take_a_name_at_once_one_gets_it(database):
    def take(number: int) -> bool:
        try:
            store.add(database, "ann", f"password number {number}")
        except AccountError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(take, range(4))) == [False, False, False, True]
    assert len(store.everybody(database)) == 1


@pytest.mark.parametrize("name", ["", "  ", "a b", "a\nb", "a\x00", "x" * 101, "a\u202eb"])
def test_names_that_cannot_be_used(database, name):
    with pytest.raises(AccountError, match="A name has 1 to 100 characters and no spaces"):
        store.add(database, name, GOOD)


@pytest.mark.parametrize(
    ("password", "why"), [("", "at least 10"), ("x" * 9, "at least 10"), ("x" * 1001, "at most 1000")]
)
def test_passwords_that_cannot_be_used(database, password, why):
    with pytest.raises(AccountError, match=why):
        store.add(database, "ann", password)
    store.add(database, "ann", GOOD)
    with pytest.raises(AccountError, match=why):
        store.change_password(database, "ann", password)


def test_who_is_not_there_can_be_neither_changed_nor_removed(database):
    for act in (lambda: store.remove(database, "ann"), lambda: store.change_password(database, "ann", GOOD)):
        with pytest.raises(AccountError, match="There is no account ann"):
            act()


@pytest.mark.parametrize("meanwhile", ["removed", "changed"])
def test_a_password_changed_while_it_is_looked_at_lets_nobody_in(database, monkeypatch, meanwhile):
    store.add(database, "ann", GOOD)
    fits = passwords.fits

    def slowly(kept, password):
        found = fits(kept, password)
        if meanwhile == "removed":
            store.remove(database, "ann")
        else:
            store.change_password(database, "ann", "another password")
        return found

    monkeypatch.setattr(passwords, "fits", slowly)
    with pytest.raises(WrongPasswordError):
        store.sign_in(database, "ann", GOOD)


# --- the secret ---------------------------------------------------------------------------------------------------


def test_the_secret_is_made_once_for_its_owner_alone(tmp_path):
    made = installation_secret(tmp_path)
    assert len(made) == 32
    assert installation_secret(tmp_path) == made
    assert [file.name for file in tmp_path.iterdir()] == ["secret"]
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    (tmp_path / "secret").chmod(0o644)
    installation_secret(tmp_path)
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_workers_that_make_it_at_once_share_it(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: installation_secret(tmp_path), range(8)))) == 1


def test_a_damaged_secret_is_said(tmp_path):
    (tmp_path / "secret").write_bytes(b"short")
    with pytest.raises(AccountError, match="damaged"):
        installation_secret(tmp_path)

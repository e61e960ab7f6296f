from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from dashboard.accounts import attempts
from dashboard.accounts.attempts import Attempts, network
from dashboard.accounts.errors import TooManyAttemptsError
from db.engine import Database, hold
from db.models import SignInAttempt

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SECRET = b"s" * 32


def is_admitted(counted: Attempts, name: str, address: str, now: datetime = NOON) -> bool:
    try:
        counted.admit(name, address, now)
    except TooManyAttemptsError:
        return False
    return True


def test_an_attempt_counts_for_a_quarter_of_an_hour(database):
    counted = Attempts(database, SECRET)
    for minute in range(10):
        counted.admit("ann", "10.0.0.1", NOON + timedelta(minutes=minute))
    with pytest.raises(TooManyAttemptsError, match=r"Try again in 6 minutes\.") as refused:
        counted.admit("ann", "10.0.0.1", NOON + timedelta(minutes=9, seconds=30))
    assert refused.value.wait == timedelta(minutes=5, seconds=30)
    assert is_admitted(counted, "ann", "10.0.0.1", NOON + timedelta(minutes=15))
    assert not is_admitted(counted, "ann", "10.0.0.1", NOON + timedelta(minutes=15))


def test_being_refused_makes_the_wait_no_longer(database):
    counted = Attempts(database, SECRET)
    assert [is_admitted(counted, "ann", "10.0.0.1") for _ in range(15)] == [True] * 10 + [False] * 5
    with database.read() as transaction:
        assert transaction.query(SignInAttempt).count() == 10


def test_forgiving_one_account_forgives_no_other(database):
    counted = Attempts(database, SECRET)
    for _ in range(10):
        counted.admit("ann", "10.0.0.1", NOON)
        counted.admit("ben", "10.0.0.2", NOON)
    counted.forgive("ann")
    assert is_admitted(counted, "ann", "10.0.0.3")
    assert not is_admitted(counted, "ben", "10.0.0.3")


def test_a_hundred_at_once_are_a_hundred(database, database_url):
    """Two workers and a lock held on purpose: all of them wait, then each counts those before it."""
    other = Database(database_url)
    workers = [Attempts(database, SECRET), Attempts(other, SECRET)]
    account = workers[0]._mac("account", "ann")
    waiting, found = threading.Barrier(9), []

    def attempt(number: int) -> bool:
        waiting.wait(30)
        return is_admitted(workers[number % 2], "ann", f"10.0.{number}.1")

    with ThreadPoolExecutor(8) as pool:
        with database.write() as transaction:
            hold(transaction, account)
            for _ in range(8):
                transaction.add(SignInAttempt(account_mac=account, client_mac="x" * 64, made_at=NOON))
            transaction.flush()  # from now on the lock is held on SQLite, too
            found = [pool.submit(attempt, number) for number in range(8)]
            waiting.wait(30)
        admitted = [future.result() for future in found]
    assert sorted(admitted) == [False] * 6 + [True] * 2
    other.close()


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("", ""),
        (None, ""),
        ("unix", "unix"),
    ],
)
def test_what_counts_as_one_client(address, expected):
    assert network(address) == expected


def test_two_installations_keep_different_words_for_one_name(database):
    first, second = Attempts(database, b"a" * 32), Attempts(database, b"b" * 32)
    assert first._mac("account", "ann") != second._mac("account", "ann")
    assert first._mac("account", "ann") != first._mac("client", "ann")


def test_the_limits_leave_room_for_people_and_none_for_programs():
    assert (10, 30, timedelta(minutes=15)) == (attempts.MOST_PER_ACCOUNT, attempts.MOST_PER_CLIENT, attempts.WINDOW)

"""How often signing in may be tried: counted in the database, so that all workers count together.

An attempt is counted before the password is looked at, so that a hundred at once are a hundred. What is kept stands
for a name and an address under the installation's secret, and goes when it no longer counts.
"""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from dashboard.accounts.errors import TooManyAttemptsError
from dashboard.accounts.secret import key_for, mac
from db.engine import Database, hold
from db.models import SignInAttempt
from db.types import utc_now

WINDOW = timedelta(minutes=15)
MOST_PER_ACCOUNT = 10
MOST_PER_CLIENT = 30
_IPV6_NETWORK_BITS = 64  # one household or laboratory has as many addresses of its own as it likes


class Attempts:
    """The attempts at one installation."""

    def __init__(self, database: Database, secret: bytes) -> None:
        self._database = database
        self._key = key_for(secret, "attempts to sign in")

    def admit(self, name: str, address: str | None, now: datetime | None = None) -> None:
        """Counts an attempt; raises TooManyAttemptsError where it would be one too many."""
        now = now or utc_now()
        account, client = self._mac("account", name), self._mac("client", network(address))
        with self._database.write() as transaction:
            for each in sorted((account, client)):
                hold(transaction, each)
            _forget(transaction, now)
            _check(transaction, SignInAttempt.account_mac, account, MOST_PER_ACCOUNT, now)
            _check(transaction, SignInAttempt.client_mac, client, MOST_PER_CLIENT, now)
            transaction.add(SignInAttempt(account_mac=account, client_mac=client, made_at=now))

    def forgive(self, name: str) -> None:
        """Somebody has signed in: what was tried under this name before counts no more."""
        with self._database.write() as transaction:
            transaction.execute(delete(SignInAttempt).where(SignInAttempt.account_mac == self._mac("account", name)))

    def forget_old(self, now: datetime | None = None) -> None:
        """Removes what no longer counts."""
        with self._database.write() as transaction:
            _forget(transaction, now or utc_now())

    def _mac(self, kind: str, what: str) -> str:
        return mac(self._key, f"{kind}:{what}")


def network(address: str | None) -> str:
    """What counts as one client: an IPv4 address, or a network of IPv6 addresses."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return address or ""
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, _IPV6_NETWORK_BITS), strict=False))


def _forget(transaction: Session, now: datetime) -> None:
    transaction.execute(delete(SignInAttempt).where(SignInAttempt.made_at <= now - WINDOW))


def _check(transaction: Session, column: InstrumentedAttribute[str], value: str, most: int, now: datetime) -> None:
    """The attempt that has to leave the window before there is room for another says how long that takes."""
    newest_first = select(SignInAttempt.made_at).where(column == value).order_by(SignInAttempt.made_at.desc())
    in_the_way = transaction.scalar(newest_first.offset(most - 1).limit(1))
    if in_the_way is not None:
        raise TooManyAttemptsError(in_the_way + WINDOW - now)

"""Accounts and who is signed in, as the database has them."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session

from dashboard.accounts import passwords
from dashboard.accounts.errors import AccountError, WrongPasswordError
from dashboard.recording.ids import new_id
from db.engine import Database, insert_if_new
from db.models import Account, SignIn
from db.types import utc_now

SIGNED_IN_FOR = timedelta(days=7)
LONGEST_NAME = 100


@dataclass(frozen=True)
class Person:
    """Somebody who has an account."""

    id: str
    name: str
    created_at: datetime


def folded(name: str) -> str:
    """The one way of writing a name under which it is kept and found."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def add(database: Database, name: str, password: str) -> Person:
    """A new account; raises AccountError for a name that is taken or cannot be used, or a weak password."""
    kept, public_id = _usable(name), new_id()
    password_hash = passwords.hashed(password)
    with database.write() as transaction:
        values = {"public_id": public_id, "name": kept, "password_hash": password_hash, "created_at": utc_now()}
        insert_if_new(transaction, Account, **values)
        account = _account(transaction, kept)
    if account.public_id != public_id:
        raise AccountError(f"There is an account {kept} already.")
    return _person(account)


def everybody(database: Database) -> list[Person]:
    """All accounts by name."""
    with database.read() as transaction:
        return [_person(account) for account in transaction.scalars(select(Account).order_by(Account.name))]


def any_account(database: Database) -> bool:
    """Whether anybody has an account."""
    with database.read() as transaction:
        return bool(transaction.scalar(select(exists().select_from(Account))))


def remove(database: Database, name: str) -> int:
    """Removes an account, which is thereby signed out everywhere; returns how many accounts are left."""
    with database.write() as transaction:
        transaction.delete(_account(transaction, folded(name)))
        transaction.flush()
        return transaction.scalar(select(func.count()).select_from(Account)) or 0


def change_password(database: Database, name: str, password: str) -> None:
    """Gives an account another password and signs it out everywhere."""
    password_hash = passwords.hashed(password)
    with database.write() as transaction:
        account = _account(transaction, folded(name))
        account.password_hash = password_hash
        transaction.execute(delete(SignIn).where(SignIn.account_id == account.id))


def sign_in(database: Database, name: str, password: str, now: datetime | None = None) -> str:
    """The token of a new sign-in; raises WrongPasswordError. Takes as long for a name that nobody has."""
    now = now or utc_now()
    wanted = folded(name)
    with database.read() as transaction:
        # PostgreSQL takes no text with a zero byte in it, and no name is like that.
        by_name = select(Account.id, Account.password_hash).where(Account.name == wanted)
        found = transaction.execute(by_name).first() if wanted.isprintable() else None
    if not passwords.fits(found.password_hash if found else None, password) or found is None:
        raise WrongPasswordError
    renewed, token = passwords.renewed(found.password_hash, password), secrets.token_urlsafe(32)
    with database.write() as transaction:
        transaction.execute(delete(SignIn).where(SignIn.expires_at <= now))
        # The password may have been changed, or the account removed, while this one was looked at.
        same = update(Account).where(Account.id == found.id, Account.password_hash == found.password_hash)
        if transaction.execute(same.values(password_hash=renewed).returning(Account.id)).first() is None:
            raise WrongPasswordError
        transaction.add(SignIn(account_id=found.id, token_sha256=_digest(token), expires_at=now + SIGNED_IN_FOR))
    return token


def signed_in(database: Database, token: str, now: datetime | None = None) -> Person | None:
    """Who signed in with this token, None where the sign-in ended."""
    wanted = (SignIn.token_sha256 == _digest(token), SignIn.expires_at > (now or utc_now()))
    with database.read() as transaction:
        account = transaction.scalar(select(Account).join(SignIn, SignIn.account_id == Account.id).where(*wanted))
    return _person(account) if account else None


def sign_out(database: Database, token: str) -> None:
    """Ends a sign-in: a copy of its cookie opens nothing any more."""
    with database.write() as transaction:
        transaction.execute(delete(SignIn).where(SignIn.token_sha256 == _digest(token)))


def _usable(name: str) -> str:
    kept = folded(name)
    if not kept or len(kept) > LONGEST_NAME or any(not c.isprintable() or c.isspace() for c in kept):
        raise AccountError(f"A name has 1 to {LONGEST_NAME} characters and no spaces.")
    return kept


def _account(transaction: Session, name: str) -> Account:
    account = transaction.scalar(select(Account).where(Account.name == name))
    if account is None:
        raise AccountError(f"There is no account {name}.")
    return account


def _person(account: Account) -> Person:
    return Person(account.public_id, account.name, account.created_at)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

"""Passwords: kept as Argon2 only, and as slow to refuse for a name that nobody has as for one that somebody has."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from dashboard.accounts.errors import AccountError

SHORTEST = 10
LONGEST = 1000
_hasher = PasswordHasher()  # argon2-cffi's own defaults: RFC 9106, for little memory


def hashed(password: str) -> str:
    """What is kept of a password; raises AccountError for one that is too short or too long."""
    if len(password) < SHORTEST:
        raise AccountError(f"A password needs at least {SHORTEST} characters.")
    if len(password) > LONGEST:
        raise AccountError(f"A password has at most {LONGEST} characters.")
    return _hasher.hash(password)


def fits(kept: str | None, password: str) -> bool:
    """Whether the password is the one; for ``kept`` None the same work is done, and the answer is no."""
    try:
        _hasher.verify(kept or _nobodys(), password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def renewed(kept: str, password: str) -> str:
    """``kept`` itself, or, where it was made with parameters that are no longer ours, what is to be kept instead."""
    return _hasher.hash(password) if _hasher.check_needs_rehash(kept) else kept


@cache
def _nobodys() -> str:
    return _hasher.hash("a password that is nobody's")

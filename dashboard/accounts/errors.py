"""What a person is told about accounts.

AccountError
├── WrongPasswordError      the name or the password is wrong; which of them is not said
└── TooManyAttemptsError    … and it was tried too often
"""

from __future__ import annotations

from datetime import timedelta

from dashboard.vision.errors import RegionscopeError


class AccountError(RegionscopeError):
    """The account cannot be made, changed or used like this."""


class WrongPasswordError(AccountError):
    """The name or the password is wrong."""

    def __init__(self) -> None:
        super().__init__("The name or the password is wrong.")


class TooManyAttemptsError(AccountError):
    """It was tried too often; ``wait`` is the time until it may be tried again."""

    def __init__(self, wait: timedelta) -> None:
        self.wait = wait
        minutes = max(1, -(-int(wait.total_seconds()) // 60))
        super().__init__(f"There were too many attempts. Try again in {minutes} minute{'s' if minutes > 1 else ''}.")

"""What stands for a participant towards her browser: nothing of it is kept, all of it follows from the secret."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from pathlib import Path

from dashboard.accounts.secret import installation_secret, key_for, mac
from dashboard.recording.ids import RequestError, parse_id

# No letters or digits that are taken for one another when they are copied by hand.
_CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_CODE_LENGTH = 10


@dataclass(frozen=True)
class Keys:
    """The keys of one installation."""

    _token: bytes
    _entry: bytes

    def token(self, participant: str) -> str:
        """Lets whoever holds it into this participant's way: her cookie, and the end of her private link."""
        return f"{participant}.{mac(self._token, participant)}"

    def participant_of(self, token: str | None) -> str | None:
        """The participant whose token this is; None for anything else."""
        public_id, _, _ = (token or "").partition(".")
        try:
            participant = parse_id(public_id, "participant")
        except RequestError:
            return None
        right = hmac.compare_digest(self.token(participant).encode(), (token or "").encode())
        return participant if right else None

    def hidden(self, *parts: object) -> str:
        """64 digits that stand for what should be found again but not read."""
        return mac(self._entry, "\0".join(map(str, parts)))


def keys_of(data_dir: Path) -> Keys:
    """The keys of the installation in ``data_dir``."""
    secret = installation_secret(data_dir)
    return Keys(key_for(secret, "participants"), key_for(secret, "entries"))


def new_withdrawal_code() -> str:
    """A code of 50 random bits that can be written down."""
    return "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_LENGTH))

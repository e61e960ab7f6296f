"""What cannot be kept."""

from __future__ import annotations

from dashboard.vision.errors import RegionscopeError


class KeepingError(RegionscopeError):
    """A backup, a restoring or a repair cannot be done; the message says why, and nothing was changed."""

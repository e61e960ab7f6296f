"""Files of what people gave that lie ready to be fetched, exports and drawn figures; who withdraws takes hers along."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from dashboard.settings import Settings

# What says what an export is of, where its files lie, and what says that somebody took back what was in it.
CONTENT, WRITTEN, TAKEN_BACK = "job.json", "package", "taken-back"
Made = TypeVar("Made")
TAKEN_BACK_SENTENCE = "Somebody withdrew since this was begun, so it was removed. Write it again without what she gave."


def unless_taken_back(settings: Settings, make: Callable[[], Made], remove: Callable[[], object]) -> Made:
    """What ``make`` returns, made again where somebody withdrew meanwhile: what was read of hers is not to be kept.

    ``remove`` takes away what ``make`` keeps.
    """
    while True:
        before = _last_withdrawal(settings)
        try:
            made = make()
        finally:
            somebody_left = _last_withdrawal(settings) != before
            if somebody_left:
                remove()
        if not somebody_left:
            return made


def note_withdrawal(settings: Settings) -> None:
    """Says to whoever is at work with what she gave that it is not to be kept; before anything is removed."""
    settings.last_withdrawal.write_text(uuid4().hex)


def _last_withdrawal(settings: Settings) -> str:
    try:
        return settings.last_withdrawal.read_text()
    except FileNotFoundError:
        return ""


def take_back(settings: Settings, slug: str) -> None:
    """Removes every export, written or begun, that can hold what a participant of this study gave, and all figures.

    An export of sessions does not say whose they are, so it is one of them.
    """
    if settings.exports_dir.is_dir():
        for folder in settings.exports_dir.iterdir():
            if _can_hold(folder, slug):
                _take_back(folder)
    # Pages draw anew what they still show.
    shutil.rmtree(settings.figures_dir, ignore_errors=True)


def _take_back(folder: Path) -> None:
    try:
        (folder / TAKEN_BACK).touch()
    except OSError:
        # A full disk, say: then nothing may be left that could be handed out.
        shutil.rmtree(folder, ignore_errors=True)
    remove_files(folder)


def is_taken_back(folder: Path) -> bool:
    """Whether what an export holds, or would hold once it is written, is not to be handed out."""
    return (folder / TAKEN_BACK).exists()


def remove_files(folder: Path) -> None:
    """Removes what an export has written."""
    shutil.rmtree(folder / WRITTEN, ignore_errors=True)


def _can_hold(folder: Path, slug: str) -> bool:
    try:
        scope = json.loads((folder / CONTENT).read_text())["scope"]
        return scope["study"] in (slug, None)
    except (OSError, ValueError, LookupError, TypeError):
        return False

"""The checksums of everything in a package, in the form that ``sha256sum --check`` reads."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from dashboard.exports.package.cells import PackageError

NAME = "manifest.sha256"
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")
_BLOCK = 1 << 20


def names_in(folder: Path) -> list[str]:
    """Every file of a package but the manifest, by its path within, in order; there may be hundreds of thousands."""
    found = []
    for place, _, names in os.walk(folder):
        within = Path(place).relative_to(folder).as_posix()
        found += [name if within == "." else f"{within}/{name}" for name in names]
    return sorted(name for name in found if name != NAME)


def files_in(folder: Path) -> Iterator[Path]:
    """The same as paths."""
    yield from (folder / name for name in names_in(folder))


def write_manifest(folder: Path) -> None:
    """Writes the manifest."""
    names = names_in(folder)
    with (folder / NAME).open("w", encoding="utf-8", newline="\n") as file:
        for name in names:
            file.write(f"{sha256_of(folder / name)}  {name}\n")


def read_manifest(folder: Path) -> dict[str, str]:
    """The SHA-256 by path; raises PackageError where there is no manifest or it cannot be read."""
    try:
        lines = (folder / NAME).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise PackageError(f"There is no {NAME}, so this is no package of ours, or only a part of one.") from None
    found = {}
    for line in lines:
        match = _LINE.fullmatch(line)
        if not match or Path(match[2]).is_absolute() or ".." in Path(match[2]).parts:
            raise PackageError(f"{NAME} has a line that cannot be read: {line[:60]!r}.")
        found[match[2]] = match[1]
    return found


def differences(folder: Path) -> Iterator[str]:
    """What is not as the manifest says, a sentence each."""
    expected = read_manifest(folder)
    there = set(names_in(folder))
    for name in sorted(expected.keys() - there):
        yield f"{name} is missing."
    for name in sorted(there - expected.keys()):
        yield f"{name} is not in the manifest."
    for name in sorted(expected.keys() & there):
        if sha256_of(folder / name) != expected[name]:
            yield f"{name} was changed."


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's content."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()

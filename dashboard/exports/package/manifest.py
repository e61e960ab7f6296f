"""The checksums of everything in a package, in the form that ``sha256sum --check`` reads."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from dashboard.exports.package.cells import PackageError

NAME = "manifest.sha256"
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")
_BLOCK = 1 << 20


def files_in(folder: Path) -> list[Path]:
    """Every file of a package but the manifest, in the order of their names."""
    found = (path for path in folder.rglob("*") if path.is_file() and path != folder / NAME)
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def write_manifest(folder: Path) -> dict[str, str]:
    """Writes the manifest and returns the SHA-256 by path."""
    found = {path.relative_to(folder).as_posix(): sha256_of(path) for path in files_in(folder)}
    (folder / NAME).write_text("".join(f"{sha256}  {name}\n" for name, sha256 in found.items()), encoding="utf-8")
    return found


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
    there = {path.relative_to(folder).as_posix(): path for path in files_in(folder)}
    for name in sorted(expected.keys() - there.keys()):
        yield f"{name} is missing."
    for name in sorted(there.keys() - expected.keys()):
        yield f"{name} is not in the manifest."
    for name in sorted(expected.keys() & there.keys()):
        if sha256_of(there[name]) != expected[name]:
            yield f"{name} was changed."


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's content."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()

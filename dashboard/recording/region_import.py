"""Human regions that were marked elsewhere, taken in with a report of what was taken and what not."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from dashboard import __version__
from dashboard.recording import answers
from dashboard.recording.agreement import index_of
from dashboard.recording.ids import new_id
from dashboard.recording.text import check_text, storable
from dashboard.recording.workspace import Workspace
from dashboard.vision import rle
from dashboard.vision.classifiers import ModelCard
from dashboard.vision.errors import MaskError, RegionscopeError
from dashboard.vision.region_files import FoundRegion, LeftOut, read_regions
from db import models, queries
from db.engine import hold
from db.records import Picture
from db.regions import HUMAN

LONGEST = 200


@dataclass(frozen=True)
class Manner:
    """How files are taken in. ``image``: the picture (id or name) of mask PNGs that are not named after theirs.

    ``class_name`` stands where a file names no class, ``author`` is whoever marked the regions (where nobody is named
    each file is a person of its own), ``model_key`` the model among whose classes the names are looked up.
    """

    model_key: str
    image: str | None = None
    class_name: str = ""
    author: str = ""


@dataclass(frozen=True)
class Taken:
    """One region that was taken; ``known`` where the very same was taken before, and so is there once."""

    item: str
    region: str
    picture: str
    class_name: str
    mask_area: float
    known: bool


@dataclass(frozen=True)
class Report:
    """What was taken, and what was not and why."""

    taken: tuple[Taken, ...]
    left_out: tuple[LeftOut, ...]


def import_regions(workspace: Workspace, files: Iterable[tuple[str, bytes]], manner: Manner) -> Report:
    """Takes in the regions of files (name, content): mask PNGs, COCO JSON, labelme JSON; see vision.region_files.

    What is bad is left out and reported, the rest is kept. Raises RegionscopeError for a model that is not there and
    for texts that cannot be kept.
    """
    check_text(manner.author, "author", LONGEST)
    check_text(manner.class_name, "class", LONGEST)
    card = workspace.catalogue.load(manner.model_key).card
    by_name = _pictures(workspace)
    taken: list[Taken] = []
    left: list[LeftOut] = []
    for name, data in files:
        shown = storable(PurePosixPath(name.replace("\\", "/")).name)
        try:
            found, bad = read_regions(shown, data)
        except RegionscopeError as error:
            left.append(LeftOut(shown, str(error)))
            continue
        left += [LeftOut(_item(shown, one.item), storable(one.why)) for one in bad]
        for region in found:
            item = _item(shown, region.item)
            try:
                taken.append(_take(workspace, shown, item, region, by_name, manner, card))
            except RegionscopeError as error:
                left.append(LeftOut(item, storable(str(error))))
    return Report(tuple(taken), tuple(left))


def _item(file: str, item: str) -> str:
    return file if item == file else storable(f"{file}, {item}")


def _pictures(workspace: Workspace) -> dict[str, list[Picture]]:
    """All pictures by whatever a file may call them: their name, their source's file name, their id."""
    found: dict[str, list[Picture]] = defaultdict(list)
    with workspace.database.read() as transaction:
        every = queries.pictures(transaction, limit=1_000_000)
    for picture in every:
        source = PurePosixPath((picture.source or "").rsplit(": ", 1)[-1]).stem
        for name in {picture.name.casefold(), source.casefold(), picture.id} - {""}:
            found[name].append(picture)
    return found


def _picture(region: FoundRegion, by_name: dict[str, list[Picture]], manner: Manner) -> Picture:
    wanted = manner.image if region.is_mask and manner.image else region.picture
    found = by_name.get(wanted.casefold(), [])
    if not found:
        raise MaskError(f"There is no picture called “{wanted[:80]}” here.")
    if len(found) > 1:
        raise MaskError(f"{len(found)} pictures are called “{wanted[:80]}”; name one by its id.")
    return found[0]


def _take(
    workspace: Workspace,
    file: str,
    item: str,
    region: FoundRegion,
    by_name: dict[str, list[Picture]],
    manner: Manner,
    card: ModelCard,
) -> Taken:
    picture = _picture(region, by_name, manner)
    index, class_name = _class(region, picture, manner, card)
    image, working = (picture.height, picture.width), (picture.working_height, picture.working_width)
    mask = region.draw(image, working)
    if not mask.any():
        raise MaskError("It holds no pixel of the picture.")
    sha256 = _sha256(picture, mask, class_name, manner.author.strip() or [file])
    with workspace.database.write() as transaction:
        hold(transaction, sha256)
        known = transaction.scalar(select(models.Region.public_id).filter_by(request_sha256=sha256, session_id=None))
        public_id = known or _keep(transaction, picture, mask, index, class_name, file, manner, card, sha256)
    return Taken(item, public_id, picture.name, class_name, float(mask.mean()), known is not None)


def _class(region: FoundRegion, picture: Picture, manner: Manner, card: ModelCard) -> tuple[int | None, str]:
    """The class by the model's own number and name, or by the file's name where the model does not know it."""
    name = storable(region.label.strip() or manner.class_name.strip() or picture.true_label or "")
    if not name or len(name) > LONGEST:
        raise MaskError("It names no class, and none was given for such.")
    index = index_of(name, card.labels)
    return index, name if index is None else card.labels[index]


def _keep(
    transaction: Transaction,
    picture: Picture,
    mask: NDArray[np.bool_],
    index: int | None,
    class_name: str,
    file: str,
    manner: Manner,
    card: ModelCard,
    sha256: str,
) -> str:
    row = models.Region(
        public_id=new_id(),
        request_sha256=sha256,
        kind=HUMAN,
        image_id=queries.image_row(transaction, picture.id).id,
        class_id=None if index is None else answers.class_row(transaction, card, index),
        class_name=class_name,
        author=manner.author.strip(),
        source=file[:LONGEST],
        mask_counts=rle.encode(mask)["counts"],
        mask_area=float(mask.mean()),
        software_version=__version__,
    )
    transaction.add(row)
    transaction.flush()
    return row.public_id


def _sha256(picture: Picture, mask: NDArray[np.bool_], class_name: str, author: str | list[str]) -> str:
    content: Sequence[Any] = ["import", picture.id, rle.encode(mask)["counts"], class_name, author]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()

"""The right region of an attention check: one that was marked here, or run lengths that a design brings along."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session as Transaction

from dashboard.recording.ids import RequestError, parse_id
from dashboard.recording.masks import mask_of
from dashboard.studies.design import AttentionCheck, Block, Design
from dashboard.studies.errors import StudyError
from dashboard.studies.findings import Finding
from dashboard.studies.library import picture_called
from dashboard.vision import rle
from db import queries
from db.regions import find_region


def right_region(transaction: Transaction, design: Design, plan: dict[str, object]) -> NDArray[np.bool_]:
    """The mask (H, W) bool of a planned attention check; raises StudyError where it cannot be read."""
    blocks = {block.key: block for block in (*design.practice, *design.blocks)}
    return read_mask(transaction, blocks[str(plan["block"])].attention[int(str(plan["attention"]))].mask)


def findings(transaction: Transaction, design: Design) -> list[Finding]:
    """What is wrong with a design's attention checks: a participant must never be the first to meet it."""
    found = []
    for block in (*design.practice, *design.blocks):
        for number, one in enumerate(block.attention, 1):
            wrong = _wrong(transaction, one)
            if wrong:
                found.append(Finding("error", f"block {block.key}, attention, number {number}", wrong))
    return found


def with_settled_masks(transaction: Transaction, design: Design) -> Design:
    """The design with the right regions themselves in the place of regions that can be deleted.

    Raises StudyError where one cannot be read.
    """

    def settled(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
        return tuple(
            block.model_copy(update={"attention": tuple(_settled(transaction, one) for one in block.attention)})
            for block in blocks
        )

    return design.model_copy(update={"practice": settled(design.practice), "blocks": settled(design.blocks)})


def _settled(transaction: Transaction, one: AttentionCheck) -> AttentionCheck:
    mask = read_mask(transaction, one.mask)
    height, width = mask.shape
    return one.model_copy(update={"mask": f"{width}x{height}:{rle.encode(mask)['counts']}"})


def _wrong(transaction: Transaction, one: AttentionCheck) -> str | None:
    known = picture_called(transaction, one.picture)
    if known is None:
        return f"There is no picture called {one.picture} here."
    try:
        mask = read_mask(transaction, one.mask)
    except StudyError as error:
        return str(error)
    picture = queries.picture(transaction, known.id)
    if mask.shape != (picture.working_height, picture.working_width):
        return "Its right region is for a picture of another size."
    if not mask.any():
        return "Its right region is empty, so that nobody could pass."
    return None


def read_mask(transaction: Transaction, written: str) -> NDArray[np.bool_]:
    """A mask written as a region's id, or as ``WIDTHxHEIGHT:COUNTS`` with COCO's compressed run lengths.

    Raises StudyError for anything else.
    """
    try:
        region = find_region(transaction, parse_id(written, "region"))
    except RequestError:
        return _run_lengths(written)
    if region is None:
        raise StudyError("There is no region with the id that an attention check names.")
    return mask_of(region)


def _run_lengths(written: str) -> NDArray[np.bool_]:
    size, _, counts = written.partition(":")
    width, _, height = size.partition("x")
    if not (width.isdecimal() and height.isdecimal() and counts):
        raise StudyError("An attention check's mask is a region's id, or WIDTHxHEIGHT:COUNTS.")
    try:
        return rle.decode({"size": [int(height), int(width)], "counts": counts})
    except ValueError as error:
        raise StudyError("The run lengths of an attention check's mask do not fill its size.") from error

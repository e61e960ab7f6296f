"""Agreement in one plain sentence."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
# A part below this share of its region is a crumb at the border, not something to speak of.
SPEAKS_FROM = 0.15
# From which share of a region on which word fits what the model uses of it.
_SO_MUCH = ((0.85, "nearly all that"), (0.5, "most of what"), (SPEAKS_FROM, "a part of what"), (0, "little of what"))
_ROWS = ("upper ", "", "lower ")
_COLUMNS = ("left", "", "right")
_WORDS = {"": "the middle", "upper ": "the top", "lower ": "the bottom"}


def agreement_sentence(human: Mask, model: Mask, model_label: str, region_name: str = "") -> str:
    """What both use, then what only the model uses, then what only the person marks; masks are (H, W) bool.

    The person's own name for her region is used where all of the common part lies in it, as it always does.
    """
    both, extra, missed = human & model, model & ~human, human & ~model
    if not model.any():
        return f"{model_label}'s map is the same everywhere, so there is no region to compare with yours."
    hers = f"“{region_name}”" if region_name else place(human)
    if not both.any():
        return f"You and {model_label} look at different parts: you at {hers}, the model at {place(model)}."
    parts = [f"You and {model_label} agree on {_common(both, human, region_name)}"]
    hers_too, models_too = missed.sum() >= SPEAKS_FROM * human.sum(), extra.sum() >= SPEAKS_FROM * model.sum()
    if models_too and hers_too and place(extra) == place(missed) == place(both):
        return f"{parts[0]}; around it each of you adds something else."
    if models_too:
        parts.append(f"the model also uses {_beside(extra, both)}")
    if hers_too:
        parts.append(f"you also mark {_beside(missed, both)}")
    if len(parts) == 1:
        return f"{parts[0]}, and on nearly nothing else."
    return f"{'; '.join(parts)}."


def region_sentence(author: str, model_label: str, iou: float, covered: float) -> str:
    """How one person's region compares with a model's of equal area; ``covered`` is the share of hers in the model's.

    NaN for ``covered`` means that the map is the same everywhere.
    """
    if covered != covered:
        return f"{model_label}'s map is the same everywhere, so there is no region to compare with."
    if not covered:
        return f"{_capital(author)} and {model_label} use different parts."
    used = next(word for least, word in _SO_MUCH if covered >= least)
    agree = f"{_capital(author)} and {model_label} agree on {100 * iou:.1f} % of the area"
    return f"{agree}; the model uses {used} {author} marked."


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _common(both: Mask, human: Mask, region_name: str) -> str:
    if not region_name:
        return place(both)
    share = both.sum() / human.sum()
    return f"“{region_name}”" if share > 1 - SPEAKS_FROM else f"a part of “{region_name}”"


def _beside(part: Mask, both: Mask) -> str:
    where = place(part)
    return "what lies around it" if where == place(both) else where


def place(mask: Mask) -> str:
    """Where the largest connected part of a mask (H, W) bool lies in the picture, by thirds: "the upper left"."""
    row, column = _centre(mask)
    vertical, horizontal = (
        names[min(2, int(3 * at / size))]
        for names, at, size in ((_ROWS, row, mask.shape[0]), (_COLUMNS, column, mask.shape[1]))
    )
    return f"the {vertical}{horizontal}" if horizontal else _WORDS[vertical]


def _centre(mask: Mask) -> tuple[float, float]:
    _, _, about, centres = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    column, row = centres[1 + int(about[1:, cv2.CC_STAT_AREA].argmax())]
    return float(row) + 0.5, float(column) + 0.5

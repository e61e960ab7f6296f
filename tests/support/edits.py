"""Edits as somebody might ask for them."""

from __future__ import annotations

from typing import Any

from dashboard.recording.edits import EditRequest
from dashboard.recording.ids import new_id
from dashboard.recording.sessions import Sitting
from dashboard.vision.shapes import parse_shapes
from db.records import Picture

MODEL = "efficientnet_lite0"
OTHER_MODEL = "efficientnet_lite1"


def rectangle(x0: float = 8, y0: float = 10, x1: float = 24, y1: float = 30) -> dict[str, Any]:
    return {"tool": "rectangle", "mode": "add", "x0": x0, "y0": y0, "x1": x1, "y1": y1}


OUTSIDE = rectangle(-50, -50, -10, -10)


def sitting(picture: Picture, session: str | None = None) -> Sitting:
    return Sitting(session or new_id(), picture.id, {"browser": "none"})


def edit_request(
    where: Sitting,
    parent: str | None = None,
    *,
    id: str | None = None,
    method: str = "mean",
    shapes: list[dict[str, Any]] | None = None,
    parameters: dict[str, Any] | None = None,
    models: tuple[str, ...] = (MODEL,),
    **more: Any,
) -> EditRequest:
    return EditRequest(
        id=id or new_id(),
        sitting=where,
        parent=parent,
        method=method,
        parameters=parameters or {},
        shapes=parse_shapes([rectangle()] if shapes is None else shapes),
        model_keys=models,
        **more,
    )


def edit_body(image: str, session: str | None = None, parent: str | None = None, **changes: Any) -> dict[str, Any]:
    """The JSON that a browser posts to /api/v1/edits."""
    body = {
        "id": new_id(),
        "session": session or new_id(),
        "image": image,
        "parent": parent,
        "method": "mean",
        "parameters": {},
        "shapes": [rectangle()],
        "models": [MODEL],
        "client": {"browser": "none"},
        "started_ms": 1000.5,
        "ended_ms": 2000,
    }
    return body | changes

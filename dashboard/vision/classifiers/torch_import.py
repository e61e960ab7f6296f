"""The one door to torch and to torchvision (and to timm, which imports it)."""

from __future__ import annotations

import importlib
import importlib.util
import os
import threading
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

_lock = threading.Lock()
_schemas: Any = None


def prepare_torch() -> None:
    """To be called before the process first imports torch: makes its threads yield a busy processor.

    At each of a network's hundred barriers GNU's OpenMP spins for milliseconds until the last thread arrives.
    With more work than processors that thread is not running: a pass of 40 ms was seen to take a second. With
    shorter spinning it does not, and an idle machine is as fast as before.
    """
    os.environ.setdefault("GOMP_SPINCOUNT", "20000")


def import_torchvision() -> ModuleType:
    """The torchvision package; imports torch, which takes seconds."""
    _prepare()
    return importlib.import_module("torchvision")


def import_timm() -> ModuleType:
    """The timm package; imports torch and torchvision, which takes seconds."""
    import_torchvision()
    return importlib.import_module("timm")


def _prepare() -> None:
    """Declares the operators without which torchvision cannot be imported, where its compiled ones cannot load.

    torchvision's wheel is a CUDA build. Beside a CPU-only torch its library of compiled operators does not
    load, and the import then fails with "operator torchvision::nms does not exist" although classifying
    needs none of them.
    """
    global _schemas
    prepare_torch()
    with _lock:
        if _schemas is not None or _compiled_operators_load():
            return
        import torch

        # The Library must be kept: the schemas go with it.
        _schemas = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
        for name in ("nms", "qnms"):
            _schemas.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        # The image decoders fail to load for the same reason; pictures are decoded by Pillow.
        warnings.filterwarnings("ignore", "Failed to load image Python extension", UserWarning)


def _compiled_operators_load() -> bool:
    import torch

    specification = importlib.util.find_spec("torchvision")
    folders = (specification and specification.submodule_search_locations) or []
    libraries = [file for folder in folders for file in Path(folder).glob("_C.*")]
    try:
        for library in libraries:
            torch.ops.load_library(library)  # type: ignore[no-untyped-call]
    except OSError:
        return False
    return hasattr(torch.ops.torchvision, "nms")

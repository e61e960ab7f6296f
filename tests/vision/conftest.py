"""Photographs, and an empty home of torch."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from dashboard.vision.classifiers.torch_import import prepare_torch

prepare_torch()


@pytest.fixture(scope="session")
def photographs() -> list[np.ndarray]:
    """Pictures (H, W, 3) uint8 of different shapes."""
    return [data.chelsea(), data.coffee(), data.rocket(), data.astronaut()]


@pytest.fixture(scope="session")
def labelled_photographs() -> list[tuple[int, np.ndarray]]:
    """ImageNet's class number and the picture, 20 times."""
    folder = Path(find_spec("foolbox").origin).parent / "data"
    files = sorted(folder.glob("imagenet_*_*.jpg"))
    return [(int(file.stem.split("_")[2]), np.asarray(Image.open(file).convert("RGB"))) for file in files]


@pytest.fixture(scope="module")
def torch_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty home of torch, whose hub cache a test may fill."""
    home = tmp_path_factory.mktemp("torch_home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TORCH_HOME", str(home))
        yield home

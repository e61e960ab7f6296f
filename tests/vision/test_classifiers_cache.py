"""Converted networks on disk: damaged ones are made again, whole ones are used."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from dashboard.vision.classifiers.blueprints import Blueprint, renamed_in_order
from dashboard.vision.classifiers.conversion import ConversionCache, Converted, file_sha256
from dashboard.vision.classifiers.engines import OpenVinoEngine
from dashboard.vision.errors import UnavailableError

LABELS = ("cat", "dog", "élan")


@dataclass(frozen=True)
class TinyBlueprint(Blueprint):
    """Convolution, ReLU, average pooling, linear: converted in a moment."""

    def weights_file(self) -> Path:
        raise NotImplementedError

    def labels(self) -> tuple[str, ...]:
        return LABELS

    def _with_weights(self, weights: Path) -> torch.nn.Module:
        network = torch.nn.Sequential(
            torch.nn.Conv2d(3, 4, 3),
            torch.nn.ReLU(),
            torch.nn.AdaptiveAvgPool2d(1),
            torch.nn.Flatten(),
            torch.nn.Linear(4, 3),
        )
        network.load_state_dict(torch.load(weights, weights_only=True))
        return network


BLUEPRINT = TinyBlueprint(
    key="tiny",
    label="Tiny",
    family="Tiny",
    explanation="",
    input_px=8,
    mean=(0, 0, 0),
    std=(1, 1, 1),
    gradient_layer="1",
    feature_layer="1",
    linear_layer="4",
)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(1)
    tensors = {"0.weight": (4, 3, 3, 3), "0.bias": (4,), "4.weight": (3, 4), "4.bias": (3,)}
    file = tmp_path_factory.mktemp("weights") / "tiny.pth"
    torch.save({name: torch.randn(shape) for name, shape in tensors.items()}, file)
    return file


@pytest.fixture(scope="module")
def made(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that holds the converted network; not to be changed."""
    cache = tmp_path_factory.mktemp("made")
    converted(cache, weights)
    return cache


@pytest.fixture
def cache(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "cache")


def converted(folder: Path, weights: Path) -> Converted:
    return ConversionCache(folder).get(BLUEPRINT, weights, file_sha256(weights))


def check_answers(result: Converted, weights: Path) -> None:
    batch = np.linspace(-1, 1, 2 * 3 * 8 * 8, dtype=np.float32).reshape(2, 3, 8, 8)
    network = BLUEPRINT.build(weights)
    logits, features = OpenVinoEngine(result.model, threads=1)(batch)
    np.testing.assert_allclose(logits, network(torch.from_numpy(batch)), atol=1e-5)
    np.testing.assert_allclose(features, network[:2](torch.from_numpy(batch)), atol=1e-5)
    head, bias = result.head
    np.testing.assert_array_equal(head, network[4].weight)
    np.testing.assert_array_equal(bias, network[4].bias)
    assert result.labels == LABELS


def test_made_once_and_then_read(cache, weights):
    (folder,) = cache.iterdir()
    written = {file: file.stat().st_mtime_ns for file in folder.iterdir()}
    check_answers(converted(cache, weights), weights)
    assert {file: file.stat().st_mtime_ns for file in folder.iterdir()} == written


def flip_a_bit(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def cut_in_half(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


@pytest.mark.parametrize(
    ("damage", "name"),
    [
        (flip_a_bit, "network.xml"),
        (flip_a_bit, "network.bin"),
        (flip_a_bit, "head.npz"),
        (flip_a_bit, "labels.json"),
        (flip_a_bit, "network.json"),
        (cut_in_half, "network.bin"),
        (Path.unlink, "network.json"),
        (Path.unlink, "head.npz"),
    ],
)
def test_damaged_files_are_made_again(cache, weights, damage, name):
    (folder,) = cache.iterdir()
    names = {file.name for file in folder.iterdir()}
    damage(folder / name)
    check_answers(converted(cache, weights), weights)
    assert list(cache.iterdir()) == [folder]
    assert {file.name for file in folder.iterdir()} == names


def test_an_empty_folder_of_that_name_is_filled(cache, weights):
    (folder,) = cache.iterdir()
    shutil.rmtree(folder)
    folder.mkdir()
    check_answers(converted(cache, weights), weights)


def test_several_at_once_leave_one_whole_folder(tmp_path, weights):
    cache = tmp_path / "cache"
    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(lambda _: converted(cache, weights), range(4)))
    for result in results:
        check_answers(result, weights)
    assert len(list(cache.iterdir())) == 1


def test_other_weights_have_a_folder_of_their_own(cache, weights, tmp_path):
    state = torch.load(weights, weights_only=True)
    torch.save({name: tensor * 2 for name, tensor in state.items()}, tmp_path / "other.pth")
    check_answers(converted(cache, tmp_path / "other.pth"), tmp_path / "other.pth")
    assert len(list(cache.iterdir())) == 2


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path, weights):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(UnavailableError, match="The converted network cannot be kept in"):
        converted(tmp_path / "file", weights)


def test_weights_with_other_shapes_are_refused():
    own = {"a": torch.zeros(2, 3), "b": torch.zeros(4)}
    assert list(renamed_in_order({"x": torch.ones(2, 3), "y": torch.ones(4)}, own)) == ["a", "b"]
    with pytest.raises(UnavailableError, match="other tensors"):
        renamed_in_order({"x": torch.ones(3, 2), "y": torch.ones(4)}, own)

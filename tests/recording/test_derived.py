"""What follows from what is kept: written whole, and made again where it cannot be read."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.recording.derived import Derived, key_of
from dashboard.vision.classifiers import ModelCard
from dashboard.vision.inpainting import identity
from tests.vision.truth import card


@pytest.mark.parametrize("damage", [lambda data: data[:-40], lambda data: b"", lambda data: b"PK" + data[2:60]])
def test_what_is_damaged_is_as_if_it_were_not_there(tmp_path, damage):
    kept, key = Derived(tmp_path), key_of({"what": "map"})
    kept.write_arrays(key, {"map": np.arange(12, dtype=np.float32)})
    assert np.array_equal(kept.read_arrays(key)["map"], np.arange(12, dtype=np.float32))
    [path] = tmp_path.rglob("*.npz")
    path.write_bytes(damage(path.read_bytes()))
    assert kept.read_arrays(key) is None
    kept.write_arrays(key, {"map": np.zeros(1, np.float32)})
    assert kept.read_arrays(key)["map"].tolist() == [0]


def test_another_preprocessing_is_another_model():
    one: ModelCard = card()
    changed = [{"mean": (0.1, 0.2, 0.3)}, {"std": (0.1, 0.2, 0.3)}, {"input_height": 99}, {"labels": ("x", "y")}]
    identities = {type(one)(**{**vars_of(one), **change}).identity for change in [{}, *changed]}
    assert len(identities) == 1 + len(changed)
    assert type(one)(**vars_of(one)).identity == one.identity


def vars_of(one: ModelCard) -> dict[str, object]:
    return {name: getattr(one, name) for name in one.__dataclass_fields__}


def test_another_network_is_another_filling(tmp_path):
    network = tmp_path / "network.pt"
    network.write_bytes(b"one")
    first = identity("torchscript", network)
    network.write_bytes(b"another")
    assert identity("torchscript", network) != first
    assert identity("telea", network) == identity("telea") == ["telea"]


def test_another_version_of_a_library_makes_results_anew(monkeypatch):
    before = key_of({"what": "map"})
    monkeypatch.setattr("dashboard.recording.derived._version", lambda name: "9" if name == "torch" else "1")
    after = key_of({"what": "map"})
    monkeypatch.setattr("dashboard.recording.derived._version", lambda name: "1")
    assert len({before, after, key_of({"what": "map"})}) == 3

from __future__ import annotations

import os
import subprocess
import sys
import threading
import types
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from dashboard.vision.errors import (
    EmptyMaskError,
    MaskError,
    ParameterError,
    UnavailableError,
    UnknownNameError,
)
from dashboard.vision.inpainting import METHODS, apply_method, parse_parameters, unavailable_reason

KEYS = (
    "telea",
    "navier_stokes",
    "patchmatch",
    "resynthesizer",
    "torchscript",
    "blur",
    "mean",
    "noise",
    "keep_blur",
    "keep_gray",
)


class Grey(torch.nn.Module):
    """Fills with grey, and says in the first channel how far it is across."""

    def forward(self, image: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        assert image.shape[2] % 8 == 0
        assert image.shape[3] % 8 == 0
        assert mask.shape[1] == 1
        filled = image * (1 - mask) + 0.5 * mask
        filled[:, 0] = torch.linspace(-1.0, 2.0, image.shape[3])
        return filled


@pytest.fixture(scope="module")
def network_path(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("network") / "grey.pt"
    torch.jit.script(Grey()).save(str(path))
    return path


@pytest.fixture(autouse=True)
def _stand_in_for_resynthesizer(monkeypatch):
    """The real one is GPL-3 and no dependency: its interface, filling with the neighbours' count."""

    def resynthesize(image: Image.Image, mask: Image.Image, parameters: types.SimpleNamespace) -> Image.Image:
        assert set(np.unique(np.asarray(mask))) <= {0, 255}
        return Image.new("RGB", image.size, (parameters.patchSize, parameters.maxProbeCount, 7))

    module = types.ModuleType("resynthesizer")
    module.resynthesize = resynthesize
    module.getDefaultParams = types.SimpleNamespace
    monkeypatch.setitem(sys.modules, "resynthesizer", module)


def photograph(height: int = 48, width: int = 60) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    noise = np.random.default_rng(0).integers(0, 30, (height, width, 3))
    return (np.stack((x * 3, y * 4, x + y), axis=2) + noise).clip(0, 255).astype(np.uint8)


def hole(height: int = 48, width: int = 60) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    return (y - 20) ** 2 + (x - 25) ** 2 < 8**2


def test_the_methods_and_their_order():
    assert tuple(method.key for method in METHODS) == KEYS
    for method in METHODS:
        assert method.group == ("keep" if method.key.startswith("keep_") else "remove")
        assert method.label
        assert method.explanation.endswith(".")
        assert "\n" not in method.explanation
        assert len(method.explanation) <= 100


@pytest.mark.parametrize("key", KEYS)
def test_what_is_to_stay_stays_and_the_rest_changes_the_same_way_again(key, network_path):
    image, mask = photograph(), hole()
    image_before, mask_before = image.copy(), mask.copy()
    parameters = parse_parameters(key, {})
    result = apply_method(key, image, mask, parameters, network_path)
    assert result.dtype == np.uint8
    assert result.shape == image.shape
    assert result.flags.c_contiguous
    assert not np.shares_memory(result, image)
    stays = mask if METHODS[key].group == "keep" else ~mask
    assert np.array_equal(result[stays], image[stays])
    assert (result[~stays] != image[~stays]).any()
    assert np.array_equal(image, image_before)
    assert np.array_equal(mask, mask_before)
    assert np.array_equal(apply_method(key, image, mask, parameters, network_path), result)
    image.flags.writeable = mask.flags.writeable = False
    assert np.array_equal(apply_method(key, image, mask, parameters, network_path), result)


@pytest.mark.parametrize("key", KEYS)
def test_views_that_are_not_contiguous(key, network_path):
    image, mask = photograph(48, 120)[:, ::2], hole(48, 120)[:, ::2]
    parameters = parse_parameters(key, {"seed": 1} if METHODS[key].is_random else {})
    expected = apply_method(key, image.copy(), mask.copy(), parameters, network_path)
    assert np.array_equal(apply_method(key, image, mask, parameters, network_path), expected)


@settings(deadline=None, max_examples=25)
@pytest.mark.parametrize("key", [key for key in KEYS if key != "torchscript"])
@given(mask=hnp.arrays(bool, (17, 21)) | st.tuples(st.integers(0, 16), st.integers(0, 20)).map(lambda at: one(*at)))
def test_any_mask_is_filled_or_refused_in_a_sentence(key, mask):
    image = photograph(17, 21)
    if not mask.any() or (mask.all() and METHODS[key].needs_surroundings):
        with pytest.raises(MaskError, match=r"\.$"):
            apply_method(key, image, mask, {})
        return
    result = apply_method(key, image, mask, {})
    stays = mask if METHODS[key].group == "keep" else ~mask
    assert np.array_equal(result[stays], image[stays])


def one(row: int, column: int) -> np.ndarray:
    mask = np.zeros((17, 21), bool)
    mask[row, column] = True
    return mask


@pytest.mark.parametrize("key", KEYS)
def test_an_empty_region_does_nothing_and_says_so(key, network_path):
    with pytest.raises(EmptyMaskError):
        apply_method(key, photograph(), np.zeros((48, 60), bool), {}, network_path)


@pytest.mark.parametrize("key", KEYS)
def test_a_region_that_is_the_whole_picture(key, network_path):
    image, everything = photograph(), np.ones((48, 60), bool)
    if METHODS[key].needs_surroundings:
        with pytest.raises(MaskError, match="nothing is left"):
            apply_method(key, image, everything, {}, network_path)
        return
    result = apply_method(key, image, everything, {}, network_path)
    assert np.array_equal(result, image) == (METHODS[key].group == "keep")


def test_a_region_of_another_size_is_refused():
    with pytest.raises(MaskError, match="60 × 40"):
        apply_method("telea", photograph(), np.ones((40, 60), bool), {})


def test_an_unknown_method_is_refused():
    for function in (lambda: apply_method("magic", photograph(), hole(), {}), lambda: parse_parameters("magic", {})):
        with pytest.raises(UnknownNameError, match="magic"):
            function()


@pytest.mark.parametrize(("key", "flag"), [("telea", cv2.INPAINT_TELEA), ("navier_stokes", cv2.INPAINT_NS)])
@pytest.mark.parametrize("radius", [1, 3, 20])
@settings(deadline=None, max_examples=15)
@given(
    st.lists(
        st.tuples(st.integers(-5, 125), st.integers(-5, 95), st.integers(1, 15)), min_size=1, max_size=4
    )
)  # fmt: skip
def test_marching_over_the_surroundings_is_marching_over_the_whole_picture(key, flag, radius, discs):
    image = photograph(90, 120)
    mask = np.zeros((90, 120), np.uint8)
    for x, y, size in discs:
        cv2.circle(mask, (x, y), size, 1, -1)
    if not mask.any():
        return
    whole = cv2.inpaint(image[..., ::-1].copy(), mask, radius, flag)[..., ::-1]
    assert np.array_equal(apply_method(key, image, mask.astype(bool), {"radius": radius}), whole)


def test_an_even_surface_is_filled_evenly():
    image = np.full((48, 60, 3), (200, 100, 50), np.uint8)
    damaged = np.where(hole()[..., None], np.uint8(0), image)
    for key in ("telea", "navier_stokes", "patchmatch", "mean"):
        # OpenCV's Telea rounds its way up to two levels off.
        assert np.abs(apply_method(key, damaged, hole(), {}).astype(int) - image).max() <= 2


def test_mean_is_the_mean_of_what_is_outside():
    image = np.zeros((2, 3, 3), np.uint8)
    image[0] = [[10, 0, 0], [20, 3, 1], [31, 6, 0]]
    mask = np.array([[False, False, False], [True, True, True]])
    assert apply_method("mean", image, mask, {})[1].tolist() == [[20, 3, 0]] * 3


def test_blur_is_a_gaussian_of_that_radius():
    image = np.zeros((101, 101, 3), np.uint8)
    image[:, 50:] = 200
    result = apply_method("blur", image, np.ones((101, 101), bool), {"radius": 8})
    assert abs(int(result[50, 58, 0]) - 200 * 0.85) <= 3  # the normal distribution half a pixel past one sigma
    kept = apply_method("keep_blur", image, np.zeros((101, 101), bool) | (np.arange(101) < 10), {"radius": 8})
    assert np.array_equal(kept[:, 10:], result[:, 10:])


def test_keep_gray_covers_the_rest_with_its_level():
    result = apply_method("keep_gray", photograph(), hole(), {"level": 17})
    assert (result[~hole()] == 17).all()


@pytest.mark.parametrize("key", ["patchmatch", "noise"])
def test_random_methods_draw_a_seed_and_keep_it(key):
    drawn = [parse_parameters(key, {})["seed"] for _ in range(20)]
    assert len(set(drawn)) > 1
    assert parse_parameters(key, {"seed": None}).keys() == parse_parameters(key, {}).keys()
    assert parse_parameters(key, {"seed": 12})["seed"] == 12
    recorded = parse_parameters(key, {})
    assert parse_parameters(key, recorded) == recorded


def test_another_seed_gives_another_result():
    results = {apply_method("noise", photograph(), hole(), {"seed": seed}).tobytes() for seed in range(5)}
    assert len(results) == 5


@pytest.mark.parametrize("key", ["patchmatch", "noise", "telea"])
def test_threads_do_not_disturb_each_other(key):
    image, mask = photograph(96, 120), hole(96, 120)
    given = [{"seed": index} if METHODS[key].is_random else {"radius": 1 + index} for index in range(4)]
    expected = [apply_method(key, image, mask, parameters) for parameters in given]
    found: list[np.ndarray | None] = [None] * 4

    def work(index: int) -> None:
        found[index] = apply_method(key, image, mask, given[index])

    threads = [threading.Thread(target=work, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(a, b) for a, b in zip(expected, found, strict=True))


@pytest.mark.parametrize(
    ("key", "parameters"),
    [
        ("telea", {"radius": 0}),
        ("telea", {"radius": 21}),
        ("telea", {"radius": 2.5}),
        ("telea", {"radius": "wide"}),
        ("telea", {"diameter": 3}),
        ("telea", {"seed": 3}),
        ("blur", {"radius": float("nan")}),
        ("noise", {"seed": -1}),
        ("keep_gray", {"level": 256}),
    ],
)
def test_bad_parameters_are_refused(key, parameters):
    for function in (parse_parameters, lambda key, given: apply_method(key, photograph(), hole(), given)):
        with pytest.raises(ParameterError):
            function(key, parameters)


def test_every_parameter_works_at_both_ends(network_path):
    for method in METHODS:
        for parameter in method.parameters:
            for value in (parameter.minimum, parameter.maximum):
                result = apply_method(method.key, photograph(), hole(), {parameter.name: value}, network_path)
                assert result.shape == (48, 60, 3)


def test_resynthesizer_gets_its_parameters_and_says_where_it_is_missing(monkeypatch):
    result = apply_method("resynthesizer", photograph(), hole(), {"neighbours": 9, "probes": 50})
    assert (result[hole()] == (9, 50, 7)).all()
    monkeypatch.setitem(sys.modules, "resynthesizer", None)
    assert "optional extra" in str(unavailable_reason("resynthesizer"))
    with pytest.raises(UnavailableError, match="optional extra"):
        apply_method("resynthesizer", photograph(), hole(), {})


def test_the_network_fills_the_region(network_path):
    image, mask = photograph(45, 61), hole(45, 61)
    assert unavailable_reason("torchscript", network_path) is None
    result = apply_method("torchscript", image, mask, {}, network_path)
    assert np.array_equal(result[~mask], image[~mask])
    assert (result[mask][:, 1:] == 128).all()
    across = np.linspace(-1, 2, 64).clip(0, 1) * 255
    assert np.abs(result[20, 18:33, 0] - across[18:33]).max() <= 1


def test_the_network_is_loaded_once_and_again_when_the_file_changes(network_path, tmp_path, monkeypatch):
    loads, load = [], torch.jit.load
    monkeypatch.setattr(torch.jit, "load", lambda path, **options: loads.append(path) or load(path, **options))
    path = tmp_path / "copy.pt"
    path.write_bytes(network_path.read_bytes())
    for _ in range(3):
        apply_method("torchscript", photograph(), hole(), {}, path)
    assert len(loads) == 1
    os.utime(path, ns=(0, 0))
    apply_method("torchscript", photograph(), hole(), {}, path)
    assert len(loads) == 2


class Shrinking(torch.nn.Module):
    def forward(self, image: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return image[:, :, 1:] * (1 - mask[:, :, 1:])


class Alone(torch.nn.Module):
    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return image


@pytest.mark.parametrize(
    ("network", "sentence"),
    [(Shrinking(), "same size"), (Alone(), "failed"), (b"not a network", "not a TorchScript file")],
)
def test_networks_that_cannot_be_used(network, sentence, tmp_path):
    path = tmp_path / "bad.pt"
    if isinstance(network, bytes):
        path.write_bytes(network)
    else:
        torch.jit.script(network).save(str(path))
    with pytest.raises(UnavailableError, match=sentence):
        apply_method("torchscript", photograph(), hole(), {}, path)


def test_without_a_network_the_reason_is_said(tmp_path):
    assert "settings" in str(unavailable_reason("torchscript"))
    assert "lama.pt" in str(unavailable_reason("torchscript", tmp_path / "lama.pt"))
    for path in (None, tmp_path / "lama.pt"):
        with pytest.raises(UnavailableError):
            apply_method("torchscript", photograph(), hole(), {}, path)


def test_importing_the_methods_does_not_import_torch():
    code = "import sys, dashboard.vision.inpainting; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

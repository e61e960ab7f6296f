"""torchvision's classifiers, with random weights where the real ones would lie: torch's hub cache."""

from pathlib import Path

import numpy as np
import pytest
import torch

from dashboard.vision.classifiers import Catalogue, Classifier
from dashboard.vision.classifiers.blueprints import TorchvisionBlueprint, hub_checkpoints
from dashboard.vision.classifiers.builtin_models import BUILTINS
from dashboard.vision.classifiers.torch_import import import_torchvision
from dashboard.vision.errors import UnavailableError
from dashboard.vision.explain import class_maps, explain

KEYS = ["squeezenet1_1", "mobilenet_v3_large", "resnet50", "convnext_tiny", "vit_b_16"]
EXACT = ["squeezenet1_1", "resnet50"]


def input_sized(images: list[np.ndarray]) -> np.ndarray:
    return np.stack([image[:224, :224] for image in images])


def normalised(images: list[np.ndarray]) -> torch.Tensor:
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    return ((torch.from_numpy(input_sized(images)) / 255 - mean) / std).permute(0, 3, 1, 2)


def random_network(key: str, images: torch.Tensor) -> torch.nn.Module:
    """A network whose logits are of the size of a trained one's and differ between pictures."""
    torch.manual_seed(7)
    network = import_torchvision().models.get_model(key, weights=None)
    normalisations = [module for module in network.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    for module in normalisations:
        module.momentum = None
    last = [module for module in network.modules() if isinstance(module, torch.nn.Linear | torch.nn.Conv2d)][-1]
    torch.nn.init.normal_(last.weight)  # ViT's is zero
    with torch.no_grad():
        if normalisations:
            network.train()(images)
        last.weight /= network.eval()(images).std()
    return network


@pytest.fixture(scope="module")
def expected_logits(torch_home: Path, photographs) -> dict[str, np.ndarray]:
    """What plain torch says to two pictures; the networks' weights now lie in the hub cache."""
    folder = torch_home / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    logits = {}
    for key in KEYS:
        network = random_network(key, normalised(photographs))
        torch.save(network.state_dict(), folder / BUILTINS[key].file_name)
        with torch.inference_mode():
            logits[key] = network(normalised(photographs[:2])).numpy()
    return logits


@pytest.fixture(scope="module", params=KEYS)
def classifier(request, expected_logits, tmp_path_factory) -> Classifier:
    """Each in turn: together they would fill gigabytes."""
    return Catalogue(None, tmp_path_factory.mktemp("cache"), device="cpu").load(request.param)


def test_logits_agree_with_plain_torch(classifier, expected_logits, photographs):
    expected = expected_logits[classifier.card.key]
    answer = classifier.answer(input_sized(photographs[:2]))
    np.testing.assert_allclose(answer.logits, expected, atol=1e-4, rtol=0)
    assert np.ptp(expected, axis=1).min() > 0.1
    assert np.abs(expected[0] - expected[1]).max() > 0.01


def test_class_maps_are_exact_or_refused(classifier, photographs):
    answer = classifier.answer(photographs[0][None])
    assert classifier.card.has_cam == (classifier.card.key in EXACT)
    if classifier.card.has_cam:
        sums = class_maps(classifier, answer).mean(axis=(1, 2)) + classifier.cam_head[1]
        np.testing.assert_allclose(sums, answer.logits[0], atol=2e-5, rtol=0)
    else:
        assert (classifier.cam_head, answer.features) == (None, None)
        with pytest.raises(UnavailableError, match="average pooling and one linear layer"):
            explain(classifier, photographs[0], 1, "cam")


def test_grad_cam_has_the_pictures_size_and_is_not_empty(classifier, photographs):
    assert classifier.card.has_gradients
    maps = [explain(classifier, photographs[0], index, "gradcam") for index in range(4)]
    assert {(each.shape, each.dtype) for each in maps} == {((300, 451), np.dtype(np.float32))}
    assert max(each.max() for each in maps) > 0
    assert min(each.min() for each in maps) >= 0


@pytest.mark.parametrize("key", KEYS)
def test_the_table_agrees_with_torchvisions_weights(key):
    weights = import_torchvision().models.get_model_weights(key).IMAGENET1K_V1
    transforms, blueprint = weights.transforms(), BUILTINS[key]
    assert Path(weights.url).name == blueprint.file_name
    assert transforms.crop_size == [blueprint.input_px]
    assert (tuple(transforms.mean), tuple(transforms.std)) == (blueprint.mean, blueprint.std)


def test_missing_weights_are_said_with_file_folder_and_remedy(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    catalogue = Catalogue(None, tmp_path)
    entries = {entry.key: entry.unavailable for entry in catalogue.entries()}
    assert entries["resnet50"] == (
        f"ResNet-50 needs the file resnet50-0676ba61.pth in {tmp_path / 'hub' / 'checkpoints'}, "
        "which is not there; get it with: regionscope models --fetch resnet50"
    )
    with pytest.raises(UnavailableError, match="ResNet-50 needs the file"):
        catalogue.load("resnet50")


def test_weights_that_are_there_make_it_available(expected_logits, torch_home, tmp_path):
    catalogue = Catalogue(None, tmp_path)
    assert all(entry.unavailable is None for entry in catalogue.entries())
    assert catalogue.fetch("resnet50") == torch_home / "hub" / "checkpoints" / "resnet50-0676ba61.pth"


def test_a_damaged_weight_file_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    file = tmp_path / "hub" / "checkpoints" / "squeezenet1_1-b8a52dc0.pth"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"half a download")
    with pytest.raises(UnavailableError, match=r"SqueezeNet 1.1: the weight file .* cannot be read"):
        Catalogue(None, tmp_path, device="cpu").load("squeezenet1_1")


def test_a_failed_download_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    with pytest.raises(UnavailableError, match=r"SqueezeNet 1.1: https://\S+ cannot be downloaded"):
        Catalogue(None, tmp_path).fetch("squeezenet1_1")


def test_fetching_what_came_with_pip_only_names_the_file(tmp_path):
    assert Catalogue(None, tmp_path).fetch("efficientnet_lite0").name == "efficientnet-lite0-57934424.pth"


@pytest.mark.parametrize("variables", [{}, {"TORCH_HOME": "/a/b"}, {"XDG_CACHE_HOME": "/c"}, {"TORCH_HOME": "~/d"}])
def test_hub_cache_is_where_torch_looks(monkeypatch, variables):
    for name in ("TORCH_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert hub_checkpoints() == Path(torch.hub.get_dir()) / "checkpoints"


def test_squeezenet_is_the_first_of_torchvisions():
    first = next(each for each in BUILTINS.values() if isinstance(each, TorchvisionBlueprint))
    assert first.key == "squeezenet1_1"

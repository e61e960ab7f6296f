"""Models of one's own: TorchScript and ONNX files with a TOML file beside them."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from dashboard.vision.classifiers import Catalogue, ModelEntry
from dashboard.vision.errors import UnavailableError
from dashboard.vision.explain import class_maps, explain

TOML = """
name = "Three birds"
labels = ["tit", "finch", "wren"]
size = [12, 20]
mean = [0.4, 0.5, 0.6]
std = [0.2, 0.25, 0.5]
"""
IMAGE = np.random.default_rng(3).integers(0, 256, (12, 20, 3), np.uint8)


class Tiny(torch.nn.Module):
    """Convolution, ReLU, average pooling, linear; (logits, features)."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(5)
        self.convolution = torch.nn.Conv2d(3, 6, 3)
        self.linear = torch.nn.Linear(6, 3)

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        features = torch.relu(self.convolution(images))
        return self.linear(features.mean((2, 3))), features


def plain_answer(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean, std = torch.tensor([0.4, 0.5, 0.6]), torch.tensor([0.2, 0.25, 0.5])
    batch = ((torch.from_numpy(images) / 255 - mean) / std).permute(0, 3, 1, 2)
    with torch.no_grad():
        logits, features = Tiny()(batch)
    return logits.numpy(), features.numpy()


def save_script(file: Path) -> None:
    torch.jit.trace(Tiny().eval(), torch.zeros(2, 3, 12, 20)).save(str(file))


def save_onnx(file: Path, batch: int | str = "batch", opset: int = 17) -> None:
    """The same network as an ONNX graph; with a number for ``batch`` it works for that many images only."""
    network = Tiny()
    weights = {
        "cw": network.convolution.weight,
        "cb": network.convolution.bias,
        "lw": network.linear.weight,
        "lb": network.linear.bias,
    }
    constants = [numpy_helper.from_array(value.detach().numpy(), name) for name, value in weights.items()]
    constants.append(numpy_helper.from_array(np.array([batch if batch == 1 else -1, 6], np.int64), "shape"))
    nodes = [
        helper.make_node("Conv", ["images", "cw", "cb"], ["convolved"]),
        helper.make_node("Relu", ["convolved"], ["features"]),
        helper.make_node("GlobalAveragePool", ["features"], ["pooled"]),
        helper.make_node("Reshape", ["pooled", "shape"], ["flat"]),
        helper.make_node("Gemm", ["flat", "lw", "lb"], ["logits"], transB=1),
    ]
    images = helper.make_tensor_value_info("images", TensorProto.FLOAT, [batch, 3, 12, 20])
    outputs = [
        helper.make_tensor_value_info("logits", TensorProto.FLOAT, [batch, 3]),
        helper.make_tensor_value_info("features", TensorProto.FLOAT, [batch, 6, 10, 18]),
    ]
    graph = helper.make_graph(nodes, "tiny", [images], outputs, constants)
    opsets = [helper.make_opsetid("", opset)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), str(file))


def save_onnx_for_one(file: Path) -> None:
    save_onnx(file, batch=1)


def catalogue(folder: Path) -> Catalogue:
    return Catalogue(folder, folder / "cache", device="cpu")


def own_entries(folder: Path) -> list[ModelEntry]:
    return [entry for entry in catalogue(folder).entries() if entry.family == "Own models"]


@pytest.mark.parametrize(
    ("name", "save", "engine"),
    [
        ("birds.pt", save_script, "torch"),
        ("birds.ts", save_script, "torch"),
        ("birds.onnx", save_onnx, "openvino"),
        ("birds.onnx", save_onnx_for_one, "openvino"),
    ],
)
def test_own_model_answers_and_explains(tmp_path, name, save, engine):
    save(tmp_path / name)
    (tmp_path / "birds.toml").write_text(TOML + "features = true\n")
    classifier = catalogue(tmp_path).load("birds")
    images = np.stack([np.roll(IMAGE, i, axis=0) for i in range(3)])
    answer = classifier.answer(images)
    logits, features = plain_answer(images)
    np.testing.assert_allclose(answer.logits, logits, atol=1e-5)
    np.testing.assert_allclose(answer.features, features, atol=1e-5)
    alone = classifier.answer(IMAGE[None])
    sums = class_maps(classifier, alone).mean(axis=(1, 2)) + classifier.cam_head[1]
    np.testing.assert_allclose(sums, alone.logits[0], atol=1e-5)
    card = classifier.card
    assert (card.label, card.labels, card.engine) == ("Three birds", ("tit", "finch", "wren"), engine)
    assert (card.input_height, card.input_width, card.has_cam, card.has_gradients) == (12, 20, True, False)


def test_features_are_left_out_unless_they_are_declared(tmp_path):
    save_script(tmp_path / "birds.pt")
    (tmp_path / "birds.toml").write_text(TOML)
    classifier = catalogue(tmp_path).load("birds")
    assert classifier.answer(IMAGE[None]).features is None
    assert not classifier.card.has_cam


def test_no_exact_map_where_logits_do_not_follow_from_the_features(tmp_path):
    class Squared(Tiny):
        def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            logits, features = super().forward(images)
            return logits**2, features

    torch.jit.trace(Squared().eval(), torch.zeros(2, 3, 12, 20)).save(str(tmp_path / "birds.pt"))
    (tmp_path / "birds.toml").write_text(TOML + "features = true\n")
    classifier = catalogue(tmp_path).load("birds")
    assert classifier.cam_head is None
    assert classifier.answer(IMAGE[None]).features is None
    with pytest.raises(UnavailableError, match="Three birds is not known to end in average pooling"):
        explain(classifier, IMAGE, 0, "cam")


@pytest.mark.parametrize(("name", "save"), [("birds.pt", save_script), ("birds.onnx", save_onnx)])
def test_gradients_are_refused_in_a_sentence(tmp_path, name, save):
    save(tmp_path / name)
    (tmp_path / "birds.toml").write_text(TOML)
    classifier = catalogue(tmp_path).load("birds")
    with pytest.raises(UnavailableError, match="Three birds was loaded from a file that gives no gradients"):
        classifier.network()
    with pytest.raises(UnavailableError, match="which Grad-CAM needs"):
        explain(classifier, IMAGE, 0, "gradcam")


def test_entry_has_the_name_and_the_labels_may_be_a_file(tmp_path):
    save_script(tmp_path / "birds.pt")
    (tmp_path / "birds.txt").write_text("tit\nfinch\n\nwren\n", encoding="utf-8")
    (tmp_path / "birds.toml").write_text(
        'labels = "birds.txt"\nsize = 16\nmean = [0, 0, 0]\nstd = [1, 1, 1]\n', encoding="utf-8"
    )
    (entry,) = own_entries(tmp_path)
    assert (entry.key, entry.label, entry.unavailable) == ("birds", "birds", None)
    card = catalogue(tmp_path).load("birds").card
    assert (card.labels, card.input_height, card.input_width) == (("tit", "finch", "wren"), 16, 16)


@pytest.mark.parametrize(
    ("toml", "reason"),
    [
        (None, "birds.pt needs a file birds.toml beside it."),
        ("labels = [", "birds.toml cannot be read: "),
        (TOML.replace("size", "sizes"), "birds.toml: size: field required."),
        (TOML + "colour = 1", "birds.toml: colour: extra inputs are not permitted."),
        (TOML.replace("0.2,", "0,"), "birds.toml: std: input should be greater than 0."),
        (TOML.replace('["tit", "finch", "wren"]', '"none.txt"'), "birds.pt: its labels file none.txt cannot be read"),
        (TOML.replace('["tit", "finch", "wren"]', "[]"), "birds.pt: there are no labels."),
    ],
)
def test_what_is_wrong_beside_a_model_is_said_in_its_entry(tmp_path, toml, reason):
    (tmp_path / "birds.pt").write_bytes(b"")
    if toml is not None:
        (tmp_path / "birds.toml").write_text(toml)
    (entry,) = own_entries(tmp_path)
    assert entry.unavailable.startswith(reason)
    with pytest.raises(UnavailableError):
        catalogue(tmp_path).load("birds")


@pytest.mark.parametrize("name", ["birds.pt", "birds.onnx"])
def test_a_file_that_is_no_model_is_said_when_it_is_loaded(tmp_path, name):
    (tmp_path / name).write_bytes(b"not a network")
    (tmp_path / "birds.toml").write_text(TOML)
    with pytest.raises(UnavailableError, match=f"^{name} cannot be run: "):
        catalogue(tmp_path).load("birds")


def test_another_number_of_labels_than_logits_is_said(tmp_path):
    save_script(tmp_path / "birds.pt")
    (tmp_path / "birds.toml").write_text(TOML.replace('"wren"', '"wren", "crow"'))
    with pytest.raises(UnavailableError, match=r"birds.pt gives 3 numbers .* there are 4 labels"):
        catalogue(tmp_path).load("birds")


def test_a_key_is_never_there_twice(tmp_path):
    for name in ("resnet50.pt", "birds.pt", "birds.onnx"):
        (tmp_path / name).write_bytes(b"")
    entries = catalogue(tmp_path).entries()
    assert len({entry.key for entry in entries}) == len(entries)
    reasons = {entry.key: entry.unavailable for entry in entries}
    assert reasons["resnet50.pt"] == "Another model is called resnet50 already; rename resnet50.pt."
    assert reasons["birds.onnx"] == "Another model is called birds already; rename birds.onnx."


@pytest.mark.parametrize("folder", [None, Path("a folder that is not there")])
def test_without_a_folder_there_are_only_the_built_in_models(tmp_path, folder):
    entries = Catalogue(folder, tmp_path).entries()
    assert len(entries) == 8
    assert all(entry.family != "Own models" for entry in entries)

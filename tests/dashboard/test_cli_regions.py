from __future__ import annotations

import json

import numpy as np
import pytest

from dashboard.vision.images import encode_png
from tests.support.pictures import gradient


def mask_png(path, rows, columns, size=(250, 250)):
    mask = np.zeros((*size, 3), np.uint8)
    mask[rows, columns] = 255
    path.write_bytes(encode_png(mask))
    return path


@pytest.fixture
def human(tmp_path):
    return mask_png(tmp_path / "human.png", slice(0, 100), slice(0, 100))


def test_two_regions_are_compared(run, tmp_path, human):
    model = mask_png(tmp_path / "model.png", slice(50, 150), slice(50, 150))
    code, out, _ = run("regions", "compare", human, model, "--json")
    found = json.loads(out)
    assert code == 0
    assert found["iou"] == pytest.approx(1 / 7)
    assert (found["human_coverage"], found["model_coverage"], found["auc"]) == (0.25, 0.25, None)
    code, out, _ = run("regions", "compare", human, model)
    assert (code, "iou              0.1429" in out, "auc              undefined" in out) == (0, True, True)


def test_a_map_is_compared_by_each_rule(run, tmp_path, human):
    values = np.zeros((250, 250), np.float32)
    values[:50, :100] = 2
    np.save(tmp_path / "map.npy", values)
    found = json.loads(run("regions", "compare", human, tmp_path / "map.npy", "--json", "--correct")[1])
    assert found["mass"] == 1.0
    assert found["case"]["name"] == "human aligned"
    found = json.loads(run("regions", "compare", human, tmp_path / "map.npy", "--threshold", "1", "--json")[1])
    assert (found["human_coverage"], found["model_coverage"], found["mass"]) == (0.5, 1.0, 1.0)
    assert found["rule"] == "threshold (at least 1)"
    found = json.loads(run("regions", "compare", human, tmp_path / "map.npy", "--rule", "otsu", "--json")[1])
    assert found["rule"] == "otsu"


def test_what_cannot_be_compared_is_said_in_a_line(run, tmp_path, human):
    np.save(tmp_path / "small.npy", np.zeros((3, 3)))
    np.save(tmp_path / "deep.npy", np.zeros((3, 3, 3)))
    (tmp_path / "broken.npy").write_bytes(b"no array")
    for bad in ("small.npy", "deep.npy", "broken.npy", "missing.npy"):
        code, out, error = run("regions", "compare", human, tmp_path / bad)
        assert (code, out) == (1, "")
        assert len(error.strip().splitlines()) == 1
    assert run("regions", "compare", human, tmp_path / "small.npy", "--rule", "best")[0] == 1


def test_regions_are_imported(run, tmp_path):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    (pictures / "cat.png").write_bytes(encode_png(gradient()))
    assert run("images", "import", pictures)[0] == 0
    mask = mask_png(tmp_path / "cat.png", slice(0, 10), slice(0, 10), (48, 64))
    code, out, _ = run("regions", "import", mask, tmp_path / "other.txt", "--class", "tabby", "--json")
    assert code == 1  # a file that is not there is a failure, not something to leave out
    (tmp_path / "other.txt").write_text("nothing")
    code, out, _ = run("regions", "import", mask, tmp_path / "other.txt", "--class", "tabby", "--json")
    report = json.loads(out)
    assert (code, len(report["taken"]), len(report["left_out"])) == (0, 1, 1)
    code, out, _ = run("regions", "import", mask, "--class", "tabby")
    assert "which was here already" in out

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import typer
from PIL import Image

from dashboard.cli import EXPLANATION_HELP, app
from dashboard.vision.explain import EXPLANATIONS
from tests.support.edits import MODEL
from tests.support.pictures import gradient, photograph, png
from tests.support.server import START

UNKNOWN = "0190a000-0000-7000-8000-000000000000"


@pytest.fixture
def answer(run):
    """What a successful command prints as JSON."""

    def call(*arguments: object):
        status, out, err = run(*arguments, "--json")
        assert (status, err) == (0, "")
        return json.loads(out)

    return call


@pytest.fixture
def refusal(run):
    """The one line that a failing command prints."""

    def call(*arguments: object) -> str:
        status, out, err = run(*arguments)
        assert (status, out) == (1, "")
        assert err.count("\n") == 1
        assert "Traceback" not in err
        return err.strip()

    return call


@pytest.fixture
def cat(tmp_path) -> Path:
    file = tmp_path / "cat.png"
    file.write_bytes(photograph("Chelsea the cat").read())
    return file


@pytest.fixture
def mask(tmp_path) -> Path:
    """The cat's face."""
    region = np.zeros((300, 451), np.uint8)
    region[20:200, 120:330] = 255
    file = tmp_path / "mask.png"
    file.write_bytes(png(region))
    return file


def assert_predictions(found, count: int = 5) -> None:
    assert len(found) == count
    assert all(set(entry) == {"index", "label", "probability"} for entry in found)
    probabilities = [entry["probability"] for entry in found]
    assert probabilities == sorted(probabilities, reverse=True)
    assert 0 <= probabilities[-1] <= probabilities[0] <= 1


# --- every command ------------------------------------------------------------------------------------------------


def test_classify(answer, cat, data_dir, tmp_path):
    Image.fromarray(gradient(30, 40)).save(tmp_path / "other.jpg")
    first, second = answer("classify", cat, tmp_path / "other.jpg")
    assert set(first) == {"image", "model", "predictions"}
    assert (first["image"], first["model"], second["image"]) == (str(cat), MODEL, str(tmp_path / "other.jpg"))
    assert_predictions(first["predictions"])
    assert first["predictions"][0]["label"] == "Egyptian cat"
    assert first["predictions"][0]["index"] == 285
    assert first["predictions"][0]["probability"] == pytest.approx(0.77, abs=0.02)
    assert not (data_dir / "regionscope.sqlite").exists()


def test_classify_more_or_fewer_answers(answer, cat):
    assert_predictions(answer("classify", cat, "--top", 1)[0]["predictions"], 1)
    everything = answer("classify", cat, "--top", 5000)[0]["predictions"]
    assert_predictions(everything, 1000)
    assert sum(entry["probability"] for entry in everything) == pytest.approx(1, abs=1e-4)


def test_edit_records_a_session_and_changes_nothing_outside_the_mask(answer, cat, mask, tmp_path):
    output = tmp_path / "out.png"
    found = answer("edit", cat, "--mask", mask, "-o", output)
    assert set(found) == {"session", "edit", "mask_area", "before", "after", "flipped", "output"}
    assert found["mask_area"] == 180 * 210 / (300 * 451)
    assert found["output"] == str(output)
    assert_predictions(found["before"])
    assert_predictions(found["after"])
    assert found["flipped"] is (found["before"][0]["index"] != found["after"][0]["index"])
    assert found["before"][0]["label"] == "Egyptian cat"
    before, after = np.asarray(Image.open(cat)), np.asarray(Image.open(output))
    inside = np.asarray(Image.open(mask)) > 0
    assert (after[~inside] == before[~inside]).all()
    assert (after[inside] != before[inside]).any()
    shown = answer("sessions", "show", found["session"])
    (edit,) = shown["edits"]
    assert edit["id"] == found["edit"]
    assert edit["predictions"] == [{"model": MODEL, "predictions": found["after"]}]
    assert (edit["flipped"], edit["mask_area"]) == (found["flipped"], found["mask_area"])


def test_edit_of_a_large_picture_works_on_its_copy(answer, tmp_path):
    large = np.tile(gradient(), (20, 20, 1))
    (tmp_path / "large.png").write_bytes(png(large))
    region = np.zeros((960, 1280), np.uint8)
    region[:480] = 1
    (tmp_path / "full.png").write_bytes(png(region))
    found = answer(
        "edit", tmp_path / "large.png", "--mask", tmp_path / "full.png", "--method", "mean", "-o", tmp_path / "o.png"
    )
    assert found["mask_area"] == 0.5
    assert Image.open(tmp_path / "o.png").size == (512, 384)
    region[192:] = 0
    (tmp_path / "small.png").write_bytes(png(region[:384, :512]))
    small = answer("edit", tmp_path / "large.png", "--mask", tmp_path / "small.png", "--method", "mean")
    assert (small["mask_area"], small["after"], small["output"]) == (0.5, found["after"], None)


def test_edit_takes_parameters(answer, cat, mask):
    found = answer("edit", cat, "--mask", mask, "--method", "blur", "--parameter", "radius=7")
    (edit,) = answer("sessions", "show", found["session"])["edits"]
    assert (edit["method"], edit["parameters"]) == ("blur", {"radius": 7})


def test_explain_writes_the_map_as_it_is(answer, cat, tmp_path):
    output = tmp_path / "map.npy"
    found = answer("explain", cat, "--method", "cam", "-o", output)
    class_map = np.load(output)
    assert (class_map.shape, class_map.dtype) == ((300, 451), np.float32)
    assert (found["label"], found["index"], found["size"]) == ("Egyptian cat", 285, [300, 451])
    assert (found["low"], found["high"]) == (float(class_map.min()), float(class_map.max()))
    assert class_map[tuple(found["peak"])] == class_map.max()
    # The face lies in the upper middle.
    assert 0 < found["peak"][0] < 200


def test_explain_any_class_by_name_or_number(answer, cat):
    by_name = answer("explain", cat, "--label", "TABBY")
    by_number = answer("explain", cat, "--label", "281", "--method", "gradcam")
    assert (by_name["index"], by_number["index"], by_number["label"]) == (281, 281, "tabby")
    assert by_name["output"] is None


def test_explain_takes_parameters(answer, cat):
    found = answer("explain", cat, "--method", "occlusion", "--parameter", "window=112", "--parameter", "stride=112")
    assert found["parameters"] == {"filling": "mean", "window": 112, "stride": 112}
    assert found["high"] > 0.01


def test_the_smallest_flip_is_a_mask_that_can_be_removed(answer, cat, tmp_path):
    output = tmp_path / "flip.png"
    quick = ["--parameter", "segments=20", "--parameter", "evaluations=60"]
    found = answer("explain", cat, "--method", "flip", *quick, "-o", output)
    assert found["flipped"] is True
    assert found["before"]["label"] == "Egyptian cat"
    mask = np.asarray(Image.open(output).convert("L")) > 0
    assert mask.shape == (300, 451)
    assert mask.mean() == pytest.approx(found["area"])
    edited = answer("edit", cat, "--mask", output, "--method", "telea", "-o", tmp_path / "edited.png")
    assert edited["flipped"] is True
    assert edited["after"][0]["label"] == found["after"]["label"]


def test_every_explanation_method_is_named_in_the_help():
    assert all(method.key in EXPLANATION_HELP for method in EXPLANATIONS)


def test_models_says_what_there_is_and_why_something_is_not(answer):
    found = {entry["key"]: entry for entry in answer("models")}
    assert {"efficientnet_lite0", "efficientnet_lite1", "efficientnet_lite2"} <= set(found)
    assert {"squeezenet1_1", "mobilenet_v3_large", "resnet50", "convnext_tiny", "vit_b_16"} <= set(found)
    assert found[MODEL]["unavailable"] is None
    for entry in found.values():
        assert set(entry) >= {"key", "label", "family", "explanation", "unavailable"}
        assert entry["unavailable"] is None or entry["label"] in entry["unavailable"]


def test_methods_says_what_there_is_and_what_it_takes(answer):
    found = {entry["key"]: entry for entry in answer("methods")}
    keys = "telea navier_stokes patchmatch resynthesizer torchscript blur mean noise keep_blur keep_gray"
    assert set(found) == set(keys.split())
    assert {entry["operation"] for entry in found.values()} == {"remove", "keep"}
    assert found["telea"]["unavailable"] is None
    assert "REGIONSCOPE_INPAINTING_NETWORK" in found["torchscript"]["unavailable"]
    for entry in found.values():
        for parameter in entry["parameters"]:
            assert parameter["minimum"] <= parameter["default"] <= parameter["maximum"]


def test_images_import(answer, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "good.png").write_bytes(png(gradient()))
    (folder / "bad.png").write_bytes(b"no picture")
    (tmp_path / "labels.csv").write_text("file,label\ngood.png,tabby\n")
    found = answer("images", "import", folder, "--set", "mine", "--labels", tmp_path / "labels.csv")
    assert set(found) == {"set", "added", "skipped"}
    assert [entry["name"] for entry in found["added"]] == ["good"]
    assert [entry["file"] for entry in found["skipped"]] == ["bad.png"]
    assert found["skipped"][0]["reason"].endswith(".")


def test_a_package_goes_out_is_verified_and_comes_back(answer, refusal, cat, mask, tmp_path, run):
    session = answer("edit", cat, "--mask", mask)["session"]
    written = answer("export", "--session", session, "--format", "psych-ds", "-o", tmp_path / "package")
    assert written["rows"]["edits"] == 1
    assert Path(written["output"]) == tmp_path / "package"
    assert any("Recruiters" in sentence for sentence in written["left_out"])
    verified = answer("verify", tmp_path / "package")
    assert verified["passed"]
    assert {one["check"]: one["problems"] for one in verified["checks"]}["answers"] == []
    added = answer("import", tmp_path / "package")["added"]
    assert (added["sessions"], added["edits"]) == (1, 1)
    assert len(answer("sessions", "list")) == 2
    answer("export", "--all", "-o", tmp_path / "all.zip")
    assert (tmp_path / "all.zip").is_file()
    assert "not empty" in refusal("export", "--all", "-o", tmp_path / "package")
    assert "what to export" in refusal("export", "-o", tmp_path / "nothing")
    assert "no session" in refusal("export", "--session", UNKNOWN, "-o", tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()
    (tmp_path / "package/README.md").write_text("x")
    assert "README.md was changed" in refusal("import", tmp_path / "package")
    status, out, _ = run("verify", tmp_path / "package", "--no-models")
    assert status == 1
    assert "README.md was changed" in out


def test_a_report_says_what_it_needs(answer, refusal, run, cat, mask, tmp_path):
    session = answer("edit", cat, "--mask", mask)["session"]
    answer("export", "--session", session, "-o", tmp_path / "package")
    page = tmp_path / "report.html"
    assert "studies are: none" in refusal("report", "--package", tmp_path / "package", "-o", page)
    assert "no study" in refusal("report", "--study", "nowhere", "-o", page)
    assert ".html or .pdf" in refusal("report", "--study", "nowhere", "-o", tmp_path / "report.doc")
    status, out, err = run("report", "-o", page)
    assert (status, out) == (2, "")
    assert "--study SLUG" in err
    assert not page.exists()


def test_demo_sessions_list_and_show(answer, refusal):
    recorded = answer("demo")
    assert len(recorded) >= 3
    listed = answer("sessions", "list")
    # Those of the demo study's participants are there as well.
    assert {entry["id"] for entry in listed} > {entry["session"] for entry in recorded}
    for entry in listed:
        assert set(entry) >= {"id", "name", "image", "created", "edit_count"}
        assert "edits" not in entry
    shown = answer("sessions", "show", listed[0]["id"])
    assert set(shown) >= {"id", "name", "image", "created", "edits"}
    assert "edit_count" not in shown
    assert len(shown["edits"]) == listed[0]["edit_count"]
    for edit in shown["edits"]:
        keys = {"id", "parent", "operation", "method", "parameters", "mask_area", "mask", "predictions", "flipped"}
        assert set(edit) >= keys | {"created"}
        assert set(edit["mask"]) == {"size", "counts"}
        assert_predictions(edit["predictions"][0]["predictions"])
    cat = answer("sessions", "list", "--image", "Chelsea the cat")
    assert {entry["image"] for entry in cat} == {"Chelsea the cat"}
    assert len(cat) == sum(entry["image"] == "Chelsea the cat" for entry in listed)
    assert answer("sessions", "list", "--image", "Nobody") == answer("sessions", "list", "--model", "resnet50") == []
    flipped = {entry["id"] for entry in answer("sessions", "list", "--flipped")}
    assert flipped == {
        entry["id"]
        for entry in listed
        if any(edit["flipped"] for edit in answer("sessions", "show", entry["id"])["edits"])
    }
    assert len(answer("sessions", "list", "--limit", 1)) == 1
    assert "sessions already" in refusal("demo")


def test_without_json_people_can_read_it(run, cat, mask, tmp_path):
    for arguments in (
        ["classify", cat],
        ["edit", cat, "--mask", mask],
        ["explain", cat],
        ["models"],
        ["methods"],
        ["sessions", "list"],
    ):
        status, out, err = run(*arguments)
        assert (status, err) == (0, "")
        assert out.strip()
        assert not out.startswith(("{", "["))
    assert "Egyptian cat" in run("classify", cat)[1]


# --- what goes wrong ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["classify", "edit", "explain"])
def test_a_picture_that_cannot_be_read_is_one_line(refusal, mask, tmp_path, command):
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "empty.png").write_bytes(b"")
    more = ["--mask", mask] if command == "edit" else []
    assert "missing.png" in refusal(command, tmp_path / "missing.png", *more)
    assert str(tmp_path) in refusal(command, tmp_path, *more)
    assert "not a picture" in refusal(command, tmp_path / "text.png", *more)
    assert "empty" in refusal(command, tmp_path / "empty.png", *more)


def test_names_that_do_not_exist_are_one_line(refusal, cat, mask):
    assert "magic" in refusal("classify", cat, "--model", "magic")
    assert "magic" in refusal("edit", cat, "--mask", mask, "--method", "magic")
    assert "magic" in refusal("edit", cat, "--mask", mask, "--model", "magic")
    assert "magic" in refusal("explain", cat, "--method", "magic")
    assert "magic" in refusal("explain", cat, "--label", "magic")
    assert refusal("explain", cat, "--label", "1000")
    assert "--label" in refusal("explain", cat, "--method", "flip", "--label", "tabby")
    assert refusal("explain", cat, "--label", "-1")
    assert "magic" in refusal("models", "--fetch", "magic")
    assert refusal("sessions", "show", "magic")
    assert refusal("sessions", "show", UNKNOWN)


def test_bad_masks_are_one_line_and_record_no_session(answer, refusal, cat, mask, tmp_path):
    for name, pixels in {
        "size.png": np.ones((30, 40), np.uint8),
        "empty.png": np.zeros((300, 451), np.uint8),
        "all.png": np.full((300, 451), 255, np.uint8),
    }.items():
        (tmp_path / name).write_bytes(png(pixels))
        assert refusal("edit", cat, "--mask", tmp_path / name).endswith(".")
    (tmp_path / "text.png").write_text("no mask")
    Image.fromarray(np.ones((300, 451), np.uint8)).save(tmp_path / "mask.jpg")
    for name in ("text.png", "mask.jpg", "missing.png", "."):
        assert refusal("edit", cat, "--mask", tmp_path / name)
    assert "451" in refusal("edit", cat, "--mask", tmp_path / "size.png")
    assert answer("sessions", "list") == []


def test_bad_parameters(run, refusal, cat, mask):
    for wrong in ("radius=wide", "radius=1e9", "radius=nan", "colour=red"):
        assert refusal("edit", cat, "--mask", mask, "--method", "blur", "--parameter", wrong)
    assert run("edit", cat, "--mask", mask, "--parameter", "radius")[0] == 2


def test_output_that_cannot_be_written_is_one_line(refusal, cat, mask, tmp_path):
    nowhere = tmp_path / "nowhere" / "out"
    assert "nowhere" in refusal("edit", cat, "--mask", mask, "-o", nowhere)
    assert "nowhere" in refusal("explain", cat, "-o", nowhere)


def test_images_that_cannot_be_imported(run, refusal, tmp_path):
    assert run("images", "import", tmp_path / "missing")[0] == 2
    (tmp_path / "file").write_text("x")
    assert run("images", "import", tmp_path / "file")[0] == 2
    folder = tmp_path / "folder"
    folder.mkdir()
    assert "labels.csv" in refusal("images", "import", folder, "--labels", tmp_path / "labels.csv")
    (tmp_path / "labels.csv").write_bytes(b"file,label\n\xe9,x\n")
    assert "labels.csv" in refusal("images", "import", folder, "--labels", tmp_path / "labels.csv")
    (tmp_path / "labels.csv").write_text("a,b\n")
    assert "labels.csv" in refusal("images", "import", folder, "--labels", tmp_path / "labels.csv")


WRONG_USAGE = [
    ["nonsense"],
    ["classify"],
    ["edit", "x.png"],
    ["classify", "x.png", "--top", "0"],
    ["classify", "x.png", "--nonsense"],
    ["serve", "--port", "70000"],
    ["serve", "--port", "x"],
    ["serve", "--workers", "0"],
    ["sessions"],
    ["sessions", "show"],
    ["sessions", "list", "--limit", "0"],
    ["images", "nonsense"],
    [],
]


@pytest.mark.parametrize("arguments", WRONG_USAGE, ids=" ".join)
def test_wrong_usage_is_status_2(run, arguments):
    assert run(*arguments)[0] == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [("THREADS", "many"), ("DEVICE", "abacus"), ("WORKING_PX", "1"), ("LOG_LEVEL", "LOUD")],
)
def test_settings_that_cannot_be_used_are_one_line(refusal, monkeypatch, name, value):
    monkeypatch.setenv(f"REGIONSCOPE_{name}", value)
    assert f"REGIONSCOPE_{name}" in refusal("models")


@pytest.mark.parametrize("url", ["nonsense", "postgresql+psycopg://u:secret@127.0.0.1:1/d?connect_timeout=2"])
@pytest.mark.parametrize("command", [["sessions", "list"], ["serve", "--port", "0"], ["demo"]], ids=" ".join)
def test_a_database_that_cannot_be_had_is_one_line(refusal, monkeypatch, url, command):
    monkeypatch.setenv("REGIONSCOPE_DATABASE_URL", url)
    assert "secret" not in refusal(*command)


def test_a_data_folder_that_cannot_be_used_is_one_line(run, refusal, monkeypatch, tmp_path, data_dir):
    (data_dir / "regionscope.sqlite").write_bytes(b"no database at all " * 100)
    assert refusal("sessions", "list").endswith(".")
    (tmp_path / "file").write_text("in the way")
    status, _, err = run("--data-dir", tmp_path / "file", "sessions", "list")
    assert status == 1
    assert err.count("\n") == 1


# --- the command as it is installed --------------------------------------------------------------------------------


def commands(group: typer.core.TyperGroup, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = [path]
    for name, command in group.commands.items():
        more = commands(command, (*path, name)) if hasattr(command, "commands") else [(*path, name)]
        found += more
    return found


EVERY_COMMAND = commands(typer.main.get_command(app))


def test_the_commands_of_the_contract_are_there():
    named = {" ".join(path) for path in EVERY_COMMAND}
    promised = {"serve", "classify", "edit", "explain", "models", "methods", "images import", "demo"}
    assert named >= promised | {"sessions list", "sessions show"}


@pytest.mark.parametrize("path", EVERY_COMMAND, ids=" ".join)
def test_every_command_and_option_explains_itself(run, path):
    status, out, err = run(*path, "--help")
    assert (status, err) == (0, "")
    assert "Usage:" in out
    command = typer.main.get_command(app)
    for name in path:
        command = command.commands[name]
    assert command.help
    assert command.help.endswith(".")


def in_shell(*arguments: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", START, *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, env=os.environ | environment, capture_output=True, text=True, check=False, timeout=120
    )


def test_the_real_command_prints_json_and_nothing_else(data_dir, cat, mask, tmp_path):
    done = in_shell("--data-dir", data_dir, "edit", cat, "--mask", mask, "--json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["output"] is None
    missing = in_shell("--data-dir", data_dir, "classify", "missing.png", cwd=tmp_path)
    assert (missing.returncode, missing.stdout) == (1, "")
    assert missing.stderr == "missing.png: No such file or directory\n"


def test_a_failing_database_leaves_no_traceback_on_the_screen(tmp_path):
    done = in_shell("sessions", "list", cwd=tmp_path, REGIONSCOPE_DATABASE_URL="sqlite:////dev/null/x")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_data_go_to_the_folder_data_where_nothing_is_said(tmp_path):
    assert in_shell("sessions", "list", cwd=tmp_path).returncode == 0
    assert (tmp_path / "data" / "regionscope.sqlite").is_file()


def test_a_port_in_use_is_a_failure_without_a_traceback(data_dir, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = in_shell("--data-dir", data_dir, "serve", "--port", taken.getsockname()[1], cwd=tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr

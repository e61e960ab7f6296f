from __future__ import annotations

import os

import numpy as np
import pytest
from PIL import Image

from dashboard.recording.edits import apply_edit
from dashboard.recording.pictures import (
    FREE_PHOTOGRAPHS,
    About,
    add_picture,
    ensure_gallery,
    import_folder,
    read_labels,
)
from dashboard.vision.errors import PictureError
from db import queries
from db.errors import StorageError
from tests.support.edits import edit_request, sitting
from tests.support.pictures import add_small, gradient, photograph, pixels_of, png
from tests.support.rows import assert_whole, blob_names, row_counts


def gallery(workspace):
    with workspace.database.read() as transaction:
        return queries.pictures(transaction, "gallery")


def test_the_gallery_holds_every_free_photograph_once(stored):
    ensure_gallery(stored)
    ensure_gallery(stored)
    found = {picture.name: picture for picture in gallery(stored)}
    assert set(found) == {"Chelsea the cat", "Cup of coffee", "Rocket", "Astronaut", "Motorcycle", "Grace Hopper"}
    assert len(gallery(stored)) == len(FREE_PHOTOGRAPHS) == 6
    assert {picture.licence for picture in found.values()} == {"CC0", "public domain"}
    assert (found["Chelsea the cat"].width, found["Chelsea the cat"].height) == (451, 300)
    assert found["Cup of coffee"].true_label == "espresso"
    assert max(found["Motorcycle"].working_width, found["Motorcycle"].working_height) == 512
    assert_whole(stored.database, stored.blobs)


def test_a_photograph_that_cannot_be_had_is_left_out_and_logged(workspace, monkeypatch, caplog):
    missing = [photograph("Rocket"), *FREE_PHOTOGRAPHS[:1]]
    object.__setattr__(missing[0], "path", "data/nothing.jpg")
    monkeypatch.setattr("dashboard.recording.pictures.FREE_PHOTOGRAPHS", missing)
    try:
        ensure_gallery(workspace)
    finally:
        object.__setattr__(missing[0], "path", "data/rocket.jpg")
    assert [picture.name for picture in gallery(workspace)] == ["Chelsea the cat"]
    assert "rocket.jpg" in caplog.text


def test_an_upload_keeps_its_pixels_and_works_on_a_copy(stored):
    large = np.tile(gradient(), (20, 20, 1))
    picture = add_picture(stored, png(large), About("Large"))
    assert (picture.width, picture.height) == (1280, 960)
    assert (picture.working_width, picture.working_height) == (512, 384)
    assert (pixels_of(stored, picture.original_blob) == large).all()
    assert pixels_of(stored, picture.working_blob).shape == (384, 512, 3)
    assert len(blob_names(stored.blobs)) == 2
    small = add_small(stored)
    assert small.original_blob == small.working_blob


def test_the_same_pixels_in_another_file_are_the_same_picture(stored, tmp_path):
    first = add_small(stored)
    Image.fromarray(gradient()).save(tmp_path / "x.bmp")
    assert add_picture(stored, (tmp_path / "x.bmp").read_bytes(), About("Another name")) == first
    assert row_counts(stored.database)["images"] == 1


@pytest.mark.parametrize("data", [b"", b"no picture", png(gradient())[:-20], png(gradient(8, 8)), b"<svg/>"])
def test_what_is_refused_is_not_kept(stored, data):
    with pytest.raises(PictureError):
        add_picture(stored, data, About("Bad"))
    assert row_counts(stored.database)["images"] == 0
    assert not stored.blobs.root.exists()


def test_a_name_that_no_database_can_hold_is_made_one_that_it_can(stored):
    picture = add_picture(stored, png(gradient()), About("caf\udce9 \0", "set\0"))
    assert (picture.name, picture.image_set) == ("caf? ?", "set?")


def test_a_full_disk_keeps_no_picture(stored, monkeypatch):
    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        with pytest.raises(StorageError):
            add_small(stored)
    assert row_counts(stored.database)["images"] == 0
    assert blob_names(stored.blobs) == set()
    add_small(stored)


def test_a_folder_is_imported_and_bad_files_are_listed(stored, tmp_path):
    folder = tmp_path / "pictures"
    (folder / "deeper").mkdir(parents=True)
    (folder / "b.png").write_bytes(png(gradient()))
    Image.fromarray(gradient(30, 40)).save(folder / "a.jpg")
    (folder / "broken.png").write_bytes(png(gradient())[:-20])
    (folder / "notes.txt").write_text("no picture")
    (folder / ".hidden.png").write_bytes(png(gradient(20, 20)))
    (folder / "deeper" / "c.png").write_bytes(png(gradient(22, 22)))
    report = import_folder(stored, folder, "mine", {"b.png": "tabby", "elsewhere.png": "x"})
    assert [(p.name, p.source, p.image_set, p.true_label) for p in report.added] == [
        ("a", "a.jpg", "mine", None),
        ("b", "b.png", "mine", "tabby"),
    ]
    assert [name for name, _ in report.skipped] == ["broken.png", "notes.txt"]
    assert all(reason.endswith(".") for _, reason in report.skipped)
    with stored.database.read() as transaction:
        assert len(queries.pictures(transaction, "mine")) == 2
    apply_edit(stored, edit_request(sitting(report.added[1])))


def test_a_file_name_that_is_not_utf8_is_imported(stored, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name, data in ((b"caf\xe9.png", png(gradient())), (b"bad\xe9.png", b"no")):
        with open(os.fsencode(folder) + b"/" + name, "wb") as file:  # noqa: PTH123
            file.write(data)
    report = import_folder(stored, folder, "mine")
    assert [picture.name for picture in report.added] == ["caf?"]
    assert [name for name, _ in report.skipped] == ["bad?.png"]


def test_labels_are_read_by_file_name(tmp_path):
    file = tmp_path / "labels.csv"
    file.write_text('\ufefffile,label,more\na.png,tabby,1\n"b,c.png",Egyptian cat,2\n', encoding="utf-8")
    assert read_labels(file) == {"a.png": "tabby", "b,c.png": "Egyptian cat"}


@pytest.mark.parametrize("content", [b"", b"name,class\na,b\n", b"file,label\na.png,caf\xe9\n", b"\x89PNG\r\n\x1a\n\0"])
def test_a_file_that_holds_no_labels_is_refused(tmp_path, content):
    (tmp_path / "labels.csv").write_bytes(content)
    with pytest.raises(PictureError, match=r"labels\.csv"):
        read_labels(tmp_path / "labels.csv")

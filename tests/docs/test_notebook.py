"""The worked notebook runs from its first cell to its last, and shows what is stored in it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.docs import notebook

NUMBER = re.compile(r"-?\d+\.\d+")


@pytest.fixture
def cells() -> list[dict[str, Any]]:
    return notebook.code_cells(notebook.read())


def test_the_notebook_goes_from_two_masks_to_the_tables_stored_in_it(cells, data_dir, monkeypatch):
    monkeypatch.setenv("REGIONSCOPE_DATA_DIR", str(data_dir))
    names: dict[str, Any] = {}
    shown = notebook.run(cells, names)
    assert sum("text/html" in data for data in shown) == 3
    for cell, data in zip(cells, shown, strict=True):
        [stored] = [output["data"] for output in cell["outputs"]] or [{}]
        assert set(stored) == set(data)
        for kind, text in data.items():
            assert_alike("".join(stored[kind]), text)
    table, effects = names["table"], names["effect_table"]
    assert list(table.index) == list(effects.index) == ["Ann", "Ben"]
    assert table["auc"].between(0.5, 1).all()
    assert effects.notna().all().all()
    assert effects["causal advantage"].to_numpy() == pytest.approx(
        (effects["person"] - effects["random, mean"]).to_numpy()
    )


def test_the_cells_are_numbered_as_they_ran(cells):
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))


def assert_alike(stored: str, shown: str) -> None:
    """The same words, and the same numbers but for what another processor rounds otherwise."""
    assert NUMBER.sub("#", stored).split() == NUMBER.sub("#", shown).split()
    first, second = ([float(number) for number in NUMBER.findall(text)] for text in (stored, shown))
    assert first == pytest.approx(second, abs=0.003)


@pytest.mark.parametrize("other", ["Ann 0.710", "Ben 0.719", "Ben 0.71 0.2"])
def test_what_differs_is_noticed(other):
    assert_alike("Ben  0.71", "Ben 0.712")
    with pytest.raises(AssertionError):
        assert_alike("Ben 0.71", other)

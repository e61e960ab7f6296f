"""The worked notebook runs from its first cell to its last, and its tables hold what they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

NOTEBOOK = Path(__file__).resolve().parents[2] / "docs" / "two-masks-to-a-table.ipynb"


@pytest.fixture
def ran(data_dir, monkeypatch) -> dict[str, Any]:
    """The notebook's names after all its code, run in order."""
    monkeypatch.setenv("REGIONSCOPE_DATA_DIR", str(data_dir))
    names: dict[str, Any] = {}
    for cell in json.loads(NOTEBOOK.read_text())["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    return names


def test_the_notebook_goes_from_two_masks_to_tables(ran):
    table, effects = ran["table"], ran["effect_table"]
    assert list(table.index) == list(effects.index) == ["Ann", "Ben"]
    assert table["iou"].between(0.1, 1).all()
    assert table["auc"].between(0.5, 1).all()
    assert effects.notna().all().all()
    assert effects["causal advantage"].to_numpy() == pytest.approx(
        (effects["person"] - effects["random, mean"]).to_numpy()
    )


def test_no_output_is_kept_in_it():
    for cell in json.loads(NOTEBOOK.read_text())["cells"]:
        assert not cell.get("outputs")

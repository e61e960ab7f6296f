"""The worked notebook: run as Jupyter runs it, and its outputs stored (``python -m tests.docs.notebook``)."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pandas

NOTEBOOK = Path(__file__).resolve().parents[2] / "docs" / "two-masks-to-a-table.ipynb"
Cell = dict[str, Any]


def read() -> dict[str, Any]:
    """The notebook's file."""
    found: dict[str, Any] = json.loads(NOTEBOOK.read_text())
    return found


def code_cells(notebook: dict[str, Any]) -> list[Cell]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def run(cells: list[Cell], names: dict[str, Any]) -> list[dict[str, str]]:
    """Runs the cells in order and gives what each shows, by its media type; nothing for one that ends in a statement.

    ``names`` holds all names afterwards.
    """
    # A terminal's width would otherwise decide how a table is written.
    with pandas.option_context("display.max_columns", 20, "display.width", 160):
        return [_run("".join(cell["source"]), names) for cell in cells]


def _run(source: str, names: dict[str, Any]) -> dict[str, str]:
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, NOTEBOOK.name, "exec"), names)
    if not isinstance(last, ast.Expr):
        return {}
    value = eval(compile(ast.Expression(last.value), NOTEBOOK.name, "eval"), names)
    as_html = getattr(value, "_repr_html_", None)
    return ({"text/html": as_html()} if as_html else {}) | {"text/plain": repr(value)}


def _store() -> None:
    notebook = read()
    cells = code_cells(notebook)
    for number, (cell, shown) in enumerate(zip(cells, run(cells, {}), strict=True), 1):
        data = {kind: text.splitlines(keepends=True) for kind, text in shown.items()}
        result = {"data": data, "execution_count": number, "metadata": {}, "output_type": "execute_result"}
        cell |= {"execution_count": number, "outputs": [result] if data else []}
    NOTEBOOK.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    _store()

"""Whatever somebody typed comes out again as it went in, and is a formula to no spreadsheet."""

from __future__ import annotations

import csv
import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dashboard.exports.package.cells import PackageError, TableFile, cell, rows_of, value_of
from dashboard.exports.package.columns import Column
from dashboard.exports.package.numbering import Names, restore

KNOWN, OTHER = "0190a000-0000-7000-8000-000000000000", "0190a000-0000-7000-8000-0000000000ff"
TEXT = Column("words", "text", "")
JSON = Column("content", "json", "")
NUMBER = Column("value", "number", "")
# What a database of ours keeps: no NUL, no half of a surrogate pair.
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), min_size=1)
FORMULAS = ['=cmd|" /C calc"!A0', "+1", "-1", "@x", "'", "''", "\t=1", "\r\n"]
HOSTILE = [*FORMULAS, 'a"b,c', "👩\u200d🔬", "שלום", "\u202eabc", "\ufeff"]
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(TEXTS, min_size=1, max_size=5))
@example(HOSTILE)
def test_texts_come_out_as_they_went_in(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("cells") / "t.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        table = TableFile(file, [TEXT, NUMBER])
        for text in texts:
            table.add({"words": text, "value": None})
    assert [row["words"] for row in rows_of(path, [TEXT, NUMBER])] == texts
    with path.open(newline="", encoding="utf-8") as file:
        for words, _ in list(csv.reader(file))[1:]:
            assert words[0] not in "=+-@\t\r\n"


@given(VALUES)
def test_json_comes_out_as_it_went_in(value):
    found = value_of(JSON, cell(JSON, value))
    assert found == value


@given(st.floats())
def test_numbers_come_out_to_the_last_bit(value):
    text = cell(NUMBER, value)
    found = value_of(NUMBER, text)
    assert found is None if not math.isfinite(value) else found == value


def test_moments_are_utc_in_iso_8601():
    column = Column("at", "datetime", "")
    moment = datetime(2026, 11, 24, 1, 2, 3, 456789, UTC)
    assert cell(column, moment) == "2026-11-24T01:02:03.456789Z"
    assert value_of(column, cell(column, moment)) == moment


@pytest.mark.parametrize(
    ("kind", "text"),
    [("integer", "1.5"), ("number", "nan"), ("boolean", "yes"), ("json", "{"), ("datetime", "yesterday")],
)
def test_what_is_no_such_value_is_said(kind, text):
    with pytest.raises(PackageError, match=kind):
        value_of(Column("x", kind, ""), text)


@given(VALUES)
def test_ids_inside_of_json_are_renamed_and_nothing_else(value):
    names = Names.__new__(Names)
    vars(names).update(_keep=False, _public={KNOWN: "E1", "x": "S2"}, _outside={})
    back = {name: public for public, name in vars(names)["_public"].items()}
    assert restore(names.translate(value), lambda name: back.get(name, name)) == value
    assert names.translate({"edit": "x"}) == {"edit": "id:S2"}
    assert restore("id:S2", back.__getitem__) == "x"


def test_ids_of_what_is_not_in_the_package_are_renamed_too():
    names = Names.__new__(Names)
    vars(names).update(_keep=False, _public={KNOWN: "E1"}, _outside={})
    payload = {"edit": OTHER, "of": [f"edit:{KNOWN}", f"session:{OTHER.upper()}"], "again": OTHER}
    assert names.translate(payload) == {"edit": "id:U1", "of": ["edit:E1", "session:U1"], "again": "id:U1"}
    assert (names.reference(OTHER), names.reference(KNOWN), names.reference(None)) == ("U1", "E1", None)
    vars(names)["_keep"] = True
    assert names.translate(payload) == payload


def test_a_cell_too_many_is_said(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("words,value\na,1,2\n")
    with pytest.raises(PackageError, match="row 2: 3 cells, not 2"):
        list(rows_of(path, [TEXT, NUMBER]))

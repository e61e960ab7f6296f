"""Whatever a participant may be told has a German sentence, and nothing is translated that nobody says."""

from __future__ import annotations

import ast
from pathlib import Path

from dashboard.studies import telling
from dashboard.studies.wording import TEXTS

ROOT = Path(telling.__file__).parents[1]
WAY = ("answering", "answers", "drawing", "leaving", "noting", "place")


def sentences():
    """Every sentence that the modules of her way raise as it stands."""
    for name in WAY:
        tree = ast.parse((ROOT / "studies" / f"{name}.py").read_text(encoding="utf-8"))
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            if getattr(call.func, "id", "").endswith(("Error", "_require")):
                for word in call.args:
                    if isinstance(word, ast.Constant) and str(word.value).endswith("."):
                        yield word.value


def test_every_sentence_of_her_way_has_a_german_one():
    found = set(sentences())
    assert len(found) > 20
    assert {one for one in found if telling.in_language(one, "de").endswith(f"({one})")} == set()


def test_what_is_not_foreseen_is_told_as_it_is():
    assert telling.in_language("The moon fell down.", "de") == "Das ging nicht (The moon fell down.)"
    assert telling.in_language("The moon fell down.", "en") == "The moon fell down."


def test_every_wording_is_said_somewhere_in_both_languages():
    assert set(TEXTS["en"]) == set(TEXTS["de"])
    folders = ("dashboard/studies", "dashboard/participants", "assets/participant")
    files = [file for folder in folders for file in (ROOT.parent / folder).iterdir() if file.suffix in (".py", ".js")]
    said = "".join(file.read_text(encoding="utf-8") for file in files if file.name != "wording.py")
    assert [key for key in TEXTS["en"] if f'"{key}"' not in said] == []

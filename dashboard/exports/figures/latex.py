"""Figures and tables as a LaTeX document takes them, with the references of the methods."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from dashboard.exports.figures.parts import Drawn
from dashboard.exports.figures.references import REFERENCES
from dashboard.studies.results.sections import Table

_SPECIAL = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': "''", "−": "$-$", "▲": r"$\uparrow$", "▼": r"$\downarrow$", "×": r"$\times$",
    "±": r"$\pm$", "≥": r"$\geq$", "≤": r"$\leq$", "→": r"$\rightarrow$", "·": r"$\cdot$", "°": r"$^\circ$",
    "“": "``", "”": "''", "„": ",,", "‘": "`", "’": "'", "…": r"\ldots{}", "–": "--", "—": "---", "\u00a0": "~",
    "κ": r"$\kappa$", "α": r"$\alpha$", "ß": r"\ss{}", "æ": r"\ae{}", "Æ": r"\AE{}", "ø": r"\o{}", "Ø": r"\O{}",
    "œ": r"\oe{}", "ł": r"\l{}", "Ł": r"\L{}", "ı": r"\i{}",
}  # fmt: skip
# An accent as Unicode combines it, and as TeX does.
_ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0306": "u", "\u0307": ".",
    "\u0308": '"',
    "\u030a": "r", "\u030b": "H", "\u030c": "v", "\u0327": "c", "\u0328": "k",
}  # fmt: skip


def escape(text: str) -> str:
    """Any text as LaTeX sets it, pdfLaTeX with its usual fonts too: a letter that those lack becomes “?”."""
    return "".join(map(_letter, text))


def _letter(letter: str) -> str:
    if letter in _SPECIAL:
        return _SPECIAL[letter]
    if letter.isascii():
        return letter if letter.isprintable() else " "
    parts = unicodedata.normalize("NFD", letter)
    if len(parts) == 2 and parts[0].isascii() and parts[0].isalpha() and parts[1] in _ACCENTS:
        return f"\\{_ACCENTS[parts[1]]}{{{parts[0]}}}"
    return "?" if letter.isprintable() else " "


def references(keys: Iterable[str]) -> str:
    """BibTeX entries."""
    return "\n\n".join(REFERENCES[key] for key in sorted(set(keys))) + "\n"


def figure(drawn: Drawn, file: str) -> str:
    """A figure environment around a file, with caption and label; needs the package graphicx."""
    cited = f" \\cite{{{','.join(drawn.cites)}}}" if drawn.cites else ""
    wide = drawn.look is not None and drawn.look.width.endswith("-wide")
    environment = "figure*" if wide else "figure"
    return "\n".join(
        [
            f"\\begin{{{environment}}}[t]",
            "  \\centering",
            f"  % {' '.join(drawn.alt.split())}",
            f"  \\includegraphics{{{_file(file)}}}",
            f"  \\caption{{{escape(drawn.caption)}{cited}}}",
            f"  \\label{{fig:{_label(file)}}}",
            f"\\end{{{environment}}}",
            "",
        ]
    )


def table(found: Table) -> str:
    """A table of results; needs the packages booktabs and siunitx."""
    numeric = {name for name in found.columns if _is_numeric(found, name)}
    columns = "".join("S" if name in numeric else "l" for name in found.columns)
    head = " & ".join(f"{{{escape(name.replace('_', ' '))}}}" for name in found.columns)
    lines = [
        "\\begin{table}[t]",
        "  \\centering",
        f"  \\caption{{{escape(found.title)}. {escape(found.note)}}}",
        f"  \\label{{tab:{_label(found.name)}}}",
        f"  \\begin{{tabular}}{{{columns}}}",
        "    \\toprule",
        f"    {head} \\\\",
        "    \\midrule",
        *(
            f"    {' & '.join(_cell(row.get(name), name in numeric) for name in found.columns)} \\\\"
            for row in found.rows
        ),
        "    \\bottomrule",
        "  \\end{tabular}",
        "\\end{table}",
        "",
    ]
    return "\n".join(lines)


def _file(name: str) -> str:
    """A file's name as \\includegraphics takes it: what TeX would read as a command is detokenized."""
    stem, dot, ending = name.rpartition(".")
    special = any(not (letter.isascii() and (letter.isalnum() or letter in "-_/")) for letter in stem)
    # % begins a comment and # a parameter even there, so such a name is written without them: rename the file.
    plain = re.sub(r"[%#{}\\\\~$&^\"]", "-", stem)
    return f"{{\\detokenize{{{plain}}}}}{dot}{ending}" if special else name


def _is_numeric(found: Table, name: str) -> bool:
    values = [row.get(name) for row in found.rows]
    there = [value for value in values if value is not None and value != ""]
    return bool(there) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in there)


def _cell(value: Any, numeric: bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value == "" or (isinstance(value, float) and not math.isfinite(value)):
        return "{--}" if numeric else "--"
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) >= 1e-4 or value == 0 else f"{value:.1e}"
    return str(value) if numeric else escape(str(value))


def _label(text: str) -> str:
    return re.sub(r"[^0-9A-Za-z]+", "-", text.rpartition("/")[2].rpartition(".")[0] or text).strip("-").lower()

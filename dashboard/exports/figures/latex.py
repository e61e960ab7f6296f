"""Figures and tables as a LaTeX document takes them, with the references of the methods."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

from dashboard.exports.figures.parts import Drawn
from dashboard.studies.results.sections import Table

_SPECIAL = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "−": "$-$", "▲": r"$\uparrow$", "▼": r"$\downarrow$",
    "“": "``", "”": "''", "…": r"\ldots{}", "κ": r"$\kappa$", "α": r"$\alpha$",
}  # fmt: skip
REFERENCES = {
    "cabrera2018": """@misc{cabrera2018,
  author = {Cabrera, {\\'A}ngel Alexander and Hohman, Fred and Lin, Jason and Chau, Duen Horng},
  title = {Interactive Classification for Deep Learning Interpretation},
  note = {Demo at the IEEE Conference on Computer Vision and Pattern Recognition (CVPR)},
  eprint = {1806.05660},
  archiveprefix = {arXiv},
  year = {2018}
}""",
    "zhou2016": """@inproceedings{zhou2016,
  author = {Zhou, Bolei and Khosla, Aditya and Lapedriza, Agata and Oliva, Aude and Torralba, Antonio},
  title = {Learning Deep Features for Discriminative Localization},
  booktitle = {IEEE Conference on Computer Vision and Pattern Recognition (CVPR)},
  pages = {2921--2929},
  doi = {10.1109/CVPR.2016.319},
  year = {2016}
}""",
    "telea2004": """@article{telea2004,
  author = {Telea, Alexandru},
  title = {An Image Inpainting Technique Based on the Fast Marching Method},
  journal = {Journal of Graphics Tools},
  volume = {9},
  number = {1},
  pages = {23--34},
  doi = {10.1080/10867651.2004.10487596},
  year = {2004}
}""",
    "bertalmio2001": """@inproceedings{bertalmio2001,
  author = {Bertalmio, Marcelo and Bertozzi, Andrea L. and Sapiro, Guillermo},
  title = {Navier--{S}tokes, Fluid Dynamics, and Image and Video Inpainting},
  booktitle = {IEEE Conference on Computer Vision and Pattern Recognition (CVPR)},
  doi = {10.1109/CVPR.2001.990497},
  year = {2001}
}""",
    "barnes2009": """@article{barnes2009,
  author = {Barnes, Connelly and Shechtman, Eli and Finkelstein, Adam and Goldman, Dan B},
  title = {{PatchMatch}: A Randomized Correspondence Algorithm for Structural Image Editing},
  journal = {ACM Transactions on Graphics},
  volume = {28},
  number = {3},
  doi = {10.1145/1531326.1531330},
  year = {2009}
}""",
    "boggust2022": """@inproceedings{boggust2022,
  author = {Boggust, Angie and Hoover, Benjamin and Satyanarayan, Arvind and Strobelt, Hendrik},
  title = {Shared Interest: Measuring Human-{AI} Alignment to Identify Recurring Patterns in Model Behavior},
  booktitle = {CHI Conference on Human Factors in Computing Systems},
  doi = {10.1145/3491102.3501965},
  year = {2022}
}""",
    "efron1987": """@article{efron1987,
  author = {Efron, Bradley},
  title = {Better Bootstrap Confidence Intervals},
  journal = {Journal of the American Statistical Association},
  volume = {82},
  number = {397},
  pages = {171--185},
  doi = {10.1080/01621459.1987.10478410},
  year = {1987}
}""",
    "holm1979": """@article{holm1979,
  author = {Holm, Sture},
  title = {A Simple Sequentially Rejective Multiple Test Procedure},
  journal = {Scandinavian Journal of Statistics},
  volume = {6},
  number = {2},
  pages = {65--70},
  year = {1979}
}""",
    "fleiss1971": """@article{fleiss1971,
  author = {Fleiss, Joseph L.},
  title = {Measuring Nominal Scale Agreement Among Many Raters},
  journal = {Psychological Bulletin},
  volume = {76},
  number = {5},
  pages = {378--382},
  doi = {10.1037/h0031619},
  year = {1971}
}""",
}


def escape(text: str) -> str:
    """Any text as LaTeX sets it."""
    return "".join(_SPECIAL.get(letter, letter) for letter in text)


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
            f"  \\includegraphics{{{file}}}",
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


def _is_numeric(found: Table, name: str) -> bool:
    values = [row.get(name) for row in found.rows]
    return any(isinstance(value, int | float) for value in values) and not any(
        isinstance(value, str) and value for value in values
    )


def _cell(value: Any, numeric: bool) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "{--}" if numeric else "--"
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) >= 1e-4 or value == 0 else f"{value:.1e}"
    return str(value) if numeric else escape(str(value))


def _label(text: str) -> str:
    return re.sub(r"[^0-9A-Za-z]+", "-", text.rpartition("/")[2].rpartition(".")[0] or text).strip("-").lower()

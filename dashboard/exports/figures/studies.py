"""Figures of a study's results."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes

from dashboard.exports.figures.look import FigureError, Look
from dashboard.exports.figures.parts import Drawn, in_lines, new_figure, written
from dashboard.exports.figures.reading import Asked
from dashboard.exports.figures.source import Source
from dashboard.studies.results.sections import Results, Table


@dataclass(frozen=True)
class Tables:
    """Which tables of the results a kind of figure draws: those that are drawn so, and further ones by their names.

    ``usual`` is drawn where none is asked for; without ``drawn`` there is no other.
    """

    usual: str
    drawn: str = ""
    further: tuple[str, ...] = ()

    def of(self, results: Results) -> Iterator[Table]:
        """Those of these results."""
        for section in results.sections:
            yield from (one for one in section.tables if one.rows and self._is_drawn(one))

    def asked(self, results: Results, name: str = "") -> Table:
        """The one of this name, the usual one for an empty one; raises FigureError."""
        found = results.table(name or self.usual)
        if found is None or not found.rows:
            raise FigureError("Nobody's answers are enough for this figure yet.")
        if not self._is_drawn(found):
            there = ", ".join(one.name for one in self.of(results))
            raise FigureError(f"{found.title} is no table of {self.drawn}; there are {there}.")
        return found

    def _is_drawn(self, table: Table) -> bool:
        if not self.drawn:
            return table.name == self.usual
        return table.drawn == self.drawn or table.name in self.further


MEANS = Tables("iou-by-class", "means", ("ceiling",))
SHARES = Tables("cases", "shares")
DROPS = Tables("necessity")
HATCHES = ("", "///", "...", "\\\\\\", "xxx", "++", "oo", "--")


def alignment(source: Source, asked: Asked, look: Look) -> Drawn:
    """Means with 95 % intervals, a row a group: agreement by class, or another table of the results."""
    results = source.results(asked.of)
    table = MEANS.asked(results, asked.table)
    if table.drawn == "standing":
        return _standings(table, results, look)
    is_share = table.name.startswith(("iou", "auc"))
    drawn = _means(table, look, _axis(table), (0, 1) if is_share else None)
    caption = f"{table.title}: means with 95 % intervals (BCa bootstrap), {_people(results)}.{_left_out(results)}"
    if table.name == MEANS.usual:
        caption = (
            f"Agreement of people's regions with the model's of equal area (IoU) by class: means with 95 % intervals "
            f"(BCa bootstrap), {_people(results)}.{_left_out(results)}"
        )
    return _worded(drawn, table, caption, ("zhou2016", "efron1987") if is_share else ("efron1987",))


def _axis(table: Table) -> str:
    if table.name.startswith("iou"):
        return "IoU with the model's region"
    return "AUC of the model's map" if table.name.startswith("auc") else table.unit or table.title.lower()


def necessity(source: Source, asked: Asked, look: Look) -> Drawn:
    """Drops of the class's probability when people's, the model's and random regions are removed."""
    results = source.results(asked.of)
    table = DROPS.asked(results)
    drawn = _means(table, look, "drop, percentage points", None)
    caption = (
        f"Drop of the class's probability when regions are removed by inpainting (Telea): what people marked, the "
        f"model's region of equal area, and random regions of equal area. Means with 95 % intervals (BCa bootstrap), "
        f"{_people(results)}.{_left_out(results)}"
    )
    return _worded(drawn, table, caption, ("telea2004", "zhou2016", "efron1987"))


def _people(results: Results) -> str:
    return f"{results.counted} of {results.participants} participants"


def _left_out(results: Results) -> str:
    found = results.table("left-out")
    reasons = [f"{row['people']} {row['reason']}" for row in found.rows if row["people"]] if found else []
    return f" Left out: {'; '.join(reasons)}." if reasons else ""


def _standings(table: Table, results: Results, look: Look) -> Drawn:
    """Each picture's floor and ceiling as a band, and the models between them."""
    rows = list(table.rows)
    names = [in_lines(f"{row['picture']}, {row['class']}", look) for row in rows]
    lines = sum(1 + name.count("\n") for name in names) + len(names)
    figure = new_figure(look, look.points / 72 / look.inches * (1.05 * lines + 6))
    axes = figure.subplots()
    for place, row in enumerate(rows):
        floor, ceiling, score = (math.nan if row[key] is None else row[key] for key in ("floor", "ceiling", "score"))
        axes.plot([floor, ceiling], [place, place], color=look.people, alpha=0.35, linewidth=look.points * 0.9,
                  solid_capstyle="butt", label="floor to ceiling (people)" if place == 0 else None)  # fmt: skip
        axes.plot(score, place, "s", color=look.model, markersize=look.points * 0.7, markeredgecolor=look.ink,
                  markeredgewidth=look.thin, linestyle="none", label="the model" if place == 0 else None)  # fmt: skip
    axes.set_yticks(range(len(rows)), names)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("correlation with half of the people")
    axes.grid(axis="x", color=look.quiet, alpha=0.35)
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    said = "; ".join(
        f"{row['picture']} ({row['model']}): floor {written(row['floor'])}, model {written(row['score'])}, ceiling "
        f"{written(row['ceiling'])}"
        for row in rows
    )
    caption = f"{table.title}. {table.note} {_people(results)}.{_left_out(results)}"
    return Drawn(figure, caption, f"A band and a point for each picture. {caption} {said}.", (axes,), ("zhou2016",))


def cases(source: Source, asked: Asked, look: Look) -> Drawn:
    """The cases of Shared Interest, or another table's answers, as shares: a bar a group."""
    results = source.results(asked.of)
    table = SHARES.asked(results, asked.table)
    names = [column for column in table.columns if column not in ("group", "n", "borderline")]
    rows = list(table.rows)
    groups = [in_lines(f"{row['group']} (n\u00a0=\u00a0{row['n']})", look) for row in rows]
    lines = sum(1 + name.count("\n") for name in groups) + len(groups)
    figure = new_figure(look, look.points / 72 / look.inches * (1.3 * lines + 4 + 1.6 * -(-len(names) // 2)))
    axes = figure.subplots()
    shades = _shades(look, len(names))
    for place, row in enumerate(rows):
        left = 0.0
        for number, name in enumerate(names):
            share = 100 * row[name] / row["n"] if row["n"] else 0
            axes.barh(place, share, left=left, height=0.6, color=shades[number], edgecolor=look.paper,
                      hatch=HATCHES[number % len(HATCHES)], linewidth=look.thin,
                      label=name if place == 0 else None)  # fmt: skip
            left += share
    axes.set_yticks(range(len(rows)), groups)
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("regions, %" if table.name == "cases" else "answers, %")
    axes.tick_params(axis="y", length=0)
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    shares = "; ".join(
        f"{row['group']}: " + ", ".join(f"{name} {row[name]} of {row['n']}" for name in names if row[name])
        for row in rows
    )
    what = "Cases of Shared Interest: which of the person's and the model's region covers the other."
    caption = f"{what if table.name == 'cases' else f'{table.title}.'} {_people(results)}.{_left_out(results)}"
    cites = ("boggust2022",) if table.name == "cases" else ()
    return Drawn(figure, caption, f"Stacked bars of shares. {caption} {shares}.", (axes,), cites)


def _means(table: Table, look: Look, label: str, limits: tuple[float, float] | None) -> tuple[Any, Axes]:
    rows = [row for row in table.rows if not math.isnan(row["mean"])]
    if not rows:
        raise FigureError("Everything in this figure would be undefined.")
    names = [in_lines(f"{row['group']} (n\u00a0=\u00a0{row['n']})", look) for row in rows]
    lines = sum(1 + name.count("\n") for name in names) + len(names)
    figure = new_figure(look, look.points / 72 / look.inches * (1.05 * lines + 4))
    axes = figure.subplots()
    axes.axvline(0, color=look.ink, linewidth=look.thin)
    for place, row in enumerate(rows):
        colour, marker = _whose(row["group"], look) if table.name == "necessity" else (look.people, "o")
        low, high = (row["mean"] if math.isnan(row[key]) else row[key] for key in ("low", "high"))
        axes.plot([low, high], [place, place], color=colour, linewidth=look.line * 1.4, solid_capstyle="butt")
        axes.plot(row["mean"], place, marker=marker, color=colour, markersize=look.points * 0.75,
                  markeredgecolor=look.ink, markeredgewidth=look.thin)  # fmt: skip
    axes.set_yticks(range(len(rows)), names)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    if limits is not None:
        axes.set_xlim(*limits)
    axes.set_xlabel(label)
    axes.grid(axis="x", color=look.quiet, alpha=0.35)
    axes.tick_params(axis="y", length=0)
    return figure, axes


def _whose(group: str, look: Look) -> tuple[Any, str]:
    """Colour and shape of people, model and chance, told apart in grey print as well."""
    if group.startswith("people"):
        return look.people, "o"
    return (look.model, "s") if group.startswith("the model") else (look.quiet, "D")


def _worded(drawn: tuple[Any, Axes], table: Table, caption: str, cites: tuple[str, ...]) -> Drawn:
    said = "; ".join(
        f"{row['group']} {row['mean']:.2f}"
        + (f" ({row['low']:.2f} to {row['high']:.2f})" if row["low"] == row["low"] else "")
        for row in table.rows
    ).replace("-", "−")
    return Drawn(drawn[0], caption, f"Points with intervals, a row a group. {caption} {said}.", (drawn[1],), cites)


def _shades(look: Look, count: int) -> Sequence[Any]:
    """Colours whose lightness differs from step to step, so that grey print keeps them apart."""
    from matplotlib import colormaps

    ends = (0.1, 0.95) if look.theme == "light" else (0.3, 1.0)
    return [colormaps["cividis"](ends[0] + (ends[1] - ends[0]) * step / max(1, count - 1)) for step in range(count)]

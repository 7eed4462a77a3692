"""Figures of a study: heat map, curve or dot plot with intervals; losses.

A heat map for two factors, a curve over a factor of numbers, else values with intervals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from jaso_core.report.number_format import digits, number
from jaso_core.report.svg import FAINT, INK, MAIN, OTHER, STYLE, THIRD, inline_svg, standalone_svg
from jaso_pipeline.study.report.schema import CellResult, MeasureFacts, StudyResults

_STYLE: dict[Any, Any] = {
    **STYLE, "svg.hashsalt": "jaso", "font.family": "sans-serif", "font.size": 10, "text.parse_math": False,
}  # fmt: skip
_CURVES = 8
_PANELS = 4
_COLOURS = (MAIN, OTHER, THIRD, INK)


def primary_figure(results: StudyResults) -> tuple[Markup, str] | None:
    """Plot the primary measure: (SVG for the page, stand-alone SVG file).

    A curve shows other measures beside it. None where no cell has the measure.
    """
    measures = {measure["name"]: measure["facts"] for measure in results["measures"] if measure["facts"]}
    name = results["primary"]
    cells = [cell for cell in results["cells"] if _has_value([cell], name)]
    if not cells or name not in measures:
        return None
    if len(results["factors"]) == 2:
        return _draw(
            [(_title(name, measures), partial(_heat, cells=cells, results=results))],
            _heat_size(cells, results["factors"]),
        )
    if results["curve"]:
        others = [other for other in measures if other != name and _has_value(results["cells"], other)]
        names = [name, *others][:_PANELS]
        return _draw(
            [(_title(measure, measures), partial(_curve, results=results, name=measure)) for measure in names],
            (4.4, 2.6),
        )
    families = [[cell for cell in cells if cell["family"] == i] for i in sorted({cell["family"] for cell in cells})]
    panels = [(_title(name, measures), partial(_dots, cells=members, name=name)) for members in families]
    return _draw(panels, (6.4 if len(panels) == 1 else 4.8, 0.8 + 0.42 * max(map(len, families))))


def _has_value(cells: Sequence[CellResult], name: str) -> bool:
    """Whether a cell has a value by a measure.

    The comparison leaves out a measure without texts that have a value in every run.
    """
    return any(name in cell["values"] and cell["values"][name]["value"] is not None for cell in cells)


def _shown(cell: CellResult, name: str) -> float:
    """The value of a cell that has one."""
    value = cell["values"][name]["value"]
    assert value is not None
    return value


def _title(name: str, measures: Mapping[str, MeasureFacts]) -> str:
    better = {True: " ↑", False: " ↓", None: ""}[measures[name]["higher_is_better"]]
    return f"{name}, {measures[name]['unit']}{better}"


def loss_figure(results: StudyResults) -> tuple[Markup, str] | None:
    """Plot validation bits per character by step, a line per cell.

    None where all cells are of one training, or trained for one step.
    """
    lines = [(cell["label"], cell["cost"]["validation"]) for cell in results["cells"]]
    lines = [(label, points) for label, points in lines if len(points) > 1][:_CURVES]
    if len({str(points) for _, points in lines}) < 2:
        return None

    columns = 1 if max(len(label) for label, _ in lines) > 24 else 3
    legend = 0.22 * -(-len(lines) // columns)  # inches: one line of text per row of labels

    def draw(axes: Axes) -> None:
        for index, (label, points) in enumerate(lines):
            colour, dashed = _COLOURS[index % len(_COLOURS)], index >= len(_COLOURS)
            axes.plot(*zip(*points, strict=True), color=colour, linestyle="--" if dashed else "-", marker="o",
                      markersize=3, linewidth=1.6, label=label)  # fmt: skip
        axes.set_xlabel("step")
        axes.figure.legend(loc="outside lower left", ncols=columns)

    return _draw([("Validation, bits per character (first seed)", draw)], (6.4, 3.2 + legend))


def _draw(panels: Sequence[tuple[str, Callable[[Axes], None]]], size: tuple[float, float]) -> tuple[Markup, str]:
    """Draw panels of `size` inches each, two per row."""
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(size[0] * columns, size[1] * rows), layout="constrained")
        for position, (title, draw) in enumerate(panels, start=1):
            axes = figure.add_subplot(rows, columns, position)
            draw(axes)
            axes.set_title(title, loc="left", fontsize=10.5, fontweight="bold")
        label = "; ".join(title for title, _ in panels)
        return inline_svg(figure, label), standalone_svg(figure, label)


def _dots(axes: Axes, cells: Sequence[CellResult], name: str) -> None:
    axes.axvline(_shown(cells[0], name), color=FAINT, linewidth=1.2, zorder=0)
    for row, cell in enumerate(cells):
        value = cell["values"][name]
        colour = MAIN if value.get("standing") == "best" else INK if value.get("standing") == "tied" else OTHER
        if value["ci95"]:
            axes.plot(value["ci95"], [row, row], color=colour, linewidth=2)
        axes.plot([_shown(cell, name)], [row], color=colour, marker="o", markersize=5)
        seeds = [score for score in value.get("by_seed", []) if score is not None]
        axes.plot(seeds, [row + 0.2] * len(seeds), "|", color=colour, markersize=5)
        axes.text(0, row - 0.2, cell["label"], transform=axes.get_yaxis_transform(), va="bottom", fontsize=9)
    axes.set_yticks([])
    axes.set_ylim(len(cells) - 0.55, -0.75)
    axes.grid(False, axis="y")


def _curve(axes: Axes, results: StudyResults, name: str) -> None:
    (factor,) = results["factors"]
    points = sorted(
        (float(cell["levels"][factor]), _shown(cell, name), cell["values"][name]["ci95"])
        for cell in results["cells"]
        if _has_value([cell], name)
    )
    x = [at for at, _, _ in points]
    axes.plot(x, [value for _, value, _ in points], color=MAIN, marker="o", markersize=5, linewidth=1.8)
    for at, _, bounds in points:
        if bounds:
            axes.plot([at, at], bounds, color=MAIN, linewidth=1.4)
    if min(x) > 0 and max(x) / min(x) >= 8:
        axes.set_xscale("log")
    axes.set_xticks(x, [f"{at:g}" for at in x])
    axes.minorticks_off()
    axes.set_xlabel(factor)


def _heat(axes: Axes, cells: Sequence[CellResult], results: StudyResults) -> None:
    rows, columns = (list(dict.fromkeys(cell["levels"][factor] for cell in cells)) for factor in results["factors"])
    values = [_shown(cell, results["primary"]) for cell in cells]
    low, high = min(values), max(values)
    for cell in cells:
        value = cell["values"][results["primary"]]
        x, y = columns.index(cell["levels"][results["factors"][1]]), rows.index(cell["levels"][results["factors"][0]])
        share = (_shown(cell, results["primary"]) - low) / (high - low) if high > low else 0.0
        axes.add_patch(
            mpl.patches.Rectangle((x - 0.5, y - 0.5), 1, 1, color=MAIN, alpha=0.08 + 0.5 * share, linewidth=0)
        )
        decimals = digits(value["ci95"], "")
        weight = "bold" if value.get("standing") == "best" else "normal"
        axes.text(x, y, number(value["value"], decimals), ha="center", va="center", fontsize=10, fontweight=weight)
        if value["ci95"]:
            span = f"[{number(value['ci95'][0], decimals)}, {number(value['ci95'][1], decimals)}]"
            axes.text(x, y + 0.27, span, ha="center", va="center", fontsize=7.5)
    axes.set_xlim(-0.5, len(columns) - 0.5)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks([])
    for y, label in enumerate(rows):  # inside, since the browser draws the text: its width is unknown here
        axes.text(-0.48, y - 0.36, label, va="center", fontsize=8.5)
    axes.grid(False)


def _heat_size(cells: Sequence[CellResult], factors: Sequence[str]) -> tuple[float, float]:
    rows, columns = (len({cell["levels"][factor] for cell in cells}) for factor in factors)
    return max(5.0, 2.9 * columns), 0.8 + 0.8 * rows

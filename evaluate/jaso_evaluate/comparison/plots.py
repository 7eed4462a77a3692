"""Interval plots: one small plot per measure, in the page's own colours."""

from __future__ import annotations

from markupsafe import Markup

from jaso_core.report.plot import svg_plot
from jaso_core.report.svg import FAINT, INK, MAIN, OTHER
from jaso_evaluate.comparison.schema import MeasureRow

_MAX_LABEL = 40
_MAX_RUNS = 12


def intervals(row: MeasureRow) -> Markup | None:
    """Plot a dot and an interval for each run of a measure.

    None where a value or an interval is missing, or there are too many runs.
    """
    cells = row["cells"]
    points = [(c["value"], c["ci95"]) for c in cells if c["value"] is not None and c["ci95"] is not None]
    if len(cells) > _MAX_RUNS or len(points) < len(cells):
        return None
    title, height = f"{row['name']}, {row['unit']}", 0.7 + 0.4 * len(cells)
    label = f"{row['name']} with 95 % intervals"
    with svg_plot(label, title=title, width=4.4, height=height, left=0.2) as (axes, svg):
        axes.axvline(points[0][0], color=FAINT, linewidth=1.2, zorder=0)
        for y, (cell, (value, bounds)) in enumerate(zip(cells, points, strict=True)):
            colour = MAIN if cell["standing"] == "best" else INK if cell["standing"] == "tied" else OTHER
            axes.plot(bounds, [y, y], color=colour, linewidth=2)
            axes.plot([value], [y], color=colour, marker="o", markersize=5)
            seeds = [score for score in cell.get("by_seed", []) if score is not None]
            axes.plot(seeds, [y + 0.2] * len(seeds), color=colour, marker="|", linestyle="none", markersize=5)
            # Inside, above its line: the browser draws these letters, so their width is not known here.
            axes.text(0, y - 0.2, _truncate(cell["run"]), transform=axes.get_yaxis_transform(), va="bottom", fontsize=9)
        axes.set_yticks([])
        axes.set_ylim(len(cells) - 0.55, -0.75)
        axes.grid(False, axis="y")
    return svg[0]


def _truncate(run: str) -> str:
    return run if len(run) <= _MAX_LABEL else "…" + run[1 - _MAX_LABEL :]

"""Values with their intervals, one small plot a measure, in the page's own colours."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.figure import Figure

from jaso_core.svg import FAINT, INK, MAIN, OTHER, STYLE, inline

_STYLE: dict[Any, Any] = {**STYLE, "svg.hashsalt": "jaso", "font.family": "sans-serif", "font.size": 10}
_LONGEST = 40
_MOST = 12


def intervals(row: Mapping[str, Any]) -> Markup | None:
    """A dot and a line for each run of a measure; None where a value or an interval is missing, or too many are."""
    cells = row["cells"]
    if len(cells) > _MOST or any(cell["value"] is None or cell["ci95"] is None for cell in cells):
        return None
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(4.4, 0.7 + 0.4 * len(cells)), layout="constrained")
        axes = figure.add_subplot()
        axes.axvline(cells[0]["value"], color=FAINT, linewidth=1.2, zorder=0)
        for place, cell in enumerate(cells):
            colour = MAIN if cell["standing"] == "best" else INK if cell["standing"] == "tied" else OTHER
            axes.plot(cell["ci95"], [place, place], color=colour, linewidth=2)
            axes.plot([cell["value"]], [place], color=colour, marker="o", markersize=5)
            seeds = cell.get("by_seed", [])
            axes.plot(seeds, [place + 0.2] * len(seeds), color=colour, marker="|", linestyle="none", markersize=5)
            # Inside, above its line: the browser draws these letters, so their width is not known here.
            axes.text(
                0, place - 0.2, _label(cell["run"]), transform=axes.get_yaxis_transform(), va="bottom", fontsize=9
            )
        axes.set_yticks([])
        axes.set_ylim(len(cells) - 0.55, -0.75)
        axes.grid(False, axis="y")
        axes.set_title(f"{row['name']}, {row['unit']}", loc="left", fontsize=10.5, fontweight="bold")
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", r"Glyph .* missing")  # matplotlib's fonts draw nothing here
            return inline(figure, f"{row['name']} with 95 % intervals")


def _label(run: str) -> str:
    """Matplotlib reads "$" as mathematics."""
    short = run if len(run) <= _LONGEST else "…" + run[1 - _LONGEST :]
    return short.replace("$", r"\$")

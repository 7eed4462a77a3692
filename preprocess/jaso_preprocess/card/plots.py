"""SVG plots in the page's own colours, light or dark.

Text stays text, so that no font is embedded. Equal data give equal bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from markupsafe import Markup
from matplotlib.axes import Axes

from jaso_core.report.plot import NUMBER_WIDTH, label_width, svg_plot
from jaso_core.report.svg import MAIN, OTHER, THIRD
from jaso_preprocess.card.number_format import number, truncate

_SERIES = (MAIN, OTHER, THIRD)
_SIZE = 9


def bars(rows: Sequence[tuple[str, float]], unit: str, alt: str) -> Markup:
    """Draw a horizontal bar for each label, with its number."""
    return stacked([(label, [value]) for label, value in rows], (unit,), unit, alt)


def stacked(
    rows: Sequence[tuple[str, Sequence[float]]],
    series: Sequence[str],
    unit: str,
    alt: str,
    bar_label: Callable[[Sequence[float]], str] | None = None,
) -> Markup:
    """Draw a stacked horizontal bar for each label.

    `series` names the parts of a bar; `bar_label` returns the text beside it (default: the sum).
    """
    labels = [truncate(label) for label, _ in rows]
    above = 0.25 if len(series) > 1 else 0
    with svg_plot(
        alt, x=unit, height=0.65 + 0.3 * len(rows) + above, left=label_width(labels, _SIZE), above=above, points=_SIZE
    ) as (axes, svg):
        left = [0.0] * len(rows)
        for index, name in enumerate(series):
            widths = [values[index] for _, values in rows]
            axes.barh(range(len(rows)), widths, left=left, height=0.62, color=_SERIES[index], alpha=0.85, label=name)
            left = [before + width for before, width in zip(left, widths, strict=True)]
        for y, (_, values) in enumerate(rows):
            axes.annotate(
                bar_label(values) if bar_label else number(sum(values)), (left[y], y), xytext=(4, 0),
                textcoords="offset points", va="center", fontsize=8.5, annotation_clip=False,
            )  # fmt: skip
        _finish(axes, labels, left, series)
    return svg[0]


def histogram(edges: Sequence[float], counts: Sequence[float], x: str, y: str, alt: str) -> Markup:
    """Draw a histogram with vertical bars between the bin edges."""
    with svg_plot(alt, x=x, height=2.5, left=NUMBER_WIDTH + 0.2, points=_SIZE) as (axes, svg):
        axes.stairs(counts, edges, fill=True, color=MAIN, alpha=0.85)
        axes.set_ylabel(y)
        axes.set_ylim(bottom=0, top=max(1.0, *counts) * 1.05)
        axes.xaxis.set_major_formatter(lambda value, _: number(value))
        axes.yaxis.set_major_formatter(lambda value, _: number(value))
        axes.locator_params(integer=True)
        axes.locator_params(axis="y", nbins=5)
        axes.grid(False, axis="x")
    return svg[0]


def _finish(axes: Axes, labels: Sequence[str], sums: Sequence[float], series: Sequence[str]) -> None:
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.45, -0.55)
    axes.set_xlim(0, max(1.0, *sums) * (1.2 if len(series) < 2 else 1.3))
    axes.locator_params(axis="x", nbins=5, integer=True)
    axes.xaxis.set_major_formatter(lambda value, _: number(value))
    axes.grid(False, axis="y")
    axes.tick_params(axis="y", length=0)
    if len(series) > 1:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=len(series), borderpad=0, handlelength=1.2)

"""One plot with margins that are known before anything is drawn, as SVG text.

Finding the margins is half of matplotlib's work on a plot, and a page has dozens of plots. The letters are drawn by the
reader's browser anyway, in a font that is not known here.
"""

from __future__ import annotations

import unicodedata
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from jaso_core.report.svg import STYLE, inline

_RIGHT = 0.22
"""Inches: half of the last number below the axis stands out."""
_UNDER_TICKS = 0.3
_FOR_TITLE = 0.3
_FOR_NAME = 0.2
_BESIDE_LABELS = 0.12
NUMBERS = 0.58
"""Inches left of the axes for numbers of up to six digits."""


@contextmanager
def drawing(
    label: str,
    *,
    title: str = "",
    x: str = "",
    width: float = 4.6,
    height: float = 2.6,
    left: float = NUMBERS,
    above: float = 0.0,
    points: float = 10,
) -> Iterator[tuple[Axes, list[Markup]]]:
    """Axes to draw on; the list holds the SVG when the block has ended.

    label: what screen readers say, and the salt of the ids; title and x: above and below the axes. width and height of
    the whole, left for what stands beside the axes, above for a legend there: inches. points: size of the letters.
    """
    found: list[Markup] = []
    style = {**STYLE, "font.family": "sans-serif", "font.size": points, "text.parse_math": False, "svg.hashsalt": label}
    under = _UNDER_TICKS + (_FOR_NAME if x else 0)
    over = above + (_FOR_TITLE if title else 0.08)
    with mpl.rc_context(style), warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph .* missing")
        figure = Figure(figsize=(width, height))
        wide, high = width - left - _RIGHT, height - under - over
        axes = figure.add_axes((left / width, under / height, wide / width, high / height))
        # Given places: else each is sought below or beside all numbers, and the title above them.
        axes.xaxis.set_label_coords(0.5, -_UNDER_TICKS / high)
        axes.yaxis.set_label_coords(-NUMBERS / wide, 0.5)
        yield axes, found
        axes.set_xlabel(x)
        axes.set_title(title, y=1, loc="left", fontsize=10.5, fontweight="bold")
        found.append(inline(figure, label))


def beside(labels: Sequence[str], points: float = 10) -> float:
    """Inches for the longest of these labels left of the axes: Hangul is as wide as high, the rest over half of it."""
    ems = max((sum(_width(letter) for letter in label) for label in labels), default=0.0)
    return ems * points / 72 + _BESIDE_LABELS


def _width(letter: str) -> float:
    return 1.0 if unicodedata.east_asian_width(letter) in "WF" else 0.58

"""Plot to SVG with fixed margins, so that matplotlib need not measure texts.

Finding the margins is half of matplotlib's work on a plot, and a page has dozens of plots. The reader's browser draws
the letters anyway, in a font that is not known here.
"""

from __future__ import annotations

import unicodedata
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from markupsafe import Markup

from jaso_core.report.svg import STYLE, inline_svg

if TYPE_CHECKING:  # matplotlib takes half a second, and a request that is refused needs none of it
    from matplotlib.axes import Axes

_RIGHT_MARGIN = 0.22
"""Inches: half of the last number below the axis is outside of the axes."""
_TICK_HEIGHT = 0.3
_TITLE_HEIGHT = 0.3
_AXIS_NAME_HEIGHT = 0.2
_LABEL_GAP = 0.12
NUMBER_WIDTH = 0.58
"""Inches left of the axes for numbers of up to six digits."""


@contextmanager
def svg_plot(
    label: str,
    *,
    title: str = "",
    x: str = "",
    width: float = 4.6,
    height: float = 2.6,
    left: float = NUMBER_WIDTH,
    above: float = 0.0,
    points: float = 10,
) -> Iterator[tuple[Axes, list[Markup]]]:
    """Yield axes to draw on, and a list that holds the SVG once the block has ended.

    label: text for screen readers, and the salt of the ids. title and x: texts above and below the axes. width and
    height: of the whole plot; left: space for labels beside the axes; above: space for a legend; all in inches.
    points: font size.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    svg: list[Markup] = []
    style = {**STYLE, "font.family": "sans-serif", "font.size": points, "text.parse_math": False, "svg.hashsalt": label}
    bottom_margin = _TICK_HEIGHT + (_AXIS_NAME_HEIGHT if x else 0)
    top_margin = above + (_TITLE_HEIGHT if title else 0.08)
    with mpl.rc_context(style), warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph .* missing")
        figure = Figure(figsize=(width, height))
        axes_width, axes_height = width - left - _RIGHT_MARGIN, height - bottom_margin - top_margin
        axes = figure.add_axes((left / width, bottom_margin / height, axes_width / width, axes_height / height))
        # Fixed coordinates: otherwise matplotlib measures all numbers to place names and title beside them.
        axes.xaxis.set_label_coords(0.5, -_TICK_HEIGHT / axes_height)
        axes.yaxis.set_label_coords(-NUMBER_WIDTH / axes_width, 0.5)
        yield axes, svg
        axes.set_xlabel(x)
        axes.set_title(title, y=1, loc="left", fontsize=10.5, fontweight="bold")
        svg.append(inline_svg(figure, label))


def label_width(labels: Sequence[str], points: float = 10) -> float:
    """Return the inches that the longest label needs left of the axes.

    A Hangul syllable is as wide as high, other characters are somewhat over half as wide.
    """
    ems = max((sum(_em_width(character) for character in label) for label in labels), default=0.0)
    return ems * points / 72 + _LABEL_GAP


def _em_width(character: str) -> float:
    return 1.0 if unicodedata.east_asian_width(character) in "WF" else 0.58

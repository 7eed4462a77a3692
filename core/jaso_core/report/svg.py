"""SVG output of plots: the page's own colours (light or dark), browser fonts.

Equal data give equal bytes: no date, and ids that follow from a salt.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Placeholder colours, replaced by the CSS variables of the page.
INK, FAINT, MAIN, OTHER, THIRD = "#010101", "#020202", "#030303", "#040404", "#050505"
_VARIABLES = {
    INK: "var(--ink)", FAINT: "var(--line)", MAIN: "var(--main)", OTHER: "var(--other)", THIRD: "var(--third)",
}  # fmt: skip

_LIGHT = {INK: "#1d2330", FAINT: "#d9dde5", MAIN: "#0072b2", OTHER: "#c07700", THIRD: "#7d8696"}
"""Colours outside of a page, on white."""

STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
}
"""Style for matplotlib's rc_context, without fonts and the salt of the ids."""


def inline_svg(figure: Figure, label: str) -> Markup:
    """Return the <svg> element for a page, in the page's colours.

    It is as wide as its column and has a label for screen readers.
    """
    stream = io.StringIO()
    figure.savefig(stream, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = stream.getvalue()
    svg = svg[svg.index("<svg") :].strip()
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r' (?:xmlns(?::\w+)?|version)="[^"]*"', "", svg)
    svg = re.sub(r'<svg ([^>]*?)width="[^"]*"([^>]*?)height="[^"]*"', r"<svg \1\2", svg, count=1)
    svg = re.sub(r' height="[\d.]+pt"', "", svg, count=1)
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)
    for placeholder, variable in _VARIABLES.items():
        svg = svg.replace(placeholder, variable)
    labelled = svg.replace("<svg ", f'<svg role="img" aria-label="{escape(label)}" ', 1)
    return Markup(labelled.replace("xlink:href", "href"))


def standalone_svg(figure: Figure, label: str) -> str:
    """Return the text of an .svg file: white background, the reader's sans-serif font."""
    stream = io.StringIO()
    figure.savefig(stream, format="svg", facecolor="white", metadata={"Date": None, "Creator": None})
    svg = re.sub(r"<metadata>.*?</metadata>", "", stream.getvalue(), flags=re.DOTALL)
    for placeholder, colour in _LIGHT.items():
        svg = svg.replace(placeholder, colour)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{escape(label)}" ', 1)

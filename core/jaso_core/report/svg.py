"""Plots as SVG text for a page: the page's own colours (light or dark), letters drawn by the browser.

Equal data give equal bytes: no date, and ids that follow from a salt.
"""

from __future__ import annotations

import io
import re
from typing import Any

from markupsafe import Markup, escape
from matplotlib.figure import Figure

# Stand-ins that are replaced by the page's CSS variables.
INK, FAINT, MAIN, OTHER, THIRD = "#010101", "#020202", "#030303", "#040404", "#050505"
_VARIABLES = {
    INK: "var(--ink)", FAINT: "var(--line)", MAIN: "var(--main)", OTHER: "var(--other)", THIRD: "var(--third)",
}  # fmt: skip

_LIGHT = {INK: "#1d2330", FAINT: "#d9dde5", MAIN: "#0072b2", OTHER: "#c07700", THIRD: "#7d8696"}
"""The same outside of a page, on white."""

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
"""For matplotlib's rc_context; fonts and the salt of the ids are the page's affair."""


def inline(figure: Figure, label: str) -> Markup:
    """The <svg> element alone: as wide as its column, named for screen readers, in the page's colours."""
    stream = io.StringIO()
    figure.savefig(stream, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = stream.getvalue()
    svg = svg[svg.index("<svg") :].strip()
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r' (?:xmlns(?::\w+)?|version)="[^"]*"', "", svg)
    svg = re.sub(r'<svg ([^>]*?)width="[^"]*"([^>]*?)height="[^"]*"', r"<svg \1\2", svg, count=1)
    svg = re.sub(r' height="[\d.]+pt"', "", svg, count=1)
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)
    for stand_in, variable in _VARIABLES.items():
        svg = svg.replace(stand_in, variable)
    named = svg.replace("<svg ", f'<svg role="img" aria-label="{escape(label)}" ', 1)
    return Markup(named.replace("xlink:href", "href"))


def standalone(figure: Figure, label: str) -> str:
    """The text of an .svg file: on white, with letters of the reader's own sans-serif."""
    stream = io.StringIO()
    figure.savefig(stream, format="svg", facecolor="white", metadata={"Date": None, "Creator": None})
    svg = re.sub(r"<metadata>.*?</metadata>", "", stream.getvalue(), flags=re.DOTALL)
    for stand_in, colour in _LIGHT.items():
        svg = svg.replace(stand_in, colour)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{escape(label)}" ', 1)

"""Training curves and bars of likelihood, as SVG text.

Colours are the page's own (light or dark), letters are the browser's: no font is needed here. Equal data give equal
bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from jaso_core.report.plot import label_width, svg_plot
from jaso_core.report.svg import INK, MAIN, OTHER, THIRD
from jaso_evaluate.schema import Scores

Log = Sequence[Mapping[str, Any]]


def training_loss(log: Log) -> Markup | None:
    """Plot the loss on the training batches by step."""
    points = [(e["step"], e["loss"]) for e in log if e.get("loss") is not None]
    if len(points) < 2:
        return None
    title = "Training loss, nats per token"
    with svg_plot(title, title=title, x="step") as (axes, svg):
        axes.plot(*zip(*points, strict=True), color=OTHER, linewidth=1.4)
    return svg[0]


def validation_bits(log: Log) -> Markup | None:
    """Plot bits per character on the validation split by step.

    With a dashed line at the untrained model's.
    """
    key = "validation_bits_per_character"
    points = sorted((e["step"], e[key]) for e in log if e.get(key) is not None)
    if len(points) < 2:
        return None
    title = "Validation, bits per character"
    with svg_plot(title, title=title, x="step") as (axes, svg):
        if points[0][0] == 0:
            axes.axhline(points[0][1], color=INK, linewidth=1, linestyle=(0, (4, 3)))
            axes.annotate(
                f"untrained {points[0][1]:.2f}", (1, points[0][1]), xycoords=("axes fraction", "data"),
                xytext=(0, -4), textcoords="offset points", ha="right", va="top",
            )  # fmt: skip
        axes.plot(*zip(*points, strict=True), color=MAIN, linewidth=1.8, marker="o", markersize=4)
        best = min(points, key=lambda p: (p[1], p[0]))
        axes.annotate(f"{best[1]:.2f}", best, xytext=(0, 7), textcoords="offset points", ha="center")
        axes.set_ylim(bottom=0)
    return svg[0]


def bits(scores: Scores) -> Markup | None:
    """Plot bits per character of the three models with their intervals."""
    rows = [
        ("trained", "bits_per_character", MAIN),
        ("5-gram", "bits_per_character_ngram5", OTHER),
        ("untrained", "bits_per_character_untrained", THIRD),
    ]
    entries = scores["metrics"]
    bars = []
    for label, name, colour in rows:
        value = entries[name]["value"] if name in entries else None
        if value:
            bars.append((label, value, entries[name]["ci95"] or [value, value], colour))
    if len(bars) < 2:
        return None
    unit, names = "bits per character (lower is better)", [label for label, *_ in bars]
    with svg_plot(unit, x=unit, height=0.7 + 0.36 * len(bars), left=label_width(names)) as (axes, svg):
        for y, (_, value, (low, high), colour) in enumerate(bars):
            axes.barh(y, value, height=0.5, color=colour, alpha=0.85)
            axes.plot([low, high], [y, y], color=INK, linewidth=2)
            axes.annotate(f"{value:.2f}", (high, y), xytext=(5, 0), textcoords="offset points", va="center")
        axes.set_yticks(range(len(bars)), names)
        axes.invert_yaxis()
        axes.set_xlim(0, 1.12 * max(high for _, _, (_, high), _ in bars))
        axes.grid(False, axis="y")
        axes.tick_params(axis="y", length=0)
    return svg[0]

"""Histograms of single texts as SVG: scores, lengths, lengths against limits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from jaso_core.records import Prediction
from jaso_core.report.plot import svg_plot
from jaso_core.report.svg import INK, MAIN, OTHER
from jaso_evaluate.report.metric_families import headlines
from jaso_evaluate.report.ranks import values_of
from jaso_evaluate.schema import Score, Scores, TextScores

Floats = NDArray[np.float64]

_MAX_PLOTS = 6
_FILL = "limit_fill"
"""The measure whose scores of single texts are lengths in % of the limit."""

_BINS = 30


def histograms(predictions: Sequence[Prediction], scores: Scores, per_example: Sequence[TextScores]) -> list[Markup]:
    """Plot the headline measures' scores of single texts, then the lengths."""
    metrics = scores["metrics"]
    names = headlines(metrics)[:_MAX_PLOTS]
    score_plots = [text_scores(name, metrics[name], values_of(per_example, name)) for name in names]
    fills = filled_limits(values_of(per_example, _FILL))
    return [plot for plot in [*score_plots, lengths(predictions), fills] if plot is not None]


def text_scores(name: str, entry: Score, values: Floats) -> Markup | None:
    """Histogram of one measure's scores of single texts; a line at the score of all.

    None for fewer than two texts.
    """
    values = values[np.isfinite(values)]
    if len(values) < 2:
        return None
    low, high = _range(values)
    title = f"{name}, text by text"
    with svg_plot(title, title=title, x=entry["unit"]) as (axes, svg):
        axes.hist(np.clip(values, low, high), bins=np.linspace(low, high, _BINS + 1).tolist(), color=MAIN, alpha=0.8)
        value = entry["value"]
        if value is not None and low <= value <= high:
            axes.axvline(value, color=INK, linewidth=1.2, linestyle=(0, (4, 3)))
        axes.set_xlim(low, high)
    return svg[0]


def lengths(predictions: Sequence[Prediction]) -> Markup:
    """Histogram of the lengths of references and predictions."""
    reference_lengths = np.array([len(p.reference) for p in predictions], dtype=float)
    prediction_lengths = np.array([len(p.prediction) for p in predictions], dtype=float)
    # A single text of a megabyte shall not squeeze all others into one bar.
    top = max(1.0, float(np.percentile(np.concatenate([reference_lengths, prediction_lengths]), 99)) * 1.1)
    edges = np.linspace(0, top, _BINS + 1).tolist()
    with svg_plot("Lengths", title="Lengths", x="characters") as (axes, svg):
        axes.hist(np.minimum(reference_lengths, top), bins=edges, color=OTHER, alpha=0.45, label="reference")
        axes.hist(
            np.minimum(prediction_lengths, top),
            bins=edges,
            histtype="step",
            color=MAIN,
            linewidth=1.8,
            label="prediction",
        )
        axes.legend(loc="upper right")
    return svg[0]


def filled_limits(fills: Floats) -> Markup | None:
    """Histogram of lengths in % of their limits, where texts have some.

    With a line at the limit.
    """
    fills = fills[np.isfinite(fills)]
    if len(fills) < 2:
        return None
    top = max(110.0, float(np.percentile(fills, 99)) * 1.1)
    title = "Lengths against their limits"
    with svg_plot(title, title=title, x="% of the limit") as (axes, svg):
        axes.hist(np.minimum(fills, top), bins=np.linspace(0, top, _BINS + 1).tolist(), color=MAIN, alpha=0.8)
        axes.axvline(100, color=INK, linewidth=1.2)
    return svg[0]


def _range(values: Floats) -> tuple[float, float]:
    """Range from the 0.5th to the 99.5th percentile.

    So outliers do not squeeze the others.
    """
    low, high = (float(end) for end in np.percentile(values, [0.5, 99.5]))
    low = min(low, 0.0) if low < 0.25 * high else low
    return (low, high) if high - low > 1e-9 * max(1.0, abs(high)) else (low - 0.5, high + 0.5)

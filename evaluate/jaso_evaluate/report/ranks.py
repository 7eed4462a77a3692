"""Percentile ranks of texts by a measure, and rank correlation of two measures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jaso_evaluate.schema import ScoreColumns, TextScores

Floats = NDArray[np.float64]

_MIN_TEXTS = 3
"""Fewer texts than this have no rank correlation worth a number."""


def values_of(per_example: Sequence[TextScores], name: str) -> Floats:
    """Return a measure's scores of single texts, shape [n], NaN where there is none."""
    if isinstance(per_example, ScoreColumns):
        return per_example.column(name)
    scores = [row["scores"].get(name) for row in per_example]
    return np.array([np.nan if value is None else value for value in scores], dtype=float)


def percentile_ranks(values: Floats, higher_is_better: bool | None) -> Floats:
    """Percentile ranks of texts: 1 for the best, 0 for the worst, NaN without value.

    Shape [n]. Equal values share the mean of their ranks. A measure that judges nothing counts the greatest as first.
    """
    out = np.full(len(values), np.nan)
    present = np.isfinite(values)
    ordered = values[present] if higher_is_better is not False else -values[present]
    if len(ordered) > 1:
        # [1, 5, 5, 9] → 0, 0.5, 0.5, 1: the mean rank of equal values, from 0, divided by n - 1
        _, codes, counts = np.unique(ordered, return_inverse=True, return_counts=True)
        ends = np.cumsum(counts)
        out[present] = (ends - (counts + 1) / 2)[codes] / (len(ordered) - 1)
    elif len(ordered):
        out[present] = 0.5
    return out


def agreement(first: Floats, second: Floats) -> float | None:
    """Spearman's rank correlation of two measures; None where it is not defined.

    Over the texts that have both.
    """
    both = np.isfinite(first) & np.isfinite(second)
    if both.sum() < _MIN_TEXTS:
        return None
    a, b = percentile_ranks(first[both], True), percentile_ranks(second[both], True)
    if a.std() == 0 or b.std() == 0:
        return None
    return float(np.corrcoef(a, b)[0, 1])

"""Ranks of texts by a measure: what lies between the best and the worst, and whether two measures agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_FEW = 3
"""Fewer texts than this have no rank correlation worth a number."""


def values_of(per_example: Sequence[Mapping[str, Any]], name: str) -> Floats:
    """A measure's scores of single texts, shape [n], NaN where there is none."""
    found = [row["scores"].get(name) for row in per_example]
    return np.array([np.nan if value is None else value for value in found], dtype=float)


def places(values: Floats, higher_is_better: bool | None) -> Floats:
    """Where each text stands among those with a value, shape [n]: 1 for the best, 0 for the worst, NaN without.

    Equal values share the mean of their places. A measure that judges nothing counts the greatest as first.
    """
    out = np.full(len(values), np.nan)
    present = np.isfinite(values)
    found = values[present] if higher_is_better is not False else -values[present]
    if len(found) > 1:
        _, codes, counts = np.unique(found, return_inverse=True, return_counts=True)
        ends = np.cumsum(counts)
        out[present] = (ends - (counts + 1) / 2)[codes] / (len(found) - 1)
    elif len(found):
        out[present] = 0.5
    return out


def agreement(first: Floats, second: Floats) -> float | None:
    """Spearman's rank correlation of two measures over the texts that have both; None where it is not defined."""
    both = np.isfinite(first) & np.isfinite(second)
    if both.sum() < _FEW:
        return None
    a, b = places(first[both], True), places(second[both], True)
    if a.std() == 0 or b.std() == 0:
        return None
    return float(np.corrcoef(a, b)[0, 1])

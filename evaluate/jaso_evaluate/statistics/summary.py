"""Intervals, differences and adjusted p-values, in the form most callers need.

The parts are in bootstrap, intervals, permutation and power.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jaso_evaluate.statistics.bootstrap import Bootstrap
from jaso_evaluate.statistics.intervals import Estimate, Interval

Floats = NDArray[np.float64]

__all__ = ["Bootstrap", "Difference", "Interval", "difference", "holm", "interval"]

_NO_GROUPS: Floats = np.zeros(0)


@dataclass(frozen=True)
class Difference:
    """A paired difference: first − second, its 95 % interval and two-sided p.

    None where there were fewer than two groups.
    """

    value: float
    ci95: Interval | None
    p: float | None


def interval(values: Floats, jackknife: Floats = _NO_GROUPS) -> Interval | None:
    """Return the 95 % interval of a score; None when no resample has a value.

    `values` [B]: the resamples. `jackknife` [groups]: the score without each group (`Bootstrap.jackknife`). Without it
    the interval is of plain percentiles, too narrow for fewer than some 100 groups.
    """
    return Estimate(float("nan"), values, jackknife).ci95()


def difference(value: float, resampled: Floats, jackknife: Floats = _NO_GROUPS) -> Difference:
    """Return a paired difference with its interval and p.

    From its resamples [B] and the differences without each group [groups]; as `interval`.
    """
    estimate = Estimate(value, resampled, jackknife)
    return Difference(value, estimate.ci95(), estimate.p_bootstrap())


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values for multiple tests (Holm 1979).

    Each may be compared with the same level, e.g. 0.05.
    """
    # p [0.01, 0.04, 0.03] → 3 · 0.01, then 2 · 0.03, then 1 · 0.04, which may not fall below 0.06 → [0.03, 0.06, 0.06]
    adjusted = [0.0] * len(p_values)
    greatest = 0.0
    for rank, i in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        greatest = max(greatest, (len(p_values) - rank) * p_values[i])
        adjusted[i] = min(1.0, greatest)
    return adjusted

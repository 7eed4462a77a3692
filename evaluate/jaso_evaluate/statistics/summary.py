"""How sure a score is, in the form that most callers need; the parts are in bootstrap, estimate, permutation, power."""

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
    """`value` = first − second, with its 95 % interval and two-sided p; None where one group or none was there."""

    value: float
    ci95: Interval | None
    p: float | None


def interval(values: Floats, left_out: Floats = _NO_GROUPS) -> Interval | None:
    """The 95 % interval of a score from its resamples [B]; None when no resample has a value.

    `left_out` [groups] is the score without each group (`Bootstrap.left_out`). Without it the interval is that of the
    plain percentiles, too narrow for fewer than some 100 groups.
    """
    return Estimate(float("nan"), values, left_out).ci95()


def difference(value: float, resampled: Floats, left_out: Floats = _NO_GROUPS) -> Difference:
    """Of a paired difference, its resamples [B], and the differences without each group [groups]; as `interval`."""
    found = Estimate(value, resampled, left_out)
    return Difference(value, found.ci95(), found.p_bootstrap())


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values adjusted for their number (Holm 1979): each may be held against the same level, e.g. 0.05."""
    adjusted = [0.0] * len(p_values)
    greatest = 0.0
    for rank, i in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        greatest = max(greatest, (len(p_values) - rank) * p_values[i])
        adjusted[i] = min(1.0, greatest)
    return adjusted

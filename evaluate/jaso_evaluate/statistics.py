"""How sure a score is: bootstrap intervals, paired differences, and a correction for many comparisons.

Whole groups (applicants, talks) are drawn, not single texts: texts of one group resemble each other, and intervals that
take them as independent are too narrow. Percentile bootstrap: Efron & Tibshirani (1993), ch. 13.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Interval = tuple[float, float]

_WEIGHTS = 1 << 22
"""Weights held at once (resamples × groups)."""


@dataclass(frozen=True)
class Difference:
    """`value` = first − second, with its 95 % interval and two-sided p; None where one group or none was there."""

    value: float
    ci95: Interval | None
    p: float | None


class Bootstrap:
    """Resamples of one set of examples. Equal groups, `resamples` and `seed` give equal resamples, so that two runs on
    the same examples are compared draw by draw."""

    def __init__(self, groups: Sequence[str], resamples: int = 1000, seed: int = 1) -> None:
        self.resamples = resamples
        self.seed = seed
        names, codes = np.unique(np.asarray(groups, dtype=object).astype(str), return_inverse=True)
        self.groups = len(names)
        self._codes = codes

    def sums(self, stats: Floats) -> Floats:
        """Sums of the statistics [n, k] over each resample, shape [resamples, k]."""
        by_group = np.zeros((self.groups, stats.shape[1]))
        np.add.at(by_group, self._codes, stats)
        return np.concatenate([weights @ by_group for weights in self._weights()])

    def _weights(self) -> Iterator[Floats]:
        """How often each group was drawn, in chunks of shape [some resamples, groups]."""
        random = np.random.default_rng(self.seed)
        chunk = max(1, _WEIGHTS // max(self.groups, 1))
        for start in range(0, self.resamples, chunk):
            rows = min(chunk, self.resamples - start)
            drawn = random.integers(self.groups, size=(rows, self.groups)) + self.groups * np.arange(rows)[:, None]
            yield np.bincount(drawn.ravel(), minlength=rows * self.groups).reshape(rows, self.groups).astype(float)


def interval(values: Floats) -> Interval | None:
    """The 2.5th and 97.5th percentile of a score's resamples [B]; None when no resample has a value."""
    values = values[np.isfinite(values)]
    if not len(values):
        return None
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def difference(value: float, resampled: Floats) -> Difference:
    """Of a paired difference and its resamples [B].

    p is twice the share of resamples on the other side of 0, counting the observed sample as one of them, so that it
    is never 0 (Davison & Hinkley 1997, eq. 4.11).
    """
    resampled = resampled[np.isfinite(resampled)]
    bounds = interval(resampled)
    if bounds is None:
        return Difference(value, None, None)
    n = len(resampled)
    smaller = min(int((resampled <= 0).sum()), int((resampled >= 0).sum()))
    return Difference(value, bounds, min(1.0, 2 * (smaller + 1) / (n + 1)))


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values adjusted for their number (Holm 1979): each may be held against the same level, e.g. 0.05."""
    adjusted = [0.0] * len(p_values)
    greatest = 0.0
    for rank, i in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        greatest = max(greatest, (len(p_values) - rank) * p_values[i])
        adjusted[i] = min(1.0, greatest)
    return adjusted

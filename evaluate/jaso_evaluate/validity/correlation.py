"""Correlations of one sample and of all its bootstrap resamples at once.

A resample is a weight for each pair: how often it was drawn. Pearson's r, Spearman's ρ (midranks within the resample)
and Kendall's τ-b are then what they would be if the resample were written out, without sorting anything again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Correlation = Callable[[Floats, Floats, Floats], Floats]
"""(x [n], y [n], weights [B, n]) → [B]; NaN where one of the two does not vary."""


_FEW_GROUPS = 200
"""Up to so many groups an interval is widened by what the jackknife tells; of more it needs no widening."""

_CHUNK = 1 << 22
"""Weights worked on at once."""


@dataclass(frozen=True)
class Resamples:
    """`drawn` [B, n]: how often each pair is in each resample, whole groups drawn with replacement. `left_out`
    [groups, n]: the sample without each group; no rows for many groups."""

    drawn: NDArray[np.uint16]
    left_out: NDArray[np.uint16]


@dataclass(frozen=True)
class Correlated:
    """The correlation of the sample, of its resamples [B], and of the sample without each group."""

    value: float
    drawn: Floats
    left_out: Floats


def resamples_of(groups: Sequence[str], resamples: int, seed: int) -> Resamples:
    """Equal groups, number and seed give equal resamples, so that measures are compared draw by draw."""
    names, codes = np.unique(np.asarray(groups, dtype=object).astype(str), return_inverse=True)
    random = np.random.default_rng(seed)
    drawn = np.empty((resamples, len(codes)), dtype=np.uint16)
    for row in drawn:
        row[:] = np.bincount(random.integers(len(names), size=len(names)), minlength=len(names))[codes]
    few = len(names) if len(names) <= _FEW_GROUPS else 0
    return Resamples(drawn, (codes != np.arange(few)[:, None]).astype(np.uint16))


def correlate(how: Correlation, x: Floats, y: Floats, resamples: Resamples, kept: NDArray[np.intp]) -> Correlated:
    """Of the pairs at the places `kept`, in the sample and in each resample; NaN where there are fewer than 3."""
    if len(kept) < 3:
        nothing = np.full(len(resamples.drawn), np.nan)
        return Correlated(float("nan"), nothing, np.full(len(resamples.left_out), np.nan))
    x, y = x[kept], y[kept]
    step = max(1, _CHUNK // len(kept))

    def over(weights: NDArray[np.uint16]) -> Floats:
        starts = range(0, len(weights), step)
        parts = [how(x, y, weights[start : start + step, kept].astype(float)) for start in starts]
        return np.concatenate([np.zeros(0), *parts])

    return Correlated(float(how(x, y, np.ones((1, len(kept))))[0]), over(resamples.drawn), over(resamples.left_out))


def pearson(x: Floats, y: Floats, weights: Floats) -> Floats:
    """Pearson's r."""
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return np.full(len(weights), np.nan)
    x, y = (x - x.mean()) / x.std(), (y - y.mean()) / y.std()
    n = weights.sum(axis=1)
    mean_x, mean_y = weights @ x / n, weights @ y / n
    covariance = weights @ (x * y) / n - mean_x * mean_y
    return _ratio(covariance, weights @ (x * x) / n - mean_x**2, weights @ (y * y) / n - mean_y**2)


def spearman(x: Floats, y: Floats, weights: Floats) -> Floats:
    """Spearman's ρ: Pearson's r of the midranks that the values have within the resample."""
    n = weights.sum(axis=1, keepdims=True)
    # Ranks of a resample have the mean (n + 1) / 2.
    ranks_x, ranks_y = (_midranks(values, weights) - (n + 1) / 2 for values in (x, y))
    covariance = (weights * ranks_x * ranks_y).sum(axis=1)
    return _ratio(covariance, (weights * ranks_x**2).sum(axis=1), (weights * ranks_y**2).sum(axis=1))


def kendall(x: Floats, y: Floats, weights: Floats) -> Floats:
    """Kendall's τ-b. Looks at all pairs of the n values: for samples, not for millions."""
    signs = np.sign(x[:, None] - x) * np.sign(y[:, None] - y)
    # Sums of so many ±1 are exact in float32, which is twice as quick.
    rows = weights.astype(np.float32) @ signs.astype(np.float32)
    n = weights.sum(axis=1)
    concordant = (rows * weights).sum(axis=1)
    return _ratio(concordant, n**2 - _tied(x, weights), n**2 - _tied(y, weights))


def _tied(values: Floats, weights: Floats) -> Floats:
    """Ordered pairs of draws with equal values, a draw with itself included, shape [B]."""
    order, starts = _by_value(values)
    counts = np.add.reduceat(weights[:, order], starts, axis=1)
    return np.asarray((counts**2).sum(axis=1))


def _midranks(values: Floats, weights: Floats) -> Floats:
    """Rank of each value within each resample, the mean rank for equal values, shape [B, n]."""
    order, starts = _by_value(values)
    counts = np.add.reduceat(weights[:, order], starts, axis=1)
    ranks = np.cumsum(counts, axis=1) - (counts - 1) / 2
    found = np.empty_like(weights)
    found[:, order] = np.repeat(ranks, np.diff([*starts, len(values)]), axis=1)
    return found


def _by_value(values: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Positions in the order of the values, and where in that order each different value begins."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    return order, np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))


def _ratio(covariance: Floats, variance_x: Floats, variance_y: Floats) -> Floats:
    """covariance / √(variances); what rounding leaves of a variance of 0 is no variance."""
    varies = (variance_x > 1e-12) & (variance_y > 1e-12)
    product = np.where(varies, variance_x * variance_y, np.nan)
    return np.clip(covariance / np.sqrt(product), -1.0, 1.0)

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


_MAX_JACKKNIFE_GROUPS = 200
"""Up to so many groups an interval is widened by the jackknife.

Of more groups it needs no widening.
"""

_CHUNK = 1 << 22
"""Number of weights processed at once."""


@dataclass(frozen=True)
class Resamples:
    """Weights of the pairs in bootstrap resamples and in jackknife samples.

    `weights` [B, n]: how often each pair is in each resample, whole groups drawn with replacement. `jackknife`
    [groups, n]: the sample without each group; no rows for many groups.
    """

    weights: NDArray[np.uint16]
    jackknife: NDArray[np.uint16]


@dataclass(frozen=True)
class CorrelationEstimate:
    """Correlation of the sample, of its resamples [B], and without each group."""

    value: float
    draws: Floats
    jackknife: Floats


def draw_resamples(groups: Sequence[str], resamples: int, seed: int) -> Resamples:
    """Draw bootstrap resamples of whole groups.

    Equal groups, number and seed give equal resamples, so that measures are compared draw by draw.
    """
    names, codes = np.unique(np.asarray(groups, dtype=object).astype(str), return_inverse=True)
    random = np.random.default_rng(seed)
    # Groups a, a, b; b drawn twice → weights [0, 0, 2]
    weights = np.empty((resamples, len(codes)), dtype=np.uint16)
    for row in weights:
        row[:] = np.bincount(random.integers(len(names), size=len(names)), minlength=len(names))[codes]
    few = len(names) if len(names) <= _MAX_JACKKNIFE_GROUPS else 0
    return Resamples(weights, (codes != np.arange(few)[:, None]).astype(np.uint16))


def correlate(
    correlation: Correlation, x: Floats, y: Floats, resamples: Resamples, indices: NDArray[np.intp]
) -> CorrelationEstimate:
    """Correlate the pairs at `indices`, in the sample and in each resample.

    NaN where there are fewer than 3.
    """
    if len(indices) < 3:
        undefined = np.full(len(resamples.weights), np.nan)
        return CorrelationEstimate(float("nan"), undefined, np.full(len(resamples.jackknife), np.nan))
    x, y = x[indices], y[indices]
    chunk = max(1, _CHUNK // len(indices))

    def in_chunks(weights: NDArray[np.uint16]) -> Floats:
        starts = range(0, len(weights), chunk)
        parts = [correlation(x, y, weights[start : start + chunk, indices].astype(float)) for start in starts]
        return np.concatenate([np.zeros(0), *parts])

    return CorrelationEstimate(
        float(correlation(x, y, np.ones((1, len(indices))))[0]),
        in_chunks(resamples.weights),
        in_chunks(resamples.jackknife),
    )


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
    """Spearman's ρ: Pearson's r of the midranks of the values within the resample."""
    n = weights.sum(axis=1, keepdims=True)
    # Ranks of a resample have the mean (n + 1) / 2.
    ranks_x, ranks_y = (_midranks(values, weights) - (n + 1) / 2 for values in (x, y))
    covariance = (weights * ranks_x * ranks_y).sum(axis=1)
    return _ratio(covariance, (weights * ranks_x**2).sum(axis=1), (weights * ranks_y**2).sum(axis=1))


def kendall(x: Floats, y: Floats, weights: Floats) -> Floats:
    """Kendall's τ-b. All pairs of the n values: for samples, not for millions."""
    signs = np.sign(x[:, None] - x) * np.sign(y[:, None] - y)
    # Sums of so many ±1 are exact in float32, which is twice as quick.
    rows = weights.astype(np.float32) @ signs.astype(np.float32)
    n = weights.sum(axis=1)
    # Σ_ij w_i w_j sign_ij counts every pair of draws twice; so do n² and the ties below.
    concordant = (rows * weights).sum(axis=1)
    return _ratio(concordant, n**2 - _tied_pairs(x, weights), n**2 - _tied_pairs(y, weights))


def _tied_pairs(values: Floats, weights: Floats) -> Floats:
    """Count ordered pairs of draws with equal values, itself included, shape [B]."""
    order, starts = _sort_by_value(values)
    counts = np.add.reduceat(weights[:, order], starts, axis=1)
    # Values [5, 1, 5], weights [1, 2, 1]: two draws of each value → 2² + 2² = 8
    return np.asarray((counts**2).sum(axis=1))


def _midranks(values: Floats, weights: Floats) -> Floats:
    """Rank of each value within each resample, mean rank for ties, shape [B, n]."""
    order, starts = _sort_by_value(values)
    counts = np.add.reduceat(weights[:, order], starts, axis=1)
    # Values [5, 1, 5], weights [1, 2, 1]: written out 1, 1, 5, 5 → ranks [3.5, 1.5, 3.5]
    ranks = np.cumsum(counts, axis=1) - (counts - 1) / 2
    midranks = np.empty_like(weights)
    midranks[:, order] = np.repeat(ranks, np.diff([*starts, len(values)]), axis=1)
    return midranks


def _sort_by_value(values: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return sorted positions, and where each different value begins among them."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    return order, np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))


def _ratio(covariance: Floats, variance_x: Floats, variance_y: Floats) -> Floats:
    """covariance / √(variances); a variance of 0 but for rounding counts as 0."""
    varies = (variance_x > 1e-12) & (variance_y > 1e-12)
    product = np.where(varies, variance_x * variance_y, np.nan)
    return np.clip(covariance / np.sqrt(product), -1.0, 1.0)

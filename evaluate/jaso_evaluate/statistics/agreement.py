"""Inter-rater agreement: Krippendorff's alpha, exact agreement, Kendall's tau-b.

Each is a function of sums over units, so that all resamples of a bootstrap are reduced at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from jaso_evaluate.statistics.summary import Bootstrap, Interval, interval

Floats = NDArray[np.float64]
Level = Literal["nominal", "ordinal", "interval"]
LEVELS: tuple[Level, ...] = get_args(Level)

_MAX_VALUES = 100
"""With more distinct scores alpha has no interval: its resamples would not fit into memory."""


@dataclass(frozen=True)
class Coincidences:
    """Coincidence matrices of the units (Krippendorff 2011).

    `values` [v]: the distinct scores, ascending. `by_unit` [units, v, v]: symmetric; a unit with m scores adds 1 / (m −
    1) for each of its ordered pairs, a unit with fewer than two adds nothing.
    """

    values: Floats
    by_unit: Floats


def coincidences(data: Floats) -> Coincidences:
    """Build the coincidence matrices of scores [raters, units]; NaN: no score."""
    values = np.unique(data[~np.isnan(data)])
    counts = (data[:, :, None] == values).sum(axis=0).astype(float)  # [units, v]
    totals = counts.sum(axis=1)
    pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(len(values))
    weight = np.divide(1.0, totals - 1, out=np.zeros_like(totals), where=totals > 1)
    return Coincidences(values, pairs * weight[:, None, None])


def alpha_from_coincidences(sums: Floats, values: Floats, level: Level) -> Floats:
    """Compute Krippendorff's alpha of summed coincidences, [..., v, v] → [...].

    NaN where all scores are equal. 1 − observed / expected disagreement (Krippendorff 2011, "Computing Krippendorff's
    Alpha-Reliability"). The ordinal distance of two scores is that of their mid-ranks.
    """
    marginal = sums.sum(axis=-1)
    n = marginal.sum(axis=-1)
    if level == "nominal":
        observed = n - np.trace(sums, axis1=-2, axis2=-1)
        expected = n**2 - (marginal**2).sum(axis=-1)
    else:
        # marginal [2, 4, 1] → mid-ranks [1, 4, 6.5]
        scale = (
            np.cumsum(marginal, axis=-1) - marginal / 2
            if level == "ordinal"
            else np.broadcast_to(values, marginal.shape)
        )
        observed = (sums * (scale[..., :, None] - scale[..., None, :]) ** 2).sum(axis=(-2, -1))
        expected = 2 * (n * (marginal * scale**2).sum(axis=-1) - (marginal * scale).sum(axis=-1) ** 2)
    # Rounding leaves a small residue where the true value is 0.
    is_defined = expected > 1e-9 * np.maximum(n, 1) ** 2
    ratio = np.divide((n - 1) * observed, expected, out=np.full(np.shape(expected), np.nan), where=is_defined)
    return np.asarray(1 - ratio)


def krippendorff_alpha(data: Floats, level: Level) -> float | None:
    """Return Krippendorff's alpha of scores [raters, units].

    None where it is undefined: no pairs, or no variation.
    """
    values = np.unique(data[~np.isnan(data)])
    counts = (data[:, :, None] == values).sum(axis=0).astype(float)  # [units, v]
    totals = counts.sum(axis=1)
    shares = counts * np.divide(1.0, totals - 1, out=np.zeros_like(totals), where=totals > 1)[:, None]
    value = float(alpha_from_coincidences(shares.T @ counts - np.diag(shares.sum(axis=0)), values, level))
    return value if np.isfinite(value) else None


def alpha_interval(data: Floats, level: Level, bootstrap: Bootstrap) -> Interval | None:
    """Return the 95 % interval of alpha; `bootstrap` draws groups of the units."""
    v = len(np.unique(data[~np.isnan(data)]))
    if bootstrap.groups < 2 or not 1 < v <= _MAX_VALUES:
        return None
    coincidence = coincidences(data)
    stats = coincidence.by_unit.reshape(len(coincidence.by_unit), -1)

    def reduce(sums: Floats) -> Floats:
        return alpha_from_coincidences(sums.reshape(*sums.shape[:-1], v, v), coincidence.values, level)

    return interval(reduce(bootstrap.sums(stats)), bootstrap.jackknife(stats, reduce))


def exact_agreement(data: Floats) -> float | None:
    """Return the share of rater pairs with equal scores; None without pairs.

    `data` [raters, units]; a pair is two raters who scored the same unit.
    """
    is_present = ~np.isnan(data)
    counts_per_unit = is_present.sum(axis=0)
    pairs = float((counts_per_unit * (counts_per_unit - 1)).sum())
    values = np.unique(data[is_present])
    counts = (data[:, :, None] == values).sum(axis=0)
    return float((counts * (counts - 1)).sum()) / pairs if pairs else None


@dataclass(frozen=True)
class Concordance:
    """Kendall's tau-b of two numbers per unit, as sums by group.

    Signs summed over all pairs of units, each matrix [groups, groups]. For weights w (how often each group was drawn)
    tau-b is wᵀBw / √(wᵀFw · wᵀSw); a unit drawn twice is tied with itself.
    """

    both: Floats
    first: Floats
    second: Floats

    def tau(self, weights: Floats) -> Floats:
        """Return tau-b for weights [..., groups] → [...].

        NaN where one of the numbers is constant.
        """
        both, first, second = (
            ((weights @ m) * weights).sum(axis=-1) for m in (self.both, self.first, self.second)
        )  # fmt: skip
        denominator = np.sqrt(first * second)
        return np.asarray(
            np.divide(both, denominator, out=np.full(np.shape(denominator), np.nan), where=denominator > 0)
        )


def concordance(x: Floats, y: Floats, codes: NDArray[np.int64]) -> Concordance:
    """Sum the signs of all pairs of `x` and `y` [units] by group.

    `codes` [units]: the group (0, 1, …) of each unit.
    """
    groups = int(codes.max()) + 1 if len(codes) else 0
    membership = np.zeros((groups, len(codes)))
    membership[codes, np.arange(len(codes))] = 1.0
    sx, sy = (np.sign(v[:, None] - v[None, :]) for v in (x, y))
    return Concordance(*(membership @ m @ membership.T for m in (sx * sy, sx * sx, sy * sy)))


def tau_b(x: Floats, y: Floats) -> float | None:
    """Return Kendall's tau-b (Kendall 1945); None where one variable is constant."""
    codes = np.arange(len(x))
    table = concordance(np.asarray(x, dtype=float), np.asarray(y, dtype=float), codes)
    value = float(table.tau(np.ones(len(x)))) if len(x) else np.nan
    return value if np.isfinite(value) else None


def ranks(values: Floats) -> Floats:
    """Rank along the last axis, from 1; ties share the mean of their ranks."""
    less = (values[..., None, :] < values[..., :, None]).sum(axis=-1)
    equal = (values[..., None, :] == values[..., :, None]).sum(axis=-1)
    return np.asarray(less + (equal + 1) / 2)

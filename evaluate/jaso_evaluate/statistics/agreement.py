"""How far people, or numbers, agree: Krippendorff's alpha, exact agreement, Kendall's tau-b.

Everything is a function of sums over units, so that all resamples of a bootstrap are reduced at once.
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

_MOST_VALUES = 100
"""With more different scores an alpha has no interval: its resamples would not fit into memory."""


@dataclass(frozen=True)
class Coincidences:
    """Pairs of scores that units hold. `values` [v] ascending; `by_unit` [units, v, v], symmetric.

    A unit with m scores adds 1 / (m − 1) for each of its ordered pairs; a unit with fewer than two adds nothing.
    """

    values: Floats
    by_unit: Floats


def coincidences(data: Floats) -> Coincidences:
    """From scores [raters, units], NaN where a rater gave none."""
    values = np.unique(data[~np.isnan(data)])
    counts = (data[:, :, None] == values).sum(axis=0).astype(float)  # [units, v]
    given = counts.sum(axis=1)
    pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(len(values))
    weight = np.divide(1.0, given - 1, out=np.zeros_like(given), where=given > 1)
    return Coincidences(values, pairs * weight[:, None, None])


def alpha_of(sums: Floats, values: Floats, level: Level) -> Floats:
    """Krippendorff's alpha of summed coincidences, shape [..., v, v] → [...]; NaN where all scores are equal.

    1 − observed / expected disagreement (Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability"). The ordinal
    distance of two scores is that of their mid-ranks.
    """
    marginal = sums.sum(axis=-1)
    n = marginal.sum(axis=-1)
    if level == "nominal":
        observed = n - np.trace(sums, axis1=-2, axis2=-1)
        expected = n**2 - (marginal**2).sum(axis=-1)
    else:
        place = (
            np.cumsum(marginal, axis=-1) - marginal / 2
            if level == "ordinal"
            else np.broadcast_to(values, marginal.shape)
        )
        observed = (sums * (place[..., :, None] - place[..., None, :]) ** 2).sum(axis=(-2, -1))
        expected = 2 * (n * (marginal * place**2).sum(axis=-1) - (marginal * place).sum(axis=-1) ** 2)
    # Rounding leaves a little where the true value is 0.
    usable = expected > 1e-9 * np.maximum(n, 1) ** 2
    ratio = np.divide((n - 1) * observed, expected, out=np.full(np.shape(expected), np.nan), where=usable)
    return np.asarray(1 - ratio)


def alpha(data: Floats, level: Level) -> float | None:
    """Krippendorff's alpha of scores [raters, units]; None where it is not defined (no pairs, or no variation)."""
    values = np.unique(data[~np.isnan(data)])
    counts = (data[:, :, None] == values).sum(axis=0).astype(float)  # [units, v]
    given = counts.sum(axis=1)
    shares = counts * np.divide(1.0, given - 1, out=np.zeros_like(given), where=given > 1)[:, None]
    value = float(alpha_of(shares.T @ counts - np.diag(shares.sum(axis=0)), values, level))
    return value if np.isfinite(value) else None


def alpha_interval(data: Floats, level: Level, bootstrap: Bootstrap) -> Interval | None:
    """95 % interval; `bootstrap` draws groups of the units."""
    v = len(np.unique(data[~np.isnan(data)]))
    if bootstrap.groups < 2 or not 1 < v <= _MOST_VALUES:
        return None
    found = coincidences(data)
    stats = found.by_unit.reshape(len(found.by_unit), -1)

    def reduce(sums: Floats) -> Floats:
        return alpha_of(sums.reshape(*sums.shape[:-1], v, v), found.values, level)

    return interval(reduce(bootstrap.sums(stats)), bootstrap.left_out(stats, reduce))


def exact_agreement(data: Floats) -> float | None:
    """Share of pairs of raters that gave a unit of `data` [raters, units] the same score; None without pairs."""
    present = ~np.isnan(data)
    given = present.sum(axis=0)
    pairs = float((given * (given - 1)).sum())
    values = np.unique(data[present])
    counts = (data[:, :, None] == values).sum(axis=0)
    return float((counts * (counts - 1)).sum()) / pairs if pairs else None


@dataclass(frozen=True)
class Concordance:
    """Kendall's tau-b of two numbers a unit, by group: signs summed over all pairs of units, each [groups, groups].

    For weights w (how often each group was drawn) tau-b is wᵀBw / √(wᵀFw · wᵀSw); a unit drawn twice is
    tied with itself.
    """

    both: Floats
    first: Floats
    second: Floats

    def tau(self, weights: Floats) -> Floats:
        """Of weights [..., groups] → [...]; NaN where one of the numbers is the same everywhere."""
        both, first, second = (
            ((weights @ m) * weights).sum(axis=-1) for m in (self.both, self.first, self.second)
        )  # fmt: skip
        size = np.sqrt(first * second)
        return np.asarray(np.divide(both, size, out=np.full(np.shape(size), np.nan), where=size > 0))


def concordance(x: Floats, y: Floats, codes: NDArray[np.int64]) -> Concordance:
    """Of `x` and `y` [units]; `codes` [units] says which group (0, 1, …) each unit is of."""
    groups = int(codes.max()) + 1 if len(codes) else 0
    member = np.zeros((groups, len(codes)))
    member[codes, np.arange(len(codes))] = 1.0
    sx, sy = (np.sign(v[:, None] - v[None, :]) for v in (x, y))
    return Concordance(*(member @ m @ member.T for m in (sx * sy, sx * sx, sy * sy)))


def tau_b(x: Floats, y: Floats) -> float | None:
    """Kendall's tau-b (Kendall 1945) of two numbers a unit; None where one is the same everywhere."""
    codes = np.arange(len(x))
    found = concordance(np.asarray(x, dtype=float), np.asarray(y, dtype=float), codes)
    value = float(found.tau(np.ones(len(x)))) if len(x) else np.nan
    return value if np.isfinite(value) else None


def ranks(values: Floats) -> Floats:
    """Ranks along the last axis, from 1; equal values share the mean of their ranks."""
    less = (values[..., None, :] < values[..., :, None]).sum(axis=-1)
    equal = (values[..., None, :] == values[..., :, None]).sum(axis=-1)
    return np.asarray(less + (equal + 1) / 2)

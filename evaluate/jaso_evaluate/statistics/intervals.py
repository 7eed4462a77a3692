"""Confidence intervals and p-values of a score or a paired difference.

Uncertainty has two sources: the choice of texts, and the seed of training. The interval is the expanded percentile
interval of the bootstrap (Hesterberg 2015, "What Teachers Should Know About the Bootstrap", section 5). A plain
percentile interval is too short: the bootstrap's spread is too small by sqrt((n − 1)/n) for n groups, its tails are
normal where few groups need Student's t, and it treats the spread as known where a few outlying groups determine it. So
the percentiles are taken further out, at Φ(−t · SE_jackknife / SE_bootstrap), with the jackknife's standard error and
with degrees of freedom from the kurtosis of the groups' influence (O'Neill 2014, "Some Useful Moment Results in
Sampling Problems", result 3). The ends of the scale are never passed: they are percentiles of possible scores. Where
seeds add variance there are no draws of it, and the interval is Student's, which ignores the ends of the scale.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from jaso_evaluate.schema import LEVEL

Floats = NDArray[np.float64]
Interval = tuple[float, float]

_MIN_P = 1e-12
"""Smallest p reported: the tails are not known further out."""


@dataclass(frozen=True)
class SeedVariance:
    """Variance of a mean over training seeds, with its degrees of freedom.

    It is not part of the variance over texts.
    """

    variance: float
    df: int


@dataclass(frozen=True)
class Estimate:
    """A score with its resamples, jackknife values and seed variances.

    `draws` [B]: the score of each resample. `jackknife` [groups]: the score without each group. `seed_variances`: one
    entry per system trained with several seeds; empty: intervals cover the choice of texts only.
    """

    value: float
    draws: Floats
    jackknife: Floats
    seed_variances: tuple[SeedVariance, ...] = ()

    def __sub__(self, other: Estimate) -> Estimate:
        """Return the paired difference: draws and groups are subtracted pairwise."""
        return Estimate(
            self.value - other.value,
            self.draws - other.draws,
            self.jackknife - other.jackknife,
            self.seed_variances + other.seed_variances,
        )

    @property
    def groups(self) -> int:
        """Number of groups with a finite jackknife value."""
        return int(np.isfinite(self.jackknife).sum())

    @property
    def text_error(self) -> float:
        """The jackknife's standard error over groups; 0 where nothing varies."""
        return math.sqrt(jackknife_variance(self.jackknife))

    @property
    def standard_error(self) -> float:
        """Standard error from texts and seeds together."""
        return math.sqrt(self.text_error**2 + sum(seed.variance for seed in self.seed_variances))

    @property
    def df(self) -> float:
        """Degrees of freedom of the standard error (Welch–Satterthwaite with seeds)."""
        parts = [(jackknife_variance(self.jackknife), effective_df(self.jackknife))]
        parts += [(seed.variance, float(seed.df)) for seed in self.seed_variances]
        # Variance 0.417 over 4 groups (df 3), 0.4 over 3 seeds (df 2) → df 4.84: less than 3 + 2.
        denominator = sum(variance**2 / df for variance, df in parts if variance > 0)
        return sum(variance for variance, _ in parts) ** 2 / denominator if denominator > 0 else parts[0][1]

    def ci95(self) -> Interval | None:
        """Return the 95 % interval; None when no resample has a value."""
        draws = self.draws[np.isfinite(self.draws)]
        if not len(draws):
            return None
        if self.seed_variances and math.isfinite(self.value):
            half = float(stdtrit(self.df, 1 - LEVEL / 2)) * self.standard_error
            return self.value - half, self.value + half
        tail = LEVEL / 2
        stretch = self._stretch(draws)
        if stretch is not None:
            # df 9, stretch 1.05 → percentiles 0.88 and 99.12 in place of 2.5 and 97.5
            tail = float(ndtr(stdtrit(self.df, LEVEL / 2) * stretch))
        low, high = np.quantile(draws, [tail, 1 - tail])
        return float(low), float(high)

    def p_bootstrap(self) -> float | None:
        """Return the two-sided bootstrap p of a difference.

        It is below 0.05 where `ci95` excludes 0. Twice the share of resamples on the other side of 0, the observed
        sample counted as one of them, so that it is never 0 (Davison & Hinkley 1997, eq. 4.11); then widened as the
        interval is.
        """
        draws = self.draws[np.isfinite(self.draws)]
        if not len(draws):
            return None
        if self.seed_variances:
            return self.p_student()
        # 999 draws, 9 of them on the other side of 0 → p = 2 · (9 + 1) / (999 + 1) = 0.02
        smaller_tail = min(int((draws <= 0).sum()), int((draws >= 0).sum()))
        p = min(1.0, 2 * (smaller_tail + 1) / (len(draws) + 1))
        stretch = self._stretch(draws)
        if stretch is None:  # nothing varies: p is no smaller than that of a sign test on so few groups
            return max(p, 2.0 ** (1 - self.groups)) if self.groups else p
        return float(min(1.0, 2 * stdtr(self.df, ndtri(p / 2) / stretch)))

    def p_student(self) -> float | None:
        """Return the two-sided p of a difference by Student's t.

        None where nothing varies.
        """
        error = self.standard_error
        if error == 0 or not math.isfinite(self.value):
            return None
        return max(float(2 * stdtr(self.df, -abs(self.value) / error)), _MIN_P)

    def _stretch(self, draws: Floats) -> float | None:
        """Return SE(jackknife) / SE(draws); None where either is 0."""
        spread = float(draws.std())
        return self.text_error / spread if spread > 0 and self.text_error > 0 else None


def effective_df(jackknife: Floats) -> float:
    """Return the degrees of freedom of a variance estimated from groups.

    n − 1 for normally distributed influence, fewer the more of it a few groups have; at least 1.
    """
    influence = jackknife[np.isfinite(jackknife)]
    n = len(influence)
    deviations = influence - influence.mean() if n else influence
    variance = float((deviations**2).mean()) if n else 0.0
    if n < 3 or variance == 0:
        return float(max(1, n - 1))
    # 5 groups, deviations [4, −1, −1, −1, −1] → kurtosis 3.25, df 3.6; [2, 1, 0, −1, −2] → kurtosis 1.7, df 4
    kurtosis = float((deviations**4).mean()) / variance**2
    denominator = kurtosis / n - (n - 3) / (n * (n - 1))
    return max(1.0, min(n - 1.0, 2 / denominator)) if denominator > 0 else n - 1.0


def mean_over_seeds(estimates: Sequence[Estimate]) -> Estimate:
    """Combine one system's estimates over training seeds, on the same groups.

    The groups are resampled for the mean of the seeds. The seeds are not: resampling three values gives tails that are
    far too short, and a spread of sqrt(2/3) of the true one. Their variance enters with its few degrees of freedom
    instead.
    """
    if len(estimates) == 1:
        return estimates[0]
    values = np.array([e.value for e in estimates])
    # The variance of the mean: 3 seeds → their variance / 3, with 2 degrees of freedom.
    seed_variance = SeedVariance(float(values.var(ddof=1)) / len(values), len(values) - 1)
    return Estimate(
        float(values.mean()),
        np.mean([e.draws for e in estimates], axis=0),
        np.mean([e.jackknife for e in estimates], axis=0),
        (seed_variance,),
    )


def jackknife_variance(scores: Floats) -> float:
    """Return the jackknife variance of a score, from the score without each group.

    (n − 1)/n · Σ (score without a group − their mean)² (Efron & Tibshirani 1993, eq. 11.5).
    """
    # Values [1, 2, 3, 4], means without each [3, 2.67, 2.33, 2] → 0.417, which is s² / n of the values
    finite = scores[np.isfinite(scores)]
    n = len(finite)
    return float((n - 1) / n * ((finite - finite.mean()) ** 2).sum()) if n > 1 else 0.0

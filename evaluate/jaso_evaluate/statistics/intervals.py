"""A score, or a difference of two, with all that its uncertainty is made of: the texts' luck and the training's.

The interval is the percentile interval of the bootstrap, widened: the bootstrap's spread is too small by
sqrt((n − 1)/n) for n groups, it has the tails of the normal distribution where few groups ask for Student's, and it
takes the spread as known where a few outlying groups make it. So the percentiles are taken further out, at
Φ(−t · SE_jackknife / SE_bootstrap). That is the expanded percentile interval (Hesterberg 2015, "What Teachers Should
Know About the Bootstrap", section 5) with the jackknife's standard error, and degrees of freedom that follow from the
kurtosis of the groups' influence (O'Neill 2014, "Some Useful Moment Results in Sampling Problems", result 3). Ends of
the scale are never passed: they are percentiles of scores that can occur. Where seeds have luck, there are no draws of
it, and the interval is Student's, which knows no scale.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, stdtr, stdtrit

Floats = NDArray[np.float64]
Interval = tuple[float, float]

LEVEL = 0.05

_SMALLEST = 1e-12
"""No p is given as less: the tails are not known that far out."""


@dataclass(frozen=True)
class SeedVariance:
    """What chance adds that no text stands for: the variance of a mean over seeds, with its degrees of freedom."""

    variance: float
    freedom: int


@dataclass(frozen=True)
class Estimate:
    """`draws` [B]: the score of each resample. `left_out` [groups]: the score without each group. `luck`: of training,
    one entry for each system that has several seeds; empty: the intervals tell of the texts alone."""

    value: float
    draws: Floats
    left_out: Floats
    luck: tuple[SeedVariance, ...] = ()

    def __sub__(self, other: Estimate) -> Estimate:
        """The paired difference: equal draws and groups are set against each other."""
        return Estimate(
            self.value - other.value,
            self.draws - other.draws,
            self.left_out - other.left_out,
            self.luck + other.luck,
        )

    @property
    def groups(self) -> int:
        """Groups that have a say."""
        return int(np.isfinite(self.left_out).sum())

    @property
    def text_error(self) -> float:
        """The jackknife's standard error over groups; 0 where nothing varies."""
        return math.sqrt(jackknife_variance(self.left_out))

    @property
    def standard_error(self) -> float:
        """Of the texts and of the seeds' luck together."""
        return math.sqrt(self.text_error**2 + sum(luck.variance for luck in self.luck))

    @property
    def freedom(self) -> float:
        """Degrees of freedom of the standard error (Welch–Satterthwaite where seeds have a part in it)."""
        parts = [(jackknife_variance(self.left_out), freedom_of(self.left_out))]
        parts += [(luck.variance, float(luck.freedom)) for luck in self.luck]
        below = sum(variance**2 / freedom for variance, freedom in parts if variance > 0)
        return sum(variance for variance, _ in parts) ** 2 / below if below > 0 else parts[0][1]

    def ci95(self) -> Interval | None:
        """The 95 % interval; None when no resample has a value."""
        draws = self.draws[np.isfinite(self.draws)]
        if not len(draws):
            return None
        if self.luck and math.isfinite(self.value):
            half = float(stdtrit(self.freedom, 1 - LEVEL / 2)) * self.standard_error
            return self.value - half, self.value + half
        tail = LEVEL / 2
        stretch = self._stretch(draws)
        if stretch is not None:
            tail = float(ndtr(stdtrit(self.freedom, LEVEL / 2) * stretch))
        low, high = np.quantile(draws, [tail, 1 - tail])
        return float(low), float(high)

    def p_bootstrap(self) -> float | None:
        """Two-sided p of a difference by its bootstrap, below 0.05 where `ci95` leaves 0 out.

        Twice the share of resamples on the other side of 0, the observed sample counted as one of them, so that it is
        never 0 (Davison & Hinkley 1997, eq. 4.11); then widened as the interval is.
        """
        draws = self.draws[np.isfinite(self.draws)]
        if not len(draws):
            return None
        if self.luck:
            return self.p_student()
        smaller = min(int((draws <= 0).sum()), int((draws >= 0).sum()))
        p = min(1.0, 2 * (smaller + 1) / (len(draws) + 1))
        stretch = self._stretch(draws)
        if stretch is None:  # nothing varies: so few groups cannot say more than by swapping their signs
            return max(p, 2.0 ** (1 - self.groups)) if self.groups else p
        return float(min(1.0, 2 * stdtr(self.freedom, ndtri(p / 2) / stretch)))

    def p_student(self) -> float | None:
        """Two-sided p of a difference by its standard error and Student's t; None where nothing varies."""
        error = self.standard_error
        if error == 0 or not math.isfinite(self.value):
            return None
        return max(float(2 * stdtr(self.freedom, -abs(self.value) / error)), _SMALLEST)

    def _stretch(self, draws: Floats) -> float | None:
        """Standard error of the jackknife over that of the draws; None where one of them tells nothing."""
        spread = float(draws.std())
        return self.text_error / spread if spread > 0 and self.text_error > 0 else None


def freedom_of(left_out: Floats) -> float:
    """Degrees of freedom of a variance that was estimated from groups: n − 1 for normal influence, fewer the more of
    it a few groups have; at least 1."""
    influence = left_out[np.isfinite(left_out)]
    n = len(influence)
    deviations = influence - influence.mean() if n else influence
    square = float((deviations**2).mean()) if n else 0.0
    if n < 3 or square == 0:
        return float(max(1, n - 1))
    kurtosis = float((deviations**4).mean()) / square**2
    below = kurtosis / n - (n - 3) / (n * (n - 1))
    return max(1.0, min(n - 1.0, 2 / below)) if below > 0 else n - 1.0


def mean_over_seeds(estimates: Sequence[Estimate]) -> Estimate:
    """One system trained with several seeds, measured on the same groups.

    The groups are resampled for the mean of the seeds. The seeds are not: three values drawn again and again give tails
    that are far too short, and a spread of sqrt(2/3) of the true one. Their variance comes in with its few degrees of
    freedom instead.
    """
    if len(estimates) == 1:
        return estimates[0]
    values = np.array([e.value for e in estimates])
    luck = SeedVariance(float(values.var(ddof=1)) / len(values), len(values) - 1)
    return Estimate(
        float(values.mean()),
        np.mean([e.draws for e in estimates], axis=0),
        np.mean([e.left_out for e in estimates], axis=0),
        (luck,),
    )


def jackknife_variance(left_out: Floats) -> float:
    """Of a score, from the score without each group: (n − 1)/n · Σ (score without a group − their mean)² (Efron &
    Tibshirani 1993, eq. 11.5)."""
    finite = left_out[np.isfinite(left_out)]
    n = len(finite)
    return float((n - 1) / n * ((finite - finite.mean()) ** 2).sum()) if n > 1 else 0.0

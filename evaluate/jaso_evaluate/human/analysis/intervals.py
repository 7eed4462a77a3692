"""Intervals of means over items and raters, both of them random samples.

A bootstrap that draws both (Owen 2007, "The pigeonhole bootstrap") takes the variance between a handful of raters as
known. So its percentiles are taken further out, as `estimate` does for groups alone (Hesterberg 2015): by Student's t
with Satterthwaite's degrees of freedom, and the standard error that the jackknife over groups and the spread of the
raters' severity give together.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtrit

from jaso_evaluate.human.ratings import Ratings, mean
from jaso_evaluate.statistics.bootstrap import Bootstrap
from jaso_evaluate.statistics.intervals import Estimate, Interval, SeedVariance
from jaso_evaluate.statistics.reductions import reduction

Floats = NDArray[np.float64]

_CHUNK = 1 << 22
"""Numbers of one array computed at once (resamples × texts)."""

_TAIL = 0.025


def mean_interval(values: Floats, ratings: Ratings, draws: Floats) -> Interval | None:
    """95 % interval of a mean over raters and items of `values` [raters, items].

    `draws` [resamples] of the same mean. None where neither groups nor raters vary.
    """
    draws = draws[np.isfinite(draws)]
    if not len(draws) or max(ratings.group_count, len(ratings.raters)) < 2:
        return None
    spread = float(draws.std())
    if spread == 0:
        return float(draws[0]), float(draws[0])
    estimate = Estimate(float(draws.mean()), draws, _jackknife_means(values, ratings), _rater_variance(values))
    tail = (
        float(ndtr(stdtrit(estimate.df, _TAIL) * estimate.standard_error / spread))
        if estimate.standard_error
        else _TAIL
    )
    low, high = np.quantile(draws, [tail, 1 - tail])
    return float(low), float(high)


def _jackknife_means(values: Floats, ratings: Ratings) -> Floats:
    """Jackknife: the mean without each group of items."""
    text = mean(values, axis=0)
    present = ~np.isnan(text)
    stats = np.stack([np.where(present, text, 0.0), present.astype(float)], axis=1)
    return Bootstrap(ratings.groups).jackknife(stats, reduction("ratio"))


def _rater_variance(values: Floats) -> tuple[SeedVariance, ...]:
    """Variance that the choice of raters adds to the mean.

    It is that of their severity, weighted by the share each has in the mean.
    """
    present = ~np.isnan(values)
    raters = int(present.any(axis=1).sum())
    if raters < 2:
        return ()
    filled = np.where(present, values, 0.0)
    others = present.sum(axis=0) - present
    mean_of_others = np.divide(filled.sum(axis=0) - filled, others, out=np.full(values.shape, np.nan), where=others > 0)
    severity = mean(values - mean_of_others, axis=1)
    severity = severity[~np.isnan(severity)]
    if len(severity) < 2:
        return ()
    share = (present / np.maximum(present.sum(axis=0), 1)).sum(axis=1) / present.any(axis=0).sum()
    # Severity against the others is R / (R - 1) times that against the mean of all R raters, hence the factor:
    # means 2 and 3 → severities -1 and 1 → variance 0.5, as Σ(x - x̄)² / (R - 1).
    variance = float((severity**2).mean()) * (raters - 1) / raters
    return (SeedVariance(variance * float((share**2).sum()), raters - 1),)


def resampled_means(ratings: Ratings, resamples: int, seed: int) -> Floats:
    """Means of each run and measure over resampled item groups and raters.

    Shape [resamples, runs, criteria + 1]. Both are drawn with replacement, as both are samples (the pigeonhole
    bootstrap, Owen 2007); one group, or one rater, is taken as it is.
    """
    k, i, r, c = ratings.scores.shape
    flat = ratings.scores.reshape(k, -1)
    present = (~np.isnan(flat)).astype(float)
    filled = np.where(present > 0, flat, 0.0)
    parts = []
    for items, raters in _weights(ratings, resamples, seed):
        shape = (len(items), i, r, c)
        count = (raters @ present).reshape(shape)
        text = np.divide((raters @ filled).reshape(shape), count, out=np.zeros(shape), where=count > 0)
        # Text means of each resample, weighted by how often their items were drawn; blank texts have weight 0.
        weight = items[:, :, None, None] * (count > 0)
        size = weight.sum(axis=1)
        parts.append(np.divide((weight * text).sum(axis=1), size, out=np.full(size.shape, np.nan), where=size > 0))
    return np.concatenate(parts)


def _weights(ratings: Ratings, resamples: int, seed: int) -> Iterator[tuple[Floats, Floats]]:
    """Yield counts of how often each item and each rater was drawn.

    Shapes [draws, items] and [draws, raters].
    """
    random = np.random.default_rng(seed)
    chunk = max(1, _CHUNK // max(1, int(np.prod(ratings.scores.shape[1:]))))
    for start in range(0, resamples, chunk):
        draws = min(chunk, resamples - start)
        groups = _draw_counts(random, ratings.group_count, draws)
        yield groups[:, ratings.codes], _draw_counts(random, len(ratings.raters), draws)


def _draw_counts(random: np.random.Generator, size: int, draws: int) -> Floats:
    if size < 2:
        return np.ones((draws, size))
    return random.multinomial(size, np.full(size, 1 / size), size=draws).astype(float)

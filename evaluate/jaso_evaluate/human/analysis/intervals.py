"""Intervals of means over items and raters, both of them samples of more.

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

_HELD = 1 << 22
"""Numbers of one array held at once (resamples × texts)."""

_TAIL = 0.025


def mean_interval(values: Floats, ratings: Ratings, draws: Floats) -> Interval | None:
    """95 % interval of a mean over raters and items of `values` [raters, items]; `draws` [resamples] of the same mean.

    None where neither groups nor raters vary.
    """
    draws = draws[np.isfinite(draws)]
    if not len(draws) or max(ratings.group_count, len(ratings.raters)) < 2:
        return None
    spread = float(draws.std())
    if spread == 0:
        return float(draws[0]), float(draws[0])
    found = Estimate(float(draws.mean()), draws, _left_out(values, ratings), _rater_luck(values))
    tail = float(ndtr(stdtrit(found.df, _TAIL) * found.standard_error / spread)) if found.standard_error else _TAIL
    low, high = np.quantile(draws, [tail, 1 - tail])
    return float(low), float(high)


def _left_out(values: Floats, ratings: Ratings) -> Floats:
    """The mean without each group of items."""
    text = mean(values, axis=0)
    present = ~np.isnan(text)
    stats = np.stack([np.where(present, text, 0.0), present.astype(float)], axis=1)
    return Bootstrap(ratings.groups).jackknife(stats, reduction("ratio"))


def _rater_luck(values: Floats) -> tuple[SeedVariance, ...]:
    """What the choice of raters adds to the variance: that of their severity, by the share each has in the mean."""
    present = ~np.isnan(values)
    raters = int(present.any(axis=1).sum())
    if raters < 2:
        return ()
    given = np.where(present, values, 0.0)
    others = present.sum(axis=0) - present
    rest = np.divide(given.sum(axis=0) - given, others, out=np.full(values.shape, np.nan), where=others > 0)
    severity = mean(values - rest, axis=1)
    severity = severity[~np.isnan(severity)]
    if len(severity) < 2:
        return ()
    share = (present / np.maximum(present.sum(axis=0), 1)).sum(axis=1) / present.any(axis=0).sum()
    variance = float((severity**2).mean()) * (raters - 1) / raters
    return (SeedVariance(variance * float((share**2).sum()), raters - 1),)


def resampled_means(ratings: Ratings, resamples: int, seed: int) -> Floats:
    """Means of each run and measure over resampled item groups and raters, [resamples, runs, criteria + 1].

    Both are drawn with replacement, as items and raters are both samples of more (the pigeonhole bootstrap, Owen 2007);
    one group, or one rater, is taken as it is.
    """
    k, i, r, c = ratings.scores.shape
    flat = ratings.scores.reshape(k, -1)
    present = (~np.isnan(flat)).astype(float)
    given = np.where(present > 0, flat, 0.0)
    parts = []
    for items, raters in _weights(ratings, resamples, seed):
        shape = (len(items), i, r, c)
        count = (raters @ present).reshape(shape)
        text = np.divide((raters @ given).reshape(shape), count, out=np.zeros(shape), where=count > 0)
        weight = items[:, :, None, None] * (count > 0)
        size = weight.sum(axis=1)
        parts.append(np.divide((weight * text).sum(axis=1), size, out=np.full(size.shape, np.nan), where=size > 0))
    return np.concatenate(parts)


def _weights(ratings: Ratings, resamples: int, seed: int) -> Iterator[tuple[Floats, Floats]]:
    """How often each item [some, items] and each rater [some, raters] was drawn."""
    random = np.random.default_rng(seed)
    chunk = max(1, _HELD // max(1, int(np.prod(ratings.scores.shape[1:]))))
    for start in range(0, resamples, chunk):
        some = min(chunk, resamples - start)
        groups = _drawn(random, ratings.group_count, some)
        yield groups[:, ratings.codes], _drawn(random, len(ratings.raters), some)


def _drawn(random: np.random.Generator, size: int, some: int) -> Floats:
    if size < 2:
        return np.ones((some, size))
    return random.multinomial(size, np.full(size, 1 / size), size=some).astype(float)

"""Bootstrap by group: the draws behind every interval.

Whole groups (applicants, talks) are drawn, not single texts: texts of one group resemble each other, and intervals that
take them as independent are too narrow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from jaso_evaluate.statistics.reductions import Reduction

Floats = NDArray[np.float64]

_WEIGHTS = 1 << 21
"""Weights held at once (resamples × groups): some 64 MiB with what is made on the way."""


class Bootstrap:
    """Resamples of one set of examples. Equal groups, `resamples` and `seed` give equal resamples, so that two runs on
    the same examples are compared draw by draw."""

    def __init__(self, groups: Sequence[str], resamples: int = 1000, seed: int = 1) -> None:
        self.resamples = resamples
        self.seed = seed
        names, codes = np.unique(np.asarray(groups, dtype=object).astype(str), return_inverse=True)
        self.groups = len(names)
        self._codes = codes

    def by_group(self, stats: Floats) -> Floats:
        """Sums of the statistics [n, k] over each group, shape [groups, k]."""
        sums = np.zeros((self.groups, stats.shape[1]))
        np.add.at(sums, self._codes, stats)
        return sums

    def sums(self, stats: Floats) -> Floats:
        """Sums of the statistics [n, k] over each resample, shape [resamples, k]."""
        by_group = self.by_group(stats)
        return np.concatenate([weights @ by_group for weights in self._weights()])

    def left_out(self, stats: Floats, reduce: Reduction) -> Floats:
        """The jackknife: the score without each group, shape [groups]; NaN for a group without any statistics."""
        by_group = self.by_group(stats)
        return np.where(by_group.any(axis=1), reduce(by_group.sum(axis=0) - by_group), np.nan)

    def _weights(self) -> Iterator[Floats]:
        """How often each group was drawn, in chunks of shape [some resamples, groups]."""
        random = np.random.default_rng(self.seed)
        chunk = max(1, _WEIGHTS // max(self.groups, 1))
        for start in range(0, self.resamples, chunk):
            rows = min(chunk, self.resamples - start)
            drawn = random.integers(self.groups, size=(rows, self.groups))
            drawn += self.groups * np.arange(rows)[:, None]
            yield np.bincount(drawn.ravel(), minlength=rows * self.groups).reshape(rows, self.groups).astype(float)

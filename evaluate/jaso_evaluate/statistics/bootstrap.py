"""Cluster bootstrap: whole groups are resampled, not single texts.

Texts of one group (an applicant, a talk) resemble each other; intervals that treat them as independent are too narrow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from jaso_evaluate.statistics.reductions import Reduction

Floats = NDArray[np.float64]

_CHUNK_WEIGHTS = 1 << 21
"""Weights in memory at once (resamples × groups): some 64 MiB with intermediate arrays."""


class Bootstrap:
    """Resamples of the groups of one set of examples.

    Equal groups, `resamples` and `seed` give equal resamples, so that two runs on the same examples are paired draw by
    draw.
    """

    def __init__(self, groups: Sequence[str], resamples: int = 1000, seed: int = 1) -> None:
        self.resamples = resamples
        self.seed = seed
        names, codes = np.unique(np.asarray(groups, dtype=object).astype(str), return_inverse=True)
        self.groups = len(names)
        self._codes = codes

    def by_group(self, stats: Floats) -> Floats:
        """Sum the statistics [n, k] by group, shape [groups, k]."""
        sums = np.zeros((self.groups, stats.shape[1]))
        np.add.at(sums, self._codes, stats)
        return sums

    def sums(self, stats: Floats) -> Floats:
        """Sum the statistics [n, k] over each resample, shape [resamples, k]."""
        by_group = self.by_group(stats)
        return np.concatenate([weights @ by_group for weights in self._weights()])

    def jackknife(self, stats: Floats, reduce: Reduction) -> Floats:
        """Return the score without each group (jackknife), shape [groups].

        NaN for a group without any statistics.
        """
        by_group = self.by_group(stats)
        return np.where(by_group.any(axis=1), reduce(by_group.sum(axis=0) - by_group), np.nan)

    def _weights(self) -> Iterator[Floats]:
        """Yield how often each group is drawn, in chunks of shape [resamples, groups]."""
        random = np.random.default_rng(self.seed)
        chunk = max(1, _CHUNK_WEIGHTS // max(self.groups, 1))
        for start in range(0, self.resamples, chunk):
            rows = min(chunk, self.resamples - start)
            draws = random.integers(self.groups, size=(rows, self.groups))
            # Offset each row by the number of groups, so that one bincount counts all rows:
            # 3 groups, draws [[0, 2, 2], [1, 1, 0]] → weights [[1, 0, 2], [1, 2, 0]]
            draws += self.groups * np.arange(rows)[:, None]
            yield np.bincount(draws.ravel(), minlength=rows * self.groups).reshape(rows, self.groups).astype(float)

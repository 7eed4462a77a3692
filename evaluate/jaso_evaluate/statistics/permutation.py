"""The paired permutation test (approximate randomisation; Noreen 1989, Riezler & Maxwell 2005).

If two runs are equally good, either could have written either text: their rows of a whole group are swapped, and the
difference is taken anew. With sums by group A and B, and 1 where a group is swapped, the sums after swapping are
ΣA + swapped @ (B − A) and ΣB − swapped @ (B − A): no text is touched again.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from jaso_evaluate.statistics.reductions import Reduction

Floats = NDArray[np.float64]

_CELLS = 1 << 22
_TIE = 1e-9
"""Differences that are equal but for rounding, relative to the scores, are equal."""


class PairedPermutationTest:
    """Which groups are swapped. With few groups all 2^(groups − 1) ways are gone through once, and p is exact; a way
    and its contrary give the same difference with another sign, so half of them suffice."""

    def __init__(self, groups: int, resamples: int, seed: int) -> None:
        self.groups = groups
        self.exact = groups <= 1 or 2 ** (groups - 1) <= resamples
        self.ways = 2 ** max(0, groups - 1) if self.exact else resamples
        self._seed = seed

    @property
    def smallest_p(self) -> float:
        """No test by these swaps can give less."""
        return 1 / self.ways if self.exact else 1 / (self.ways + 1)

    def sums(self, by_group: Floats) -> Floats:
        """Sums of what is swapped [groups, k], for each way, shape [ways, k]."""
        return np.concatenate([swapped @ by_group for swapped in self._chunks()])

    def p(self, reduce: Reduction, first: tuple[Floats, Floats], second: tuple[Floats, Floats]) -> float | None:
        """Two-sided p of the difference of two runs, each as (its sum [k], its sums of what is swapped [ways, k]).

        None when the difference has no value. The observed way counts as one of them, so that p is never 0.
        """
        moved = second[1] - first[1]
        observed = float(reduce(first[0]) - reduce(second[0]))
        found = reduce(first[0] + moved) - reduce(second[0] - moved)
        if not np.isfinite(observed):
            return None
        # A way that leaves a run without a value (all its texts with one went over) speaks against no difference.
        tie = _TIE * max(1.0, abs(float(reduce(first[0]))), abs(float(reduce(second[0]))))
        extreme = int((~(np.abs(found) < abs(observed) - tie)).sum())
        return extreme / self.ways if self.exact else (extreme + 1) / (self.ways + 1)

    def _chunks(self) -> Iterator[Floats]:
        """1.0 where a group is swapped, in chunks of shape [some ways, groups]."""
        random = np.random.default_rng(self._seed)
        chunk = max(1, _CELLS // max(self.groups, 1))
        for start in range(0, self.ways, chunk):
            ways = np.arange(start, min(start + chunk, self.ways))
            if self.exact:
                yield (ways[:, None] >> np.arange(self.groups) & 1).astype(float)
            else:
                yield random.integers(2, size=(len(ways), self.groups), dtype=np.int8).astype(float)

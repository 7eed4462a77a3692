"""Paired permutation test (approximate randomisation).

Noreen 1989, Riezler & Maxwell 2005. If two runs are equally good, either could have written either text: the rows of
whole groups are swapped and the difference is computed again. With sums by group A and B, and 1 where a group is
swapped, the sums after swapping are ΣA + swapped @ (B − A) and ΣB − swapped @ (B − A), so that no text is read again.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from jaso_evaluate.statistics.reductions import Reduction

Floats = NDArray[np.float64]

_CHUNK_CELLS = 1 << 22
_TIE_TOLERANCE = 1e-9
"""Differences that are equal but for rounding, relative to the scores, count as ties."""


class PairedPermutationTest:
    """Swaps of whole groups between two runs.

    With few groups all 2^(groups − 1) permutations are enumerated and p is exact; a permutation and its complement give
    the same difference with the opposite sign, so half of them suffice.
    """

    def __init__(self, groups: int, resamples: int, seed: int) -> None:
        self.groups = groups
        self.exact = groups <= 1 or 2 ** (groups - 1) <= resamples
        self.permutations = 2 ** max(0, groups - 1) if self.exact else resamples
        self._seed = seed

    @property
    def min_p(self) -> float:
        """The smallest p that this number of permutations can give."""
        return 1 / self.permutations if self.exact else 1 / (self.permutations + 1)

    def sums(self, by_group: Floats) -> Floats:
        """Sum the swapped rows [groups, k] per permutation, [permutations, k]."""
        return np.concatenate([swapped @ by_group for swapped in self._chunks()])

    def p(self, reduce: Reduction, first: tuple[Floats, Floats], second: tuple[Floats, Floats]) -> float | None:
        """Return the two-sided p of the difference of two runs.

        Each run is (its sum [k], its sums of swapped rows [permutations, k]). None when the difference has no value.
        The observed permutation is counted as one, so that p is never 0.
        """
        shift = second[1] - first[1]
        observed = float(reduce(first[0]) - reduce(second[0]))
        differences = reduce(first[0] + shift) - reduce(second[0] - shift)
        if not np.isfinite(observed):
            return None
        # NaN, where a permutation swaps away all of a run's texts with a value, counts as extreme: ~(NaN < x) is True.
        tie = _TIE_TOLERANCE * max(1.0, abs(float(reduce(first[0]))), abs(float(reduce(second[0]))))
        extreme = int((~(np.abs(differences) < abs(observed) - tie)).sum())
        # 3 groups, differences [1, 1, 1]: of the 4 permutations only the observed one gives 3 → p = 1/4
        return extreme / self.permutations if self.exact else (extreme + 1) / (self.permutations + 1)

    def _chunks(self) -> Iterator[Floats]:
        """Yield 1.0 where a group is swapped, in chunks of shape [permutations, groups]."""
        random = np.random.default_rng(self._seed)
        chunk = max(1, _CHUNK_CELLS // max(self.groups, 1))
        for start in range(0, self.permutations, chunk):
            indices = np.arange(start, min(start + chunk, self.permutations))
            if self.exact:
                # The bits of the permutation's index: 5 = 0b0101 of 4 groups → [1.0, 0.0, 1.0, 0.0]
                yield (indices[:, None] >> np.arange(self.groups) & 1).astype(float)
            else:
                yield random.integers(2, size=(len(indices), self.groups), dtype=np.int8).astype(float)

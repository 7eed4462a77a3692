"""BPE and WordPiece: from single symbols upwards, the best pair of neighbours becomes a token, again and again.

BPE (Sennrich et al. 2016) takes the most frequent pair. WordPiece (Schuster and Nakajima 2012) takes the pair that
raises the corpus' likelihood under a unigram model most for each of its occurrences: freq(ab) / (freq(a) · freq(b)),
with the frequencies of the words as they are divided at that moment.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from jaso_core.console import bar
from jaso_train.tokenizers.pair_counts import Ints, Pairs
from jaso_train.tokenizers.word_counts import Words

Scores = NDArray[np.float64]
Score = Callable[[Pairs, Ints], Scores]
_NEVER = -1.0
_AT_ONCE = 2000
"""Pairs that are put in order at once."""
_FULL = 20_000
"""Entries of the heap, outdated ones included, at which it is made anew."""


def by_frequency(pairs: Pairs, numbers: Ints) -> Scores:
    """BPE's score."""
    return pairs.frequency[numbers].astype(np.float64)


def by_likelihood(pairs: Pairs, numbers: Ints) -> Scores:
    """WordPiece's score, in double precision."""
    left, right = pairs.token_frequency[pairs.left[numbers]], pairs.token_frequency[pairs.right[numbers]]
    expected = left.astype(np.float64) * right
    # A token that stands nowhere is in no pair that stands somewhere.
    return pairs.frequency[numbers] / np.maximum(expected, 1.0)


def learn_merges(
    words: Words, wanted: int, min_frequency: int, score: Score, *, neighbours: bool
) -> tuple[list[str], list[tuple[str, str]]]:
    """(tokens: the alphabet and what was learned in order, merges as pairs of strings).

    Ends with `wanted` tokens, or when no pair stands `min_frequency` times. Ties go to the more frequent pair, then to
    the lesser strings. `neighbours`: a merge changes the score of all pairs that its tokens are part of.
    """
    pairs = Pairs(words)
    queue = _Queue(pairs, min_frequency, score)
    merges: dict[tuple[str, str], None] = {}
    with bar(wanted, "tokenizer", "tokens", done=len(pairs.tokens)) as shown:
        while len(pairs.tokens) < wanted and (best := queue.best()) is not None:
            left, right = pairs.left[best], pairs.right[best]
            merges[pairs.tokens[left], pairs.tokens[right]] = None
            new, changed = pairs.merge(best)
            if neighbours:
                touched = [pairs.touching(token) for token in {left, right, new}]
                changed = np.unique(np.concatenate([changed, *touched]))
            queue.update(changed)
            _show(shown, len(pairs.tokens))
    return pairs.tokens, list(merges)


class _Queue:
    """The pairs by score. Only those at or above a threshold stand in a heap: most pairs never come so far."""

    def __init__(self, pairs: Pairs, min_frequency: int, score: Score) -> None:
        self.pairs, self.min_frequency, self.score = pairs, min_frequency, score
        self.scores = np.full(1024, _NEVER)
        self.heap: list[tuple[float, int, str, str, int]] = []
        self.threshold = np.inf
        self.full = _FULL
        self.update(np.arange(pairs.count))

    def update(self, numbers: Ints) -> None:
        """Scores these pairs anew. What stood in the heap with another score is passed over later."""
        while len(self.scores) < self.pairs.count:
            self.scores = np.concatenate([self.scores, np.full(len(self.scores), _NEVER)])
        rare = self.pairs.frequency[numbers] < self.min_frequency
        scores = np.where(rare, _NEVER, self.score(self.pairs, numbers))
        self.scores[numbers] = scores
        self._push(numbers[scores >= self.threshold])
        if len(self.heap) > self.full:
            self._begin_anew()

    def best(self) -> int | None:
        """The number of the best pair, None when there is none left."""
        while True:
            while self.heap:
                negative, frequency, _, _, number = heapq.heappop(self.heap)
                if self.scores[number] == -negative and self.pairs.frequency[number] == -frequency:
                    return number
            if not self._begin_anew():
                return None

    def _begin_anew(self) -> bool:
        """Fills the heap with the best pairs, False when there are none. Drops what is outdated in it."""
        alive = np.flatnonzero(self.scores > 0)
        if not len(alive):
            return False
        some = min(_AT_ONCE, len(alive))
        self.threshold = float(np.partition(self.scores[alive], -some)[-some])
        self.heap = []
        self._push(np.flatnonzero(self.scores >= self.threshold))
        self.full = max(_FULL, 4 * len(self.heap))
        return True

    def _push(self, numbers: Ints) -> None:
        tokens = self.pairs.tokens
        columns = (-self.scores[numbers], -self.pairs.frequency[numbers], self.pairs.left[numbers],
                   self.pairs.right[numbers], numbers)  # fmt: skip
        for score, frequency, left, right, number in zip(*(column.tolist() for column in columns), strict=True):
            heapq.heappush(self.heap, (score, frequency, tokens[left], tokens[right], number))


def _show(shown: tqdm[NoReturn], tokens: int) -> None:
    if tokens > shown.n:
        shown.update(tokens - shown.n)

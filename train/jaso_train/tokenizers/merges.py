"""BPE and WordPiece training: merge the best pair of neighbours, again and again.

BPE (Sennrich et al. 2016) takes the most frequent pair. WordPiece (Schuster and Nakajima 2012) takes the pair that
raises the corpus' likelihood under a unigram model most for each of its occurrences: freq(ab) / (freq(a) · freq(b)),
with the frequencies of the words as they are segmented at that moment.
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
_EXCLUDED = -1.0
_AT_ONCE = 2000
"""Pairs that a rebuilt heap begins with."""
_FULL = 20_000
"""Entries of the heap, outdated ones included, at which it is rebuilt."""


def by_frequency(pairs: Pairs, numbers: Ints) -> Scores:
    """Return BPE's score of the pairs: their frequency."""
    return pairs.frequency[numbers].astype(np.float64)


def by_likelihood(pairs: Pairs, numbers: Ints) -> Scores:
    """Return WordPiece's score of the pairs, in double precision."""
    # "abab" once, "ab" twice: a, b and ab occur 4 times each → 4 / (4 · 4) = 0.25
    left, right = pairs.token_frequency[pairs.left[numbers]], pairs.token_frequency[pairs.right[numbers]]
    expected = left.astype(np.float64) * right
    # A token that occurs nowhere is in no pair that occurs: dividing by 1 there changes no score.
    return pairs.frequency[numbers] / np.maximum(expected, 1.0)


def learn_merges(
    words: Words, size: int, min_frequency: int, score: Score, *, neighbours: bool
) -> tuple[list[str], list[tuple[str, str]]]:
    """Return (tokens, merges): what is learned from the words.

    Tokens are the alphabet, then what was learned in order; merges are pairs of strings. Ends with `size` tokens, or
    when no pair occurs `min_frequency` times. Ties go to the more frequent pair, then to the lesser strings.
    `neighbours`: a merge changes the score of all pairs that its tokens are part of.
    """
    pairs = Pairs(words)
    queue = _Queue(pairs, min_frequency, score)
    merges: dict[tuple[str, str], None] = {}
    with bar(size, "tokenizer", "tokens", done=len(pairs.tokens)) as progress:
        while len(pairs.tokens) < size and (best := queue.best()) is not None:
            left, right = pairs.left[best], pairs.right[best]
            merges[pairs.tokens[left], pairs.tokens[right]] = None
            new, changed = pairs.merge(best)
            if neighbours:
                affected = [pairs.pairs_with(token) for token in {left, right, new}]
                changed = np.unique(np.concatenate([changed, *affected]))
            queue.update(changed)
            _advance(progress, len(pairs.tokens))
    return pairs.tokens, list(merges)


class _Queue:
    """Priority queue of the pairs by score.

    Only pairs at or above a threshold are in the heap: most pairs never reach it.
    """

    def __init__(self, pairs: Pairs, min_frequency: int, score: Score) -> None:
        self.pairs, self.min_frequency, self.score = pairs, min_frequency, score
        self.scores = np.full(1024, _EXCLUDED)
        self.heap: list[tuple[float, int, str, str, int]] = []
        self.threshold = np.inf
        self.heap_limit = _FULL
        self.update(np.arange(pairs.count))

    def update(self, numbers: Ints) -> None:
        """Score these pairs again; their outdated heap entries are skipped later."""
        while len(self.scores) < self.pairs.count:
            self.scores = np.concatenate([self.scores, np.full(len(self.scores), _EXCLUDED)])
        rare = self.pairs.frequency[numbers] < self.min_frequency
        scores = np.where(rare, _EXCLUDED, self.score(self.pairs, numbers))
        self.scores[numbers] = scores
        self._push(numbers[scores >= self.threshold])
        if len(self.heap) > self.heap_limit:
            self._rebuild()

    def best(self) -> int | None:
        """Return the number of the best pair, None when there is none left."""
        while True:
            while self.heap:
                # A pair may have outdated entries: one counts only with the present score and frequency.
                negative, frequency, _, _, number = heapq.heappop(self.heap)
                if self.scores[number] == -negative and self.pairs.frequency[number] == -frequency:
                    return number
            if not self._rebuild():
                return None

    def _rebuild(self) -> bool:
        """Fill the heap with the best pairs, without outdated entries; False when none."""
        live = np.flatnonzero(self.scores > 0)
        if not len(live):
            return False
        refill = min(_AT_ONCE, len(live))
        self.threshold = float(np.partition(self.scores[live], -refill)[-refill])
        self.heap = []
        self._push(np.flatnonzero(self.scores >= self.threshold))
        self.heap_limit = max(_FULL, 4 * len(self.heap))
        return True

    def _push(self, numbers: Ints) -> None:
        # A min-heap: the best pair is the one with the least (−score, −frequency, left string, right string).
        tokens = self.pairs.tokens
        columns = (-self.scores[numbers], -self.pairs.frequency[numbers], self.pairs.left[numbers],
                   self.pairs.right[numbers], numbers)  # fmt: skip
        for score, frequency, left, right, number in zip(*(column.tolist() for column in columns), strict=True):
            heapq.heappush(self.heap, (score, frequency, tokens[left], tokens[right], number))


def _advance(progress: tqdm[NoReturn], tokens: int) -> None:
    if tokens > progress.n:
        progress.update(tokens - progress.n)

"""Incremental counts and positions of token pairs in counted words.

All words lie end to end in one array; a merge is a handful of numpy calls over the positions of its pair, so its time
grows with what changes and not with the corpus.
"""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import NDArray

from jaso_train.tokenizers.word_counts import Words, symbols

Ints = NDArray[np.int64]
_SHIFT = 32
_GONE = -1


class Pairs:
    """Pairs of neighbouring tokens, kept up to date through merges.

    `tokens`: by id, the alphabet first. `count`: pairs that occur or have occurred. `left`, `right` (a pair's token
    ids), `frequency` (by pair) and `token_frequency` (by token) count the words as they are segmented now; these arrays
    have spare room at their end.
    """

    def __init__(self, words: Words) -> None:
        self.tokens = list(words.alphabet)
        self.ids = {token: i for i, token in enumerate(self.tokens)}
        self._symbol, lengths = symbols(words.words, words.alphabet)
        self._weight = np.repeat(words.counts, lengths)
        position = np.arange(len(self._symbol))
        ends = np.cumsum(lengths)
        self._next, self._previous = position + 1, position - 1
        self._next[ends - 1] = _GONE
        self._previous[ends - lengths] = _GONE
        self.token_frequency = np.bincount(self._symbol, self._weight, len(self.tokens)).astype(np.int64)
        self.count = 0
        self.left, self.right, self.frequency = (np.zeros(1024, dtype=np.int64) for _ in range(3))
        self._numbers: dict[int, int] = {}
        self._positions: list[list[Ints]] = []
        self._pairs_with = [array("q") for _ in self.tokens]
        self._add(np.flatnonzero(self._next >= 0))

    def pairs_with(self, token: int) -> Ints:
        """Return the numbers of all pairs with the token; a pair of equals twice."""
        numbers = np.array(self._pairs_with[token], dtype=np.int64)
        live = numbers[self.frequency[numbers] > 0]
        # Rebuilt only when most are dead: the copying costs no more than adding them did.
        if len(live) < len(numbers) // 2:
            self._pairs_with[token] = array("q", live.tobytes())
        return live

    def merge(self, pair: int) -> tuple[int, Ints]:
        """Merge the pair into one token wherever it occurs, from left to right in a word.

        Returns the token's id (an old one where another pair gave the same string) and the numbers of the pairs whose
        frequency changed.
        """
        left, right = int(self.left[pair]), int(self.right[pair])
        new = self._token(self.tokens[left] + self.tokens[right])
        # Merging "b"+"c" in "a b c d" changes the pairs that begin at a, b and c.
        # "abab" once and "ab" twice: merging "a"+"b" (4 times) leaves no a, no b and one pair, "ab"+"ab".
        first = self._occurrences(pair)
        second = self._next[first]
        total = int(self._weight[first].sum())
        reduced = self._subtract(_distinct(self._previous[first], first, second[self._next[second] >= 0]))
        after = self._next[second]
        self._symbol[first], self._symbol[second] = new, _GONE
        self._next[first] = after
        inner = after >= 0
        self._previous[after[inner]] = first[inner]
        raised = self._add(_distinct(self._previous[first], first[inner]))
        for token, change in ((left, -total), (right, -total), (new, total)):
            self.token_frequency[token] += change
        return new, np.concatenate([reduced, raised])

    def _occurrences(self, pair: int) -> Ints:
        """Return where the pair begins, sorted, without overlaps."""
        left, right = self.left[pair], self.right[pair]
        positions = np.sort(np.concatenate(self._positions[pair]))
        self._positions[pair] = []
        # Positions are only ever added: those where a merge has since changed a token are left out here.
        positions = positions[self._symbol[positions] == left]
        positions = positions[self._next[positions] >= 0]
        positions = positions[self._symbol[self._next[positions]] == right]
        if left == right and len(positions):
            positions = _without_overlaps(positions, self._next)
        return positions

    def _token(self, token: str) -> int:
        if token not in self.ids:
            self.ids[token] = len(self.tokens)
            self.tokens.append(token)
            self._pairs_with.append(array("q"))
            self.token_frequency = _grow(self.token_frequency, len(self.tokens))
        return self.ids[token]

    def _keys(self, begins: Ints) -> Ints:
        # Left id in the upper 32 bits, right id in the lower: 3, 7 → 3 · 2**32 + 7.
        keys: Ints = (self._symbol[begins] << _SHIFT) | self._symbol[self._next[begins]]
        return keys

    def _subtract(self, begins: Ints) -> Ints:
        """Subtract the pairs that begin there, before they change; return their numbers."""
        keys, which = np.unique(self._keys(begins), return_inverse=True)
        numbers = np.array([self._numbers[key] for key in keys.tolist()], dtype=np.int64)
        self.frequency[numbers] -= np.bincount(which, self._weight[begins], len(keys)).astype(np.int64)
        for key in keys[self.frequency[numbers] == 0].tolist():
            del self._numbers[key]  # should it come back, it gets a new number
        return numbers

    def _add(self, begins: Ints) -> Ints:
        """Add the pairs that begin there, with their positions; return their numbers."""
        keys = self._keys(begins)
        order = np.argsort(keys, kind="stable")
        keys, begins = keys[order], begins[order]
        starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if len(keys) else order
        numbers = np.array([self._number_of(key) for key in keys[starts].tolist()], dtype=np.int64)
        if len(keys):
            self.frequency[numbers] += np.add.reduceat(self._weight[begins], starts)
        for number, positions in zip(numbers.tolist(), np.split(begins, starts[1:]), strict=False):
            self._positions[number].append(positions)
        return numbers

    def _number_of(self, key: int) -> int:
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = self.count
            self.count += 1
            self.left, self.right = _grow(self.left, self.count), _grow(self.right, self.count)
            self.frequency = _grow(self.frequency, self.count)
            left, right = key >> _SHIFT, key & ((1 << _SHIFT) - 1)
            self.left[number], self.right[number] = left, right
            self._positions.append([])
            self._pairs_with[left].append(number)
            self._pairs_with[right].append(number)
        return number


def _distinct(*positions: Ints) -> Ints:
    """Return the positions sorted, each once, without _GONE."""
    distinct = np.unique(np.concatenate(positions))
    return distinct[distinct >= 0]


def _without_overlaps(positions: Ints, following: Ints) -> Ints:
    """Return every second position of each run of consecutive ones.

    The first of a run is included.
    """
    # "a a a" → pairs at 0 and 1, which overlap in the middle a → [0]; runs of three pairs keep the 1st and 3rd.
    joined = np.concatenate([[False], following[positions[:-1]] == positions[1:]])
    index = np.arange(len(positions))
    run_start = np.maximum.accumulate(np.where(joined, 0, index))
    first_of_two: Ints = positions[(index - run_start) % 2 == 0]
    return first_of_two


def _grow(values: Ints, size: int) -> Ints:
    """Return the same array, or one of twice the length with zeros at its end."""
    if size <= len(values):
        return values
    return np.concatenate([values, np.zeros(max(len(values), size - len(values)), dtype=np.int64)])

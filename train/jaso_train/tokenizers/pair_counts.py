"""Neighbouring tokens in counted words: how often each pair stands there and where, kept up to date through merges.

All words lie end to end in one array; a merge is a handful of numpy calls over the places of its pair, so its time goes
with what changes and not with the corpus.
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
    """`tokens`: by id, the alphabet first. `count`: pairs that are or were there.

    `left`, `right` (a pair's token ids), `frequency` (by pair) and `token_frequency` (by token) count the words as they
    are divided now; these arrays have room at their end for what is still to come.
    """

    def __init__(self, words: Words) -> None:
        self.tokens = list(words.alphabet)
        self.ids = {token: i for i, token in enumerate(self.tokens)}
        self._at, lengths = symbols(words.words, words.alphabet)
        self._weight = np.repeat(words.counts, lengths)
        place = np.arange(len(self._at))
        ends = np.cumsum(lengths)
        self._next, self._before = place + 1, place - 1
        self._next[ends - 1] = _GONE
        self._before[ends - lengths] = _GONE
        self.token_frequency = np.bincount(self._at, self._weight, len(self.tokens)).astype(np.int64)
        self.count = 0
        self.left, self.right, self.frequency = (np.zeros(1024, dtype=np.int64) for _ in range(3))
        self._number: dict[int, int] = {}
        self._places: list[list[Ints]] = []
        self._touching = [array("q") for _ in self.tokens]
        self._add(np.flatnonzero(self._next >= 0))

    def touching(self, token: int) -> Ints:
        """The numbers of all pairs that the token is part of; a pair of equals twice."""
        numbers = np.array(self._touching[token], dtype=np.int64)
        there = numbers[self.frequency[numbers] > 0]
        if len(there) < len(numbers) // 2:
            self._touching[token] = array("q", there.tobytes())
        return there

    def merge(self, pair: int) -> tuple[int, Ints]:
        """Makes one token of the pair wherever it stands, from left to right in a word.

        Returns the token's id (an old one where another pair gave the same string) and the numbers of the pairs whose
        frequency changed.
        """
        left, right = int(self.left[pair]), int(self.right[pair])
        new = self._token(self.tokens[left] + self.tokens[right])
        first = self._standing(pair)
        second = self._next[first]
        total = int(self._weight[first].sum())
        fewer = self._take(_distinct(self._before[first], first, second[self._next[second] >= 0]))
        after = self._next[second]
        self._at[first], self._at[second] = new, _GONE
        self._next[first] = after
        inner = after >= 0
        self._before[after[inner]] = first[inner]
        more = self._add(_distinct(self._before[first], first[inner]))
        for token, change in ((left, -total), (right, -total), (new, total)):
            self.token_frequency[token] += change
        return new, np.concatenate([fewer, more])

    def _standing(self, pair: int) -> Ints:
        """Where the pair begins, sorted, without overlaps."""
        left, right = self.left[pair], self.right[pair]
        places = np.sort(np.concatenate(self._places[pair]))
        self._places[pair] = []
        places = places[self._at[places] == left]
        places = places[self._next[places] >= 0]
        places = places[self._at[self._next[places]] == right]
        if left == right and len(places):
            places = _without_overlaps(places, self._next)
        return places

    def _token(self, token: str) -> int:
        if token not in self.ids:
            self.ids[token] = len(self.tokens)
            self.tokens.append(token)
            self._touching.append(array("q"))
            self.token_frequency = _room(self.token_frequency, len(self.tokens))
        return self.ids[token]

    def _keys(self, begins: Ints) -> Ints:
        keys: Ints = (self._at[begins] << _SHIFT) | self._at[self._next[begins]]
        return keys

    def _take(self, begins: Ints) -> Ints:
        """The pairs that begin there are about to change: they are subtracted. Returns their numbers."""
        keys, which = np.unique(self._keys(begins), return_inverse=True)
        numbers = np.array([self._number[key] for key in keys.tolist()], dtype=np.int64)
        self.frequency[numbers] -= np.bincount(which, self._weight[begins], len(keys)).astype(np.int64)
        for key in keys[self.frequency[numbers] == 0].tolist():
            del self._number[key]  # should it come back, it is a pair with a number of its own
        return numbers

    def _add(self, begins: Ints) -> Ints:
        """The pairs that begin there are added, with their places. Returns their numbers."""
        keys = self._keys(begins)
        order = np.argsort(keys, kind="stable")
        keys, begins = keys[order], begins[order]
        starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if len(keys) else order
        numbers = np.array([self._numbered(key) for key in keys[starts].tolist()], dtype=np.int64)
        if len(keys):
            self.frequency[numbers] += np.add.reduceat(self._weight[begins], starts)
        for number, places in zip(numbers.tolist(), np.split(begins, starts[1:]), strict=False):
            self._places[number].append(places)
        return numbers

    def _numbered(self, key: int) -> int:
        number = self._number.get(key)
        if number is None:
            number = self._number[key] = self.count
            self.count += 1
            self.left, self.right = _room(self.left, self.count), _room(self.right, self.count)
            self.frequency = _room(self.frequency, self.count)
            left, right = key >> _SHIFT, key & ((1 << _SHIFT) - 1)
            self.left[number], self.right[number] = left, right
            self._places.append([])
            self._touching[left].append(number)
            self._touching[right].append(number)
        return number


def _distinct(*places: Ints) -> Ints:
    """Sorted, each once, without _GONE."""
    found = np.unique(np.concatenate(places))
    return found[found >= 0]


def _without_overlaps(places: Ints, following: Ints) -> Ints:
    """Every second place of each run of places that follow each other, the run's first included."""
    joined = np.concatenate([[False], following[places[:-1]] == places[1:]])
    number = np.arange(len(places))
    begin_of_run = np.maximum.accumulate(np.where(joined, 0, number))
    kept: Ints = places[(number - begin_of_run) % 2 == 0]
    return kept


def _room(values: Ints, wanted: int) -> Ints:
    """The same array, or one of twice the length with zeros at its end."""
    if wanted <= len(values):
        return values
    return np.concatenate([values, np.zeros(max(len(values), wanted - len(values)), dtype=np.int64)])

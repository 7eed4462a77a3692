"""The longest piece that each of some texts shares with a large collection, character for character.

Windows are compared by polynomial hashes modulo two primes (Karp & Rabin 1987), which cumulative sums give for every
place and any length. The first pass, at the floor length, keeps the few places whose window occurs on the other side
too; the lengths then grow on these alone, and what is found is checked against the texts themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]

FLOOR = 8
"""Shorter overlaps count as none."""

_PRIMES = (2147483647, 2147483629)
_CHUNK = 1 << 20
_BITS = 24
_SHIFT = np.uint64(63 - _BITS)


@dataclass(frozen=True)
class Overlap:
    """texts[i][start : start + length] stands in the collection; length 0 where nothing of FLOOR characters does."""

    start: int
    length: int


class _Row:
    """Texts in one row, each followed by `separator`, which stands in no text of the other side: no window that
    reaches across two texts can be equal to one of the other side."""

    def __init__(self, texts: Sequence[str], separator: int, seed: int) -> None:
        joined = [np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32) for text in texts]
        mark = np.array([separator], dtype=np.uint32)
        self.points = np.concatenate([part for points in joined for part in (points, mark)] or [mark])
        self.starts = np.cumsum([0, *(len(points) + 1 for points in joined)])[:-1].astype(np.int64)
        self._powers = [_Powers(prime, seed + i, len(self.points)) for i, prime in enumerate(_PRIMES)]
        self._sums = [self._sum(powers) for powers in self._powers]

    def _sum(self, powers: _Powers) -> NDArray[np.uint32]:
        """Prefix sums of character × base^place modulo the prime, shape [points + 1]."""
        sums = np.zeros(len(self.points) + 1, dtype=np.uint32)
        for start in range(0, len(self.points), _CHUNK):
            part = self.points[start : start + _CHUNK].astype(np.uint64) + np.uint64(1)
            terms = part * powers.up(np.arange(start, start + len(part))) % powers.prime
            total = np.cumsum(terms) + np.uint64(sums[start])
            sums[start + 1 : start + 1 + len(part)] = total % powers.prime
        return sums

    def windows(self, places: Ints, length: int) -> Words:
        """A number for each window of `length` characters, equal for equal windows; shape [places]."""
        halves = []
        for powers, sums in zip(self._powers, self._sums, strict=True):
            gap = sums[places + length].astype(np.uint64) + powers.prime - sums[places]
            halves.append(gap % powers.prime * powers.down(places) % powers.prime)
        return np.asarray(halves[0] << np.uint64(32) | halves[1])

    def places(self, length: int) -> Iterator[Ints]:
        """Where a window of that length begins, in chunks."""
        count = max(len(self.points) - length + 1, 0)
        for start in range(0, count, _CHUNK):
            yield np.arange(start, min(start + _CHUNK, count))

    def fitting(self, places: Ints, length: int) -> Ints:
        """Those places behind which `length` characters follow."""
        return places[places + length <= len(self.points)]


class _Powers:
    """base^place and base^−place modulo a prime, from two small tables each."""

    _STEP = 1 << 12

    def __init__(self, prime: int, seed: int, places: int) -> None:
        self.prime = np.uint64(prime)
        base = int(np.random.default_rng(seed).integers(1 << 22, prime - 1))
        self._up = self._tables(base, prime, places)
        self._down = self._tables(pow(base, -1, prime), prime, places)

    def _tables(self, base: int, prime: int, places: int) -> tuple[Words, Words]:
        wide = pow(base, self._STEP, prime)
        return _row_of_powers(base, prime, self._STEP), _row_of_powers(wide, prime, places // self._STEP + 2)

    def up(self, places: Ints) -> Words:
        return self._at(self._up, places)

    def down(self, places: Ints) -> Words:
        return self._at(self._down, places)

    def _at(self, tables: tuple[Words, Words], places: Ints) -> Words:
        small, wide = tables
        return np.asarray(small[places % self._STEP] * wide[places // self._STEP] % self.prime)


def _row_of_powers(base: int, prime: int, count: int) -> Words:
    values, value = [], 1
    for _ in range(count):
        values.append(value)
        value = value * base % prime
    return np.array(values, dtype=np.uint64)


def longest_overlaps(texts: Sequence[str], collection: Sequence[str]) -> list[Overlap]:
    """The longest overlap of each text with any one text of the collection; the first of equally long ones.

    About 30 bytes a character of the collection are held, and its time grows with its length, not with the product.
    """
    seed = 1
    while True:
        found = _Search(texts, collection, seed).run()
        if found is not None:
            return found
        seed += len(_PRIMES)  # two different windows had one hash: another base tells them apart


class _Search:
    def __init__(self, texts: Sequence[str], collection: Sequence[str], seed: int) -> None:
        self._mine = _Row(texts, 0x110000, seed)
        self._theirs = _Row(collection, 0x110001, seed)
        self._found = [Overlap(0, 0)] * len(texts)
        self._longest = max(map(len, texts), default=0)

    def run(self) -> list[Overlap] | None:
        """None when a hash lied."""
        mine, theirs = self._first_pass()
        # What is left to do: places whose texts have an overlap of the first length, and none of the second.
        work = [(FLOOR, self._longest + 1, mine, theirs)] if len(mine) else []
        while work:
            low, high, mine, theirs = work.pop()
            if high - low == 1:
                if not self._settle(low, mine, theirs):
                    return None
                continue
            middle = min(2 * low, (low + high) // 2)
            longer = self._common(middle, mine, theirs)
            reached = np.isin(self._text_of(mine), np.unique(self._text_of(longer[0])))
            if len(longer[0]):
                work.append((middle, high, *longer))
            if not reached.all():
                work.append((low, middle, *self._common(low, mine[~reached], theirs)))
        return self._found

    def _first_pass(self) -> tuple[Ints, Ints]:
        mine = np.concatenate([np.zeros(0, dtype=np.int64), *self._mine.places(FLOOR)])
        wanted = np.unique(self._mine.windows(mine, FLOOR))
        kept = [p[_contains(wanted, self._theirs.windows(p, FLOOR))] for p in self._theirs.places(FLOOR)]
        theirs = np.concatenate([np.zeros(0, dtype=np.int64), *kept])
        return self._common(FLOOR, mine, theirs)

    def _common(self, length: int, mine: Ints, theirs: Ints) -> tuple[Ints, Ints]:
        """The places on either side whose windows of that length occur on the other."""
        mine, theirs = self._mine.fitting(mine, length), self._theirs.fitting(theirs, length)
        left, right = self._mine.windows(mine, length), self._theirs.windows(theirs, length)
        theirs_kept = _contains(np.unique(left), right)
        return mine[_contains(np.unique(right[theirs_kept]), left)], theirs[theirs_kept]

    def _settle(self, length: int, mine: Ints, theirs: Ints) -> bool:
        """Writes down an overlap of exactly that length for each text of `mine`. False when one is none."""
        first = np.unique(self._text_of(mine), return_index=True)
        right = self._theirs.windows(theirs, length)
        order = np.argsort(right, kind="stable")
        partners = np.searchsorted(right[order], self._mine.windows(mine[first[1]], length))
        for text, place, partner in zip(first[0], mine[first[1]], theirs[order[partners]], strict=True):
            a, b = self._mine.points[place : place + length], self._theirs.points[partner : partner + length]
            if not np.array_equal(a, b):
                return False
            self._found[text] = Overlap(int(place - self._mine.starts[text]), length)
        return True

    def _text_of(self, places: Ints) -> Ints:
        return np.searchsorted(self._mine.starts, places, side="right") - 1


def _contains(table: Words, wanted: Words) -> NDArray[np.bool_]:
    """Whether each of `wanted` is in the sorted `table`."""
    if not len(table):
        return np.zeros(len(wanted), dtype=np.bool_)
    found = np.ones(len(wanted), dtype=np.bool_)
    if len(wanted) > 1 << 16:  # most are not in it, which a table of their first bits tells faster than a search
        seen = np.zeros(1 << _BITS, dtype=np.bool_)
        seen[table >> _SHIFT] = True
        found = seen[wanted >> _SHIFT]
    places = np.flatnonzero(found)
    at = np.minimum(np.searchsorted(table, wanted[places]), len(table) - 1)
    found[places] = table[at] == wanted[places]
    return found

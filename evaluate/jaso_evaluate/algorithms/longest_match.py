"""Longest substring that each text shares with a large collection (rolling hash).

Windows are compared by polynomial hashes modulo two primes (Karp & Rabin 1987); prefix sums give the hash at any
position for any length. The first pass, at length FLOOR, finds the few positions whose window occurs on the other side
too. The length then grows by bisection on these positions only, and every result is verified against the texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]

FLOOR = 8
"""Minimum length in characters; shorter overlaps count as none."""

_MODULI = (2147483647, 2147483629)
_CHUNK = 1 << 20
_PREFIX_BITS = 24
_PREFIX_SHIFT = np.uint64(63 - _PREFIX_BITS)


@dataclass(frozen=True)
class Overlap:
    """texts[i][start : start + length] occurs in the collection.

    Length 0 where fewer than FLOOR characters match.
    """

    start: int
    length: int


class _HashedTexts:
    """Concatenated texts with prefix hashes; each text ends with `separator`.

    No text of the other side contains the separator, so that a window that spans two texts never matches.
    """

    def __init__(self, texts: Sequence[str], separator: int, seed: int) -> None:
        encoded = [np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32) for text in texts]
        separator_point = np.array([separator], dtype=np.uint32)
        self.code_points = np.concatenate(
            [part for code_points in encoded for part in (code_points, separator_point)] or [separator_point]
        )
        self.starts = np.cumsum([0, *(len(code_points) + 1 for code_points in encoded)])[:-1].astype(np.int64)
        self._powers = [_Powers(prime, seed + i, len(self.code_points)) for i, prime in enumerate(_MODULI)]
        self._sums = [self._sum(powers) for powers in self._powers]

    def _sum(self, powers: _Powers) -> NDArray[np.uint32]:
        """Return prefix sums of character × base^position mod prime, shape [points + 1]."""
        sums = np.zeros(len(self.code_points) + 1, dtype=np.uint32)
        for start in range(0, len(self.code_points), _CHUNK):
            # A term is below 2^31 and a chunk has 2^20 of them: their sum fits in 64 bits.
            part = self.code_points[start : start + _CHUNK].astype(np.uint64) + np.uint64(1)
            terms = part * powers.power(np.arange(start, start + len(part))) % powers.prime
            total = np.cumsum(terms) + np.uint64(sums[start])
            sums[start + 1 : start + 1 + len(part)] = total % powers.prime
        return sums

    def window_hashes(self, positions: Ints, length: int) -> Hashes:
        """Return the hash of the window of `length` characters at each position.

        Equal windows have equal hashes; shape [positions].
        """
        halves = []
        for powers, sums in zip(self._powers, self._sums, strict=True):
            # hash(i) = (S[i + length] − S[i]) · base^−i: dividing by base^i makes windows at any position comparable.
            gap = sums[positions + length].astype(np.uint64) + powers.prime - sums[positions]
            halves.append(gap % powers.prime * powers.inverse_power(positions) % powers.prime)
        return np.asarray(halves[0] << np.uint64(32) | halves[1])

    def positions(self, length: int) -> Iterator[Ints]:
        """Yield the start positions of all windows of that length, in chunks."""
        count = max(len(self.code_points) - length + 1, 0)
        for start in range(0, count, _CHUNK):
            yield np.arange(start, min(start + _CHUNK, count))

    def in_bounds(self, positions: Ints, length: int) -> Ints:
        """Filter the positions that are followed by `length` characters."""
        return positions[positions + length <= len(self.code_points)]


class _Powers:
    """base^i and base^−i modulo a prime, from two small tables each."""

    _STEP = 1 << 12

    def __init__(self, prime: int, seed: int, positions: int) -> None:
        self.prime = np.uint64(prime)
        base = int(np.random.default_rng(seed).integers(1 << 22, prime - 1))
        self._power_tables = self._tables(base, prime, positions)
        self._inverse_tables = self._tables(pow(base, -1, prime), prime, positions)

    def _tables(self, base: int, prime: int, positions: int) -> tuple[Hashes, Hashes]:
        wide = pow(base, self._STEP, prime)
        return _power_table(base, prime, self._STEP), _power_table(wide, prime, positions // self._STEP + 2)

    def power(self, positions: Ints) -> Hashes:
        return self._at(self._power_tables, positions)

    def inverse_power(self, positions: Ints) -> Hashes:
        return self._at(self._inverse_tables, positions)

    def _at(self, tables: tuple[Hashes, Hashes], positions: Ints) -> Hashes:
        # base^5000 = base^(5000 % 4096) · (base^4096)^(5000 // 4096)
        small, wide = tables
        return np.asarray(small[positions % self._STEP] * wide[positions // self._STEP] % self.prime)


def _power_table(base: int, prime: int, count: int) -> Hashes:
    values, value = [], 1
    for _ in range(count):
        values.append(value)
        value = value * base % prime
    return np.array(values, dtype=np.uint64)


def longest_overlaps(texts: Sequence[str], collection: Sequence[str]) -> list[Overlap]:
    """Return each text's longest overlap with any one text of the collection.

    The first of equally long ones. Takes about 30 bytes per character of the collection; time grows with its length,
    not with the product of the lengths.
    """
    seed = 1
    while True:
        overlaps = _OverlapSearch(texts, collection, seed).run()
        if overlaps is not None:
            return overlaps
        seed += len(_MODULI)  # hash collision: two different windows had one hash; try another base


class _OverlapSearch:
    def __init__(self, texts: Sequence[str], collection: Sequence[str], seed: int) -> None:
        self._mine = _HashedTexts(texts, 0x110000, seed)
        self._theirs = _HashedTexts(collection, 0x110001, seed)
        self._overlaps = [Overlap(0, 0)] * len(texts)
        self._longest = max(map(len, texts), default=0)

    def run(self) -> list[Overlap] | None:
        """Grow the overlaps by galloping and bisection; None after a hash collision."""
        mine, theirs = self._first_pass()
        # Stack of (low, high, positions on both sides): texts with an overlap of length low and none of length high.
        work = [(FLOOR, self._longest + 1, mine, theirs)] if len(mine) else []
        while work:
            low, high, mine, theirs = work.pop()
            if high - low == 1:
                if not self._record(low, mine, theirs):
                    return None
                continue
            # Doubling first, then bisection: from (8, 101) with matches at each length → 16, 32, 64, 82, …
            middle = min(2 * low, (low + high) // 2)
            longer = self._common(middle, mine, theirs)
            has_longer = np.isin(self._text_index(mine), np.unique(self._text_index(longer[0])))
            if len(longer[0]):
                work.append((middle, high, *longer))
            if not has_longer.all():
                work.append((low, middle, *self._common(low, mine[~has_longer], theirs)))
        return self._overlaps

    def _first_pass(self) -> tuple[Ints, Ints]:
        mine = np.concatenate([np.zeros(0, dtype=np.int64), *self._mine.positions(FLOOR)])
        hashes = np.unique(self._mine.window_hashes(mine, FLOOR))
        matches = [p[_contains(hashes, self._theirs.window_hashes(p, FLOOR))] for p in self._theirs.positions(FLOOR)]
        theirs = np.concatenate([np.zeros(0, dtype=np.int64), *matches])
        return self._common(FLOOR, mine, theirs)

    def _common(self, length: int, mine: Ints, theirs: Ints) -> tuple[Ints, Ints]:
        """Return the positions on either side whose windows occur on the other side."""
        mine, theirs = self._mine.in_bounds(mine, length), self._theirs.in_bounds(theirs, length)
        left, right = self._mine.window_hashes(mine, length), self._theirs.window_hashes(theirs, length)
        # Both sides shrink to what the other has: the next, longer windows are few.
        is_shared = _contains(np.unique(left), right)
        return mine[_contains(np.unique(right[is_shared]), left)], theirs[is_shared]

    def _record(self, length: int, mine: Ints, theirs: Ints) -> bool:
        """Record an overlap of exactly that length for each text of `mine`.

        False when the characters differ, that is after a hash collision.
        """
        # Positions ascend and the sort is stable: of equally long overlaps the first on either side.
        first = np.unique(self._text_index(mine), return_index=True)
        right = self._theirs.window_hashes(theirs, length)
        order = np.argsort(right, kind="stable")
        partners = np.searchsorted(right[order], self._mine.window_hashes(mine[first[1]], length))
        for text, position, partner in zip(first[0], mine[first[1]], theirs[order[partners]], strict=True):
            a, b = (
                self._mine.code_points[position : position + length],
                self._theirs.code_points[partner : partner + length],
            )
            if not np.array_equal(a, b):
                return False
            self._overlaps[text] = Overlap(int(position - self._mine.starts[text]), length)
        return True

    def _text_index(self, positions: Ints) -> Ints:
        return np.searchsorted(self._mine.starts, positions, side="right") - 1


def _contains(table: Hashes, values: Hashes) -> NDArray[np.bool_]:
    """Return which of `values` are in the sorted `table`."""
    if not len(table):
        return np.zeros(len(values), dtype=np.bool_)
    is_present = np.ones(len(values), dtype=np.bool_)
    # Most values are absent. A lookup table of the top _PREFIX_BITS bits rejects them faster than a binary search.
    if len(values) > 1 << 16:
        has_prefix = np.zeros(1 << _PREFIX_BITS, dtype=np.bool_)
        has_prefix[table >> _PREFIX_SHIFT] = True
        is_present = has_prefix[values >> _PREFIX_SHIFT]
    candidates = np.flatnonzero(is_present)
    index = np.minimum(np.searchsorted(table, values[candidates]), len(table) - 1)
    is_present[candidates] = table[index] == values[candidates]
    return is_present

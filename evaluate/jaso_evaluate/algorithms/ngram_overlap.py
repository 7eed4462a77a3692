"""How many n-grams two texts share, for many pairs of texts at once: what BLEU, chrF and ROUGE-N count.

An n-gram becomes one whole number, so that sorting brings equal ones together; nothing is hashed, the counts are exact.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
T = TypeVar("T")

_CHUNK = 1 << 18
"""Tokens looked at together, so that they stay in the processor's cache; at least one pair."""

_BITS = 63


@dataclass(frozen=True)
class SharedNgrams:
    """Of n pairs: tokens of the first and of the second text [n], and the n-grams of order 1, 2, … that both have
    [n, orders], each as often as in the text that has it less often."""

    first: Ints
    second: Ints
    matches: Ints

    def totals(self, lengths: Ints) -> Ints:
        """N-grams in texts of so many tokens, [n] → [n, orders]."""
        return np.asarray(np.maximum(lengths[:, None] - np.arange(self.matches.shape[1]), 0))


def shared_in_texts(first: Sequence[str], second: Sequence[str], orders: int) -> SharedNgrams:
    """Of texts, code point by code point."""
    texts = _alternating(first, second)
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    points = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    seen = np.bincount(points, minlength=1) > 0
    return _shared((np.cumsum(seen) - 1)[points], lengths, orders)


def shared_in_tokens(first: Sequence[Sequence[str]], second: Sequence[Sequence[str]], orders: int) -> SharedNgrams:
    """Of texts that are cut into tokens."""
    texts = _alternating(first, second)
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    number: defaultdict[str, int] = defaultdict(count().__next__)
    ids = map(number.__getitem__, chain.from_iterable(texts))
    return _shared(np.fromiter(ids, dtype=np.int64, count=int(lengths.sum())), lengths, orders)


def _alternating(first: Sequence[T], second: Sequence[T]) -> list[T]:
    return list(chain.from_iterable(zip(first, second, strict=True)))


def _shared(ids: Ints, lengths: Ints, orders: int) -> SharedNgrams:
    """`ids` of all tokens, text after text; `lengths` [2n] of the texts, the two of a pair after each other."""
    matches = np.zeros((len(lengths) // 2, orders), dtype=np.int64)
    ends = np.concatenate([[0], np.cumsum(lengths)])
    for start, end in _chunks(ends[::2]):
        part = slice(ends[2 * start], ends[2 * end])
        matches[start:end] = _matches(ids[part], lengths[2 * start : 2 * end], orders)
    return SharedNgrams(lengths[::2], lengths[1::2], matches)


def _chunks(ends: Ints) -> Iterator[tuple[int, int]]:
    """Ranges of pairs; `ends` [n + 1] says how many tokens there are before each pair."""
    start, pairs = 0, len(ends) - 1
    while start < pairs:
        end = max(start + 1, int(np.searchsorted(ends, ends[start] + _CHUNK, side="right")) - 1)
        yield start, end
        start = end


def _matches(ids: Ints, lengths: Ints, orders: int) -> Ints:
    pairs = len(lengths) // 2
    found = np.zeros((pairs, orders), dtype=np.int64)
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(ids))
    text = np.repeat(np.arange(len(lengths)), lengths)
    width = int(ids.max(initial=0)).bit_length()
    codes, bits = ids, width
    for order in range(1, orders + 1):
        if order > 1:
            if bits + width + (2 * pairs).bit_length() > _BITS:  # number them anew, so that they are shorter
                codes = np.unique(codes, return_inverse=True)[1]
                bits = int(codes.max(initial=0)).bit_length()
            codes, bits = codes[:-1] << width | ids[order - 1 :], bits + width
        whole = left[: len(codes)] >= order  # the n-gram does not run over the end of its text
        if not whole.any():
            break
        owner = text[: len(codes)][whole]
        keys = (owner >> 1) << (bits + 1) | codes[whole] << 1 | owner & 1
        found[:, order - 1] = _smaller_counts(keys, bits, pairs)
    return found


def _smaller_counts(keys: Ints, bits: int, pairs: int) -> Ints:
    """`keys`: pair, n-gram (`bits` wide), which of the two texts (one bit). Sums of the smaller counts, [pairs]."""
    keys.sort()
    grams = keys >> 1
    starts = np.flatnonzero(np.concatenate([[True], grams[1:] != grams[:-1]]))
    seconds = np.add.reduceat(keys & 1, starts)
    firsts = np.diff(np.append(starts, len(keys))) - seconds
    both = np.minimum(firsts, seconds)
    return np.bincount(grams[starts] >> bits, weights=both, minlength=pairs).astype(np.int64)

"""Clipped n-gram matches of many text pairs: what BLEU, chrF and ROUGE-N count.

Each n-gram is packed into one integer, so that sorting brings equal ones together. Nothing is hashed; counts are exact.
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

_CHUNK_TOKENS = 1 << 18
"""Tokens processed at once, so that they stay in the CPU cache; at least one pair."""

_KEY_BITS = 63


@dataclass(frozen=True)
class SharedNgrams:
    """Token and n-gram counts of n text pairs.

    `first`, `second` [n]: tokens of the first and of the second text. `matches` [n, orders]: n-grams of order 1, 2, …
    that both have, each as often as in the text that has it less often.
    """

    first: Ints
    second: Ints
    matches: Ints

    def totals(self, lengths: Ints) -> Ints:
        """Return the number of n-grams in texts of these lengths, [n] → [n, orders]."""
        return np.asarray(np.maximum(lengths[:, None] - np.arange(self.matches.shape[1]), 0))


def shared_character_ngrams(first: Sequence[str], second: Sequence[str], orders: int) -> SharedNgrams:
    """Count shared n-grams of code points, for pairs of texts."""
    texts = _interleave(first, second)
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    points = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    is_used = np.bincount(points, minlength=1) > 0
    return _count_shared((np.cumsum(is_used) - 1)[points], lengths, orders)


def shared_token_ngrams(first: Sequence[Sequence[str]], second: Sequence[Sequence[str]], orders: int) -> SharedNgrams:
    """Count shared n-grams of tokens, for pairs of tokenised texts."""
    texts = _interleave(first, second)
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    vocabulary: defaultdict[str, int] = defaultdict(count().__next__)
    ids = map(vocabulary.__getitem__, chain.from_iterable(texts))
    return _count_shared(np.fromiter(ids, dtype=np.int64, count=int(lengths.sum())), lengths, orders)


def _interleave(first: Sequence[T], second: Sequence[T]) -> list[T]:
    return list(chain.from_iterable(zip(first, second, strict=True)))


def _count_shared(ids: Ints, lengths: Ints, orders: int) -> SharedNgrams:
    """Count matches of all pairs, chunk by chunk.

    `ids` of all tokens, text after text; `lengths` [2n] of the texts, the two of a pair adjacent.
    """
    matches = np.zeros((len(lengths) // 2, orders), dtype=np.int64)
    ends = np.concatenate([[0], np.cumsum(lengths)])
    for start, end in _chunks(ends[::2]):
        span = slice(ends[2 * start], ends[2 * end])
        matches[start:end] = _count_matches(ids[span], lengths[2 * start : 2 * end], orders)
    return SharedNgrams(lengths[::2], lengths[1::2], matches)


def _chunks(ends: Ints) -> Iterator[tuple[int, int]]:
    """Yield ranges of pairs; `ends` [n + 1]: number of tokens before each pair."""
    # Pairs of 3, 4 and 2 tokens in chunks of 7 → (0, 2), (2, 3)
    start, pairs = 0, len(ends) - 1
    while start < pairs:
        end = max(start + 1, int(np.searchsorted(ends, ends[start] + _CHUNK_TOKENS, side="right")) - 1)
        yield start, end
        start = end


def _count_matches(ids: Ints, lengths: Ints, orders: int) -> Ints:
    pairs = len(lengths) // 2
    matches = np.zeros((pairs, orders), dtype=np.int64)
    # Texts of 3 and 2 tokens → remaining [3, 2, 1, 2, 1]: tokens up to the end of the text.
    remaining = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(ids))
    text_index = np.repeat(np.arange(len(lengths)), lengths)
    width = int(ids.max(initial=0)).bit_length()
    codes, bits = ids, width
    for order in range(1, orders + 1):
        if order > 1:
            # A key holds pair | n-gram | side. Where it would exceed 63 bits, n-grams get new, smaller numbers.
            if bits + width + (2 * pairs).bit_length() > _KEY_BITS:
                codes = np.unique(codes, return_inverse=True)[1]
                bits = int(codes.max(initial=0)).bit_length()
            # Ids 1 and 2 of width 2 → bigram 0b0110
            codes, bits = codes[:-1] << width | ids[order - 1 :], bits + width
        is_complete = remaining[: len(codes)] >= order  # the n-gram does not cross the end of its text
        if not is_complete.any():
            break
        owners = text_index[: len(codes)][is_complete]
        keys = (owners >> 1) << (bits + 1) | codes[is_complete] << 1 | owners & 1
        matches[:, order - 1] = _smaller_counts(keys, bits, pairs)
    return matches


def _smaller_counts(keys: Ints, bits: int, pairs: int) -> Ints:
    """Return the sum of min(count in first, count in second) over n-grams, [pairs].

    A key holds the pair, the n-gram (`bits` wide) and which of the two texts (one bit).
    """
    # Unigrams of ("aab", "ab"): a occurs 2 and 1 times, b 1 and 1 times → 1 + 1 = 2 matches.
    keys.sort()
    ngrams = keys >> 1
    starts = np.flatnonzero(np.concatenate([[True], ngrams[1:] != ngrams[:-1]]))
    seconds = np.add.reduceat(keys & 1, starts)
    firsts = np.diff(np.append(starts, len(keys))) - seconds
    smaller = np.minimum(firsts, seconds)
    return np.bincount(ngrams[starts] >> bits, weights=smaller, minlength=pairs).astype(np.int64)

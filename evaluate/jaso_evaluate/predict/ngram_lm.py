"""Interpolated character n-gram model: the baseline in bits per character.

Witten & Bell (1991), interpolated as in Chen & Goodman (1998): with c(h) the count of the history h and T(h) the number
of different symbols seen after it,

    p(w|h) = (c(hw) + T(h) · p(w|h′)) / (c(h) + T(h)),   h′ = h without its oldest symbol,

down to the empty history, below which every symbol of the alphabet has the same probability.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

START, END, UNKNOWN = 0, 1, 2
_FIRST_CHARACTER = 3
_SYLLABLES = "".join(map(chr, range(0xAC00, 0xD7A4)))
_ASCII = string.ascii_letters + string.digits + string.punctuation + " "


@dataclass(frozen=True)
class _Level:
    """The n-grams of one order.

    `keys` [m], sorted: (id of the n-gram's first n−1 symbols) × alphabet + last symbol. `counts` [m]: how often each
    was predicted. `totals`, `types`: c(h) and T(h) by the history's id.
    """

    keys: Ints
    counts: Ints
    totals: Ints
    types: Ints


class CharacterNgram:
    """Character n-gram model over a closed alphabet.

    The training characters, all 11,172 Hangul syllables, printable ASCII, one symbol for anything else, and the end of
    the text.
    """

    def __init__(self, texts: Sequence[str], order: int = 5) -> None:
        if order < 1:
            raise ValueError("order must be 1 or more")
        self.order = order
        characters = sorted({*_SYLLABLES, *_ASCII, *"".join(texts)})
        self._points = np.array([ord(c) for c in characters], dtype=np.int64)
        self._levels = self._fit(texts)

    @property
    def alphabet_size(self) -> int:
        """Number of predictable symbols: characters, the unknown symbol, the end."""
        return len(self._points) + 2

    @property
    def _base(self) -> int:
        return len(self._points) + _FIRST_CHARACTER

    def bits(self, texts: Sequence[str], ends: Sequence[bool] | None = None) -> Floats:
        """Return the bits of each text, shape [len(texts)].

        `ends`: whether each text is complete; only complete ones pay for their end.
        """
        symbols, text_of = self._symbols(texts)
        surprise = -np.log2(self._probabilities(symbols))
        predicted = symbols != START
        if ends is not None:
            predicted &= (symbols != END) | np.asarray(ends, dtype=bool)[text_of]
        sums = np.bincount(text_of[predicted], weights=surprise[predicted], minlength=len(texts))
        return sums.astype(np.float64)

    def probability(self, symbol: str | None, history: str, *, from_start: bool = False) -> float:
        """Return p(symbol | history); the symbol None is the end of the text."""
        past = [START] * (self.order - 1 if from_start else 0) + self._encode(history).tolist()
        target = END if symbol is None else int(self._encode(symbol)[0])
        return float(self._probabilities(np.array([*past, target], dtype=np.int64))[-1])

    def characters(self) -> str:
        """Return all characters of the alphabet."""
        return "".join(map(chr, self._points.tolist()))

    def _encode(self, text: str) -> Ints:
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.int64)
        index = np.searchsorted(self._points, points).clip(max=len(self._points) - 1)
        return np.where(self._points[index] == points, index + _FIRST_CHARACTER, UNKNOWN)

    def _symbols(self, texts: Sequence[str]) -> tuple[Ints, Ints]:
        """Concatenate the texts as START × (order − 1), characters, END.

        Returns the symbols and the text index of each.
        """
        # order 3, ["a", "bc"] → START START a END START START b c END of texts 0 0 0 0 1 1 1 1 1
        pad = self.order - 1
        lengths = np.array([len(text) for text in texts], dtype=np.int64) + pad + 1
        text_of = np.repeat(np.arange(len(texts)), lengths)
        symbols = np.full(int(lengths.sum()), START, dtype=np.int64)
        last = np.cumsum(lengths) - 1
        symbols[last] = END
        is_inside = np.arange(len(symbols)) - np.repeat(last - lengths + 1, lengths) >= pad
        is_inside[last] = False
        symbols[is_inside] = self._encode("".join(texts))
        return symbols, text_of

    def _fit(self, texts: Sequence[str]) -> list[_Level]:
        symbols, _ = self._symbols(texts)
        predicted = symbols != START
        levels: list[_Level] = []
        history = np.zeros(len(symbols), dtype=np.int64)
        histories = 1
        for _ in range(self.order):
            keys, ids = np.unique(history * self._base + symbols, return_inverse=True)
            counts = np.bincount(ids[predicted], minlength=len(keys))
            history_ids = keys // self._base
            totals = np.bincount(history_ids, weights=counts, minlength=histories).astype(np.int64)
            types = np.bincount(history_ids[counts > 0], minlength=histories)
            levels.append(_Level(keys, counts, totals, types))
            # The history of the next level at i is the n-gram that ends at i − 1.
            history = np.concatenate([ids[-1:], ids[:-1]]) if len(ids) else ids
            histories = len(keys)
        return levels

    def _probabilities(self, symbols: Ints) -> Floats:
        """Return p of each symbol given those before it, shape [len(symbols)].

        Values at START are meaningless.
        """
        # Each order interpolates with p of the order below; an order that has not seen the history leaves p unchanged.
        # Trained on "ab" twice, order 2, 11,269 symbols: p(b) = (2 + 3 / 11269) / (6 + 3) = 0.222, as a, b and
        # END are seen; p(b|a) = (2 + 1 · 0.222) / (2 + 1) = 0.741.
        p = np.full(len(symbols), 1 / self.alphabet_size)
        history = np.zeros(len(symbols), dtype=np.int64)
        for n, level in enumerate(self._levels):
            ids = _lookup(level.keys, np.where(history < 0, -1, history * self._base + symbols))
            has_history = (history >= 0) & (np.arange(len(symbols)) >= n)
            if len(level.totals):
                total = np.where(has_history, level.totals[history.clip(min=0)], 0)
                types = np.where(has_history, level.types[history.clip(min=0)], 0)
                count = np.where(has_history & (ids >= 0), level.counts[ids.clip(min=0)], 0) if len(level.counts) else 0
                p = np.where(total > 0, (count + types * p) / np.maximum(total + types, 1), p)
            history = np.concatenate([np.full(1, -1), ids[:-1]]) if len(ids) else ids
        return p


def _lookup(keys: Ints, values: Ints) -> Ints:
    """Return the positions of `values` in the sorted `keys`; −1 where absent."""
    if not len(keys):
        return np.full(len(values), -1, dtype=np.int64)
    index = np.searchsorted(keys, values).clip(max=len(keys) - 1)
    return np.where(keys[index] == values, index, -1)

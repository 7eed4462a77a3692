"""Frequent substrings of counted words: the seed vocabulary of Unigram."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from jaso_train.tokenizers.lattice import Edges, Int32s
from jaso_train.tokenizers.pair_counts import Ints
from jaso_train.tokenizers.word_counts import Words, symbols


@dataclass
class Substrings:
    """Pieces by number, single symbols first: `begin`, `length` and `frequency`.

    `begin` is a position in `text` where the piece occurs; `text` holds the words end to end as symbols. A tree from
    each piece to those that are one symbol longer finds all occurrences of pieces in any word.
    """

    text: Ints
    begin: Ints
    length: Ints
    frequency: Ints
    tree: list[tuple[Ints, Ints]] = field(default_factory=list)
    """By length: sorted keys (piece · symbols + next symbol), and the piece that follows."""
    symbols: int = 0

    def edges(self, text: Ints, lengths: Ints, number: Int32s) -> Edges:
        """Return the occurrences of pieces in words that lie end to end in `text`.

        `number`: the pieces' numbers in the edges; those with -1 are left out.
        """
        word = np.repeat(np.arange(len(lengths)), lengths)
        remaining = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(text))
        position, piece = np.arange(len(text)), text
        by_length = [_edges(position + word, 1, piece, number)]
        for length, (keys, following) in enumerate(self.tree, start=1):
            inside = remaining[position] > length
            position, piece = position[inside], piece[inside]
            # A piece grows by the next symbol where the tree has that key; other positions drop out.
            next_keys = piece * self.symbols + text[position + length]
            index = np.minimum(np.searchsorted(keys, next_keys), len(keys) - 1)
            is_hit = keys[index] == next_keys
            position, piece = position[is_hit], following[index[is_hit]]
            by_length.append(_edges(position + word[position], length + 1, piece, number))
        columns = ([getattr(edges, name) for edges in by_length] for name in ("begin", "end", "piece"))
        return Edges(*(np.concatenate(column) for column in columns))


def frequent_substrings(words: Words, min_frequency: int, longest: int) -> Substrings:
    """Return the substrings that occur `min_frequency` times, and all symbols.

    Substrings lie within words and have up to `longest` symbols. One of n + 1 symbols is frequent only where its first
    n are, so each round looks at fewer positions.
    """
    text, lengths = symbols(words.words, words.alphabet)
    weight = np.repeat(words.counts, lengths)
    remaining = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(text))
    size = len(words.alphabet)
    substrings = Substrings(
        text, np.zeros(size, dtype=np.int64), np.ones(size, dtype=np.int64),
        np.bincount(text, weight, size).astype(np.int64), symbols=size,
    )  # fmt: skip
    substrings.begin[text[::-1]] = np.arange(len(text))[::-1]
    position, piece = np.arange(len(text)), text
    for length in range(1, longest):
        inside = remaining[position] > length
        position, piece = position[inside], piece[inside]
        keys, first, which = np.unique(piece * size + text[position + length], return_index=True, return_inverse=True)
        frequency = np.bincount(which, weight[position], len(keys)).astype(np.int64)
        is_frequent = frequency >= min_frequency
        if not is_frequent.any():
            break
        # is_frequent [T, F, T] after 9 pieces → number [9, -1, 10].
        number = np.where(is_frequent, np.cumsum(is_frequent) - 1 + len(substrings.length), -1)
        substrings.tree.append((keys[is_frequent], number[is_frequent]))
        substrings.begin = np.concatenate([substrings.begin, position[first[is_frequent]]])
        substrings.length = np.concatenate([substrings.length, np.full(int(is_frequent.sum()), length + 1)])
        substrings.frequency = np.concatenate([substrings.frequency, frequency[is_frequent]])
        position, piece = position[is_frequent[which]], number[which[is_frequent[which]]]
    return substrings


def _edges(begin: Ints, length: int, piece: Ints, number: Int32s) -> Edges:
    """Return edges of one length, without those that have no number."""
    new_number = number[piece]
    has_number = new_number >= 0
    begin = begin[has_number]
    return Edges(begin.astype(np.int32), (begin + length).astype(np.int32), new_number[has_number])

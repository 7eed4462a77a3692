"""The frequent substrings of counted words: what a unigram vocabulary begins with."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from jaso_train.tokenizers.lattice import Edges, Int32s
from jaso_train.tokenizers.pair_counts import Ints
from jaso_train.tokenizers.word_counts import Words, symbols


@dataclass
class Substrings:
    """Pieces by number, single symbols first: `begin` (a place where it stands), `length`, `frequency` in the words.

    `text` holds the words end to end as symbols. A tree from each piece to those that are one symbol longer finds all
    occurrences of pieces in any word.
    """

    text: Ints
    begin: Ints
    length: Ints
    frequency: Ints
    tree: list[tuple[Ints, Ints]] = field(default_factory=list)
    """By length: sorted keys (piece · symbols + next symbol), and the piece that follows."""
    symbols: int = 0

    def edges(self, text: Ints, lengths: Ints, number: Int32s) -> Edges:
        """The occurrences of pieces in words that lie end to end in `text`.

        `number`: what each piece is called in the edges; those with -1 are left out.
        """
        word = np.repeat(np.arange(len(lengths)), lengths)
        left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(text))
        place, piece = np.arange(len(text)), text
        found = [_edges(place + word, 1, piece, number)]
        for length, (keys, following) in enumerate(self.tree, start=1):
            inside = left[place] > length
            place, piece = place[inside], piece[inside]
            wanted = piece * self.symbols + text[place + length]
            at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
            hit = keys[at] == wanted
            place, piece = place[hit], following[at[hit]]
            found.append(_edges(place + word[place], length + 1, piece, number))
        columns = ([getattr(edges, name) for edges in found] for name in ("begin", "end", "piece"))
        return Edges(*(np.concatenate(column) for column in columns))


def frequent_substrings(words: Words, min_frequency: int, longest: int) -> Substrings:
    """All substrings within words of up to `longest` symbols that occur `min_frequency` times, and all symbols.

    A substring of n + 1 symbols is frequent only where its first n are, so each round looks at fewer places.
    """
    text, lengths = symbols(words.words, words.alphabet)
    weight = np.repeat(words.counts, lengths)
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(text))
    size = len(words.alphabet)
    found = Substrings(
        text, np.zeros(size, dtype=np.int64), np.ones(size, dtype=np.int64),
        np.bincount(text, weight, size).astype(np.int64), symbols=size,
    )  # fmt: skip
    found.begin[text[::-1]] = np.arange(len(text))[::-1]
    place, piece = np.arange(len(text)), text
    for length in range(1, longest):
        inside = left[place] > length
        place, piece = place[inside], piece[inside]
        keys, first, which = np.unique(piece * size + text[place + length], return_index=True, return_inverse=True)
        frequency = np.bincount(which, weight[place], len(keys)).astype(np.int64)
        kept = frequency >= min_frequency
        if not kept.any():
            break
        number = np.where(kept, np.cumsum(kept) - 1 + len(found.length), -1)
        found.tree.append((keys[kept], number[kept]))
        found.begin = np.concatenate([found.begin, place[first[kept]]])
        found.length = np.concatenate([found.length, np.full(int(kept.sum()), length + 1)])
        found.frequency = np.concatenate([found.frequency, frequency[kept]])
        place, piece = place[kept[which]], number[which[kept[which]]]
    return found


def _edges(begin: Ints, length: int, piece: Ints, number: Int32s) -> Edges:
    """Edges of one length, without those that have no number."""
    named = number[piece]
    kept = named >= 0
    begin = begin[kept]
    return Edges(begin.astype(np.int32), (begin + length).astype(np.int32), named[kept])

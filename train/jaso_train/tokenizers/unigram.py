"""Unigram (Kudo 2018): from many pieces downwards, those whose loss costs the least likelihood go.

Each round fits the pieces' probabilities by expectation-maximisation, with SentencePiece's sparse prior, and keeps
three quarters. Written here because `tokenizers`' UnigramTrainer reads its words in an order that differs from run to
run (and so do its scores), counts a substring once a word however often the word occurs, and knows no least frequency.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jaso_core.console import bar
from jaso_train.tokenizers.lattice import Floats, Lattice
from jaso_train.tokenizers.pair_counts import Ints
from jaso_train.tokenizers.substrings import Substrings, frequent_substrings
from jaso_train.tokenizers.word_counts import Words

_KEPT = 0.75
_FITS = 2
_SEEDS = 10
"""Pieces to begin with, as a multiple of the vocabulary: more change little and cost time."""
_LONGEST = {True: 48, False: 16}
"""Symbols of a piece: 16 syllables in either units."""
_LEAST_EXPECTED = 0.5
_DIGITS = 6
"""Of a score. Sums differ in their last bits from one processor to the next."""


def learn_unigram(words: Words, wanted: int, min_frequency: int, *, in_bytes: bool) -> list[tuple[str, float]]:
    """(piece, natural log of its probability): the alphabet, then what was learned, the likeliest first.

    Fewer than `wanted` where the words have not as many substrings that occur `min_frequency` times and are of use.
    """
    found = frequent_substrings(words, min_frequency, _LONGEST[in_bytes])
    chosen = _seeds(found, len(words.alphabet), _SEEDS * wanted)
    trainer = _Trainer(words, found, chosen)
    goal = wanted * 11 // 10
    with bar(None, "tokenizer", "rounds") as shown:
        while True:
            trainer.fit()
            shown.update()
            before = len(trainer.pieces)
            if before <= goal:
                break
            trainer.prune(max(goal, int(before * _KEPT)))
            if len(trainer.pieces) == before:
                break
    return trainer.result(wanted)


def _seeds(found: Substrings, alphabet: int, limit: int) -> Ints:
    """The numbers of the pieces to begin with: the alphabet, and what covers most symbols.

    A piece that is always followed by the same symbol is left out: the longer one does its work.
    """
    useful = np.ones(len(found.length), dtype=bool)
    for keys, following in found.tree:
        shorter = keys // found.symbols
        useful[shorter[found.frequency[shorter] == found.frequency[following]]] = False
    useful[:alphabet] = False
    numbers = np.flatnonzero(useful)
    covered = found.frequency[numbers] * found.length[numbers]
    best = numbers[np.lexsort((numbers, -covered))[:limit]]
    return np.concatenate([np.arange(alphabet), np.sort(best)])


class _Trainer:
    """`pieces`: numbers in `found` that are still there, the alphabet first; `score`: their natural logs."""

    def __init__(self, words: Words, found: Substrings, chosen: Ints) -> None:
        self.words, self.found, self.alphabet = words, found, len(words.alphabet)
        lengths = np.array([len(word) for word in words.words], dtype=np.int64)
        self.pieces = chosen
        covered = (found.frequency * found.length)[chosen]
        self.score = np.log(np.maximum(covered, 1) / covered.sum())
        spans = found.length[chosen]
        own = np.repeat(found.begin[chosen] - (np.cumsum(spans) - spans), spans) + np.arange(int(spans.sum()))
        place = np.full(len(found.length), -1, dtype=np.int32)
        place[chosen] = np.arange(len(chosen), dtype=np.int32)
        self.corpus = Lattice.of(lengths, found.edges(found.text, lengths, place))
        self.inside = Lattice.of(spans, found.edges(found.text[own], spans, place))

    def fit(self) -> None:
        """Expectation and maximisation; pieces that are hardly expected anywhere go, single symbols excepted."""
        for _ in range(_FITS):
            expected = self.corpus.expected(self.score, self.words.counts)
            expected[: self.alphabet] = np.maximum(expected[: self.alphabet], _LEAST_EXPECTED)
            kept = expected >= _LEAST_EXPECTED
            self._keep(kept)
            self.score = _digamma(expected[kept]) - _digamma(np.array([expected[kept].sum()]))

    def prune(self, size: int) -> None:
        """Keeps the `size` pieces without which the words would become least likely."""
        words, used = self.corpus.best(self.score)
        frequency = np.bincount(used, self.words.counts[words], len(self.pieces))
        total = frequency.sum()
        piece, part = self._alternatives()
        parts = np.bincount(piece, minlength=len(self.pieces))
        with np.errstate(divide="ignore", invalid="ignore"):  # of what does not occur, which goes in any case
            # Were a piece gone, its occurrences would go to its alternative: more tokens in all, and more of each part.
            more = np.log(frequency[part] + frequency[piece]) - np.log(total + frequency[piece] * (parts[piece] - 1))
            loss = frequency * (np.log(frequency) - np.log(total) - np.bincount(piece, more, len(self.pieces)))
        loss[frequency == 0] = -np.inf
        loss[: self.alphabet] = np.inf
        kept = np.zeros(len(self.pieces), dtype=bool)
        kept[np.lexsort((self.pieces, -loss))[:size]] = True
        self._keep(kept & (loss > -np.inf))

    def _alternatives(self) -> tuple[Ints, Ints]:
        """The best division of each piece without itself, as (piece, part); a single symbol's is itself."""
        return self.inside.without_whole_words().best(self.score)

    def result(self, wanted: int) -> list[tuple[str, float]]:
        """The alphabet and the likeliest pieces, `wanted` in all."""
        learned = np.arange(self.alphabet, len(self.pieces))
        score = np.round(self.score, _DIGITS)
        best = learned[np.lexsort((self.pieces[learned], -score[learned]))[: wanted - self.alphabet]]
        chosen = np.concatenate([np.arange(self.alphabet), best])
        return [(self._string(place), float(score[place])) for place in chosen.tolist()]

    def _string(self, place: int) -> str:
        piece = int(self.pieces[place])
        if piece < self.alphabet:
            return self.words.alphabet[piece]
        begin = int(self.found.begin[piece])
        return "".join(self.words.alphabet[i] for i in self.found.text[begin : begin + self.found.length[piece]])

    def _keep(self, kept: NDArray[np.bool_]) -> None:
        place = np.where(kept, np.cumsum(kept) - 1, -1).astype(np.int32)
        self.corpus = self.corpus.renamed(place)
        self.inside = self.inside.only_words(kept).renamed(place)
        self.pieces, self.score = self.pieces[kept], self.score[kept]


def _digamma(values: Floats) -> Floats:
    """The logarithmic derivative of the gamma function, for values above 0, to about 1e-12."""
    rest = np.zeros_like(values)
    shifted = values.copy()
    for _ in range(10):
        small = shifted < 10
        rest[small] -= 1 / shifted[small]
        shifted[small] += 1
    square = 1 / (shifted * shifted)
    series = square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square * (1 / 240 - square / 132))))
    return np.asarray(rest + np.log(shifted) - 0.5 / shifted - series)

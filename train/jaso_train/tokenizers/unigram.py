"""Unigram training (Kudo 2018): prune the pieces that cost the least likelihood.

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

_KEEP_SHARE = 0.75
_EM_ROUNDS = 2
_SEED_FACTOR = 10
"""Seed pieces, as a multiple of the vocabulary: more change little and cost time."""
_LONGEST = {True: 48, False: 16}
"""Symbols of a piece, by whether they are bytes: 16 syllables in either units."""
_LEAST_EXPECTED = 0.5
_DIGITS = 6
"""Decimals of a score. Sums differ in their last bits from one processor to the next."""


def learn_unigram(words: Words, size: int, min_frequency: int, *, in_bytes: bool) -> list[tuple[str, float]]:
    """Return (piece, natural log of its probability) pairs.

    The alphabet comes first, then what was learned, the most likely first. Fewer than `size` where the words have not
    as many useful substrings that occur `min_frequency` times.
    """
    substrings = frequent_substrings(words, min_frequency, _LONGEST[in_bytes])
    seeds = _seeds(substrings, len(words.alphabet), _SEED_FACTOR * size)
    trainer = _Trainer(words, substrings, seeds)
    target_size = size * 11 // 10
    with bar(None, "tokenizer", "rounds") as progress:
        while True:
            trainer.fit()
            progress.update()
            before = len(trainer.pieces)
            if before <= target_size:
                break
            trainer.prune(max(target_size, int(before * _KEEP_SHARE)))
            if len(trainer.pieces) == before:
                break
    return trainer.result(size)


def _seeds(substrings: Substrings, alphabet: int, limit: int) -> Ints:
    """Return the seed pieces: the alphabet, then those that cover most symbols.

    A piece that is always followed by the same symbol is left out: the longer one replaces it. Returns numbers.
    """
    # Words "abab" once, "ab" twice: ba and aba always have b behind them → out for bab and abab; ab stays.
    useful = np.ones(len(substrings.length), dtype=bool)
    for keys, following in substrings.tree:
        shorter = keys // substrings.symbols
        useful[shorter[substrings.frequency[shorter] == substrings.frequency[following]]] = False
    useful[:alphabet] = False
    numbers = np.flatnonzero(useful)
    covered = substrings.frequency[numbers] * substrings.length[numbers]
    best = numbers[np.lexsort((numbers, -covered))[:limit]]
    return np.concatenate([np.arange(alphabet), np.sort(best)])


class _Trainer:
    """State of the training: `pieces` left, and `score`, log probabilities (natural).

    Pieces are numbers in `substrings`, the alphabet first.
    """

    def __init__(self, words: Words, substrings: Substrings, seeds: Ints) -> None:
        self.words, self.substrings, self.alphabet = words, substrings, len(words.alphabet)
        lengths = np.array([len(word) for word in words.words], dtype=np.int64)
        self.pieces = seeds
        covered = (substrings.frequency * substrings.length)[seeds]
        self.score = np.log(np.maximum(covered, 1) / covered.sum())
        # The seeds themselves are words of a second lattice: their texts end to end, to find their alternatives.
        spans = substrings.length[seeds]
        text_index = np.repeat(substrings.begin[seeds] - (np.cumsum(spans) - spans), spans) + np.arange(
            int(spans.sum())
        )
        new_number = np.full(len(substrings.length), -1, dtype=np.int32)
        new_number[seeds] = np.arange(len(seeds), dtype=np.int32)
        self.corpus = Lattice.of(lengths, substrings.edges(substrings.text, lengths, new_number))
        self.inside = Lattice.of(spans, substrings.edges(substrings.text[text_index], spans, new_number))

    def fit(self) -> None:
        """Run expectation-maximisation; drop pieces that are hardly expected anywhere.

        Single symbols are never dropped.
        """
        for _ in range(_EM_ROUNDS):
            expected = self.corpus.expected(self.score, self.words.counts)
            expected[: self.alphabet] = np.maximum(expected[: self.alphabet], _LEAST_EXPECTED)
            is_expected = expected >= _LEAST_EXPECTED
            self._keep(is_expected)
            # The sparse prior: exp ψ(1) = 0.56 and exp ψ(10) = 9.50, so that rare pieces lose most of their count.
            self.score = _digamma(expected[is_expected]) - _digamma(np.array([expected[is_expected].sum()]))

    def prune(self, size: int) -> None:
        """Keep the `size` pieces whose removal would cost the words most likelihood."""
        words, used = self.corpus.best(self.score)
        frequency = np.bincount(used, self.words.counts[words], len(self.pieces))
        total = frequency.sum()
        piece, part = self._alternatives()
        parts = np.bincount(piece, minlength=len(self.pieces))
        with np.errstate(divide="ignore", invalid="ignore"):  # of pieces that do not occur, which are pruned anyway
            # Without a piece its occurrences become its alternative: more tokens in all, and more of each part.
            part_log_prob = np.log(frequency[part] + frequency[piece]) - np.log(
                total + frequency[piece] * (parts[piece] - 1)
            )
            loss = frequency * (np.log(frequency) - np.log(total) - np.bincount(piece, part_log_prob, len(self.pieces)))
        loss[frequency == 0] = -np.inf
        loss[: self.alphabet] = np.inf
        is_kept = np.zeros(len(self.pieces), dtype=bool)
        is_kept[np.lexsort((self.pieces, -loss))[:size]] = True
        self._keep(is_kept & (loss > -np.inf))

    def _alternatives(self) -> tuple[Ints, Ints]:
        """Return the best segmentation of each piece without itself, as (piece, part).

        A single symbol's is itself.
        """
        return self.inside.without_whole_words().best(self.score)

    def result(self, size: int) -> list[tuple[str, float]]:
        """Return the alphabet and the most likely pieces, `size` in all."""
        learned = np.arange(self.alphabet, len(self.pieces))
        score = np.round(self.score, _DIGITS)
        best = learned[np.lexsort((self.pieces[learned], -score[learned]))[: size - self.alphabet]]
        chosen = np.concatenate([np.arange(self.alphabet), best])
        return [(self._string(index), float(score[index])) for index in chosen.tolist()]

    def _string(self, index: int) -> str:
        piece = int(self.pieces[index])
        if piece < self.alphabet:
            return self.words.alphabet[piece]
        begin = int(self.substrings.begin[piece])
        return "".join(
            self.words.alphabet[i] for i in self.substrings.text[begin : begin + self.substrings.length[piece]]
        )

    def _keep(self, keep_mask: NDArray[np.bool_]) -> None:
        # keep_mask [T, F, T] → new_number [0, -1, 1].
        new_number = np.where(keep_mask, np.cumsum(keep_mask) - 1, -1).astype(np.int32)
        self.corpus = self.corpus.renumber(new_number)
        self.inside = self.inside.select_words(keep_mask).renumber(new_number)
        self.pieces, self.score = self.pieces[keep_mask], self.score[keep_mask]


def _digamma(values: Floats) -> Floats:
    """Return the digamma function of values above 0, to about 1e-12."""
    # ψ(x) = ψ(x + 1) − 1 / x lifts values to 10 and more, where the asymptotic series is precise.
    rest = np.zeros_like(values)
    shifted = values.copy()
    for _ in range(10):
        small = shifted < 10
        rest[small] -= 1 / shifted[small]
        shifted[small] += 1
    square = 1 / (shifted * shifted)
    series = square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square * (1 / 240 - square / 132))))
    return np.asarray(rest + np.log(shifted) - 0.5 / shifted - series)

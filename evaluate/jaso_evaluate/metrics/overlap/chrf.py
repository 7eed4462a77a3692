"""chrF and chrF++ as sacrebleu computes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from sacrebleu.metrics.chrf import CHRF

from jaso_core.compat.sacrebleu import one_reference_signature
from jaso_core.records import Prediction
from jaso_evaluate.algorithms.ngram_overlap import SharedNgrams, shared_character_ngrams, shared_token_ngrams
from jaso_evaluate.korean.tokenizers import nfc_pairs
from jaso_evaluate.metrics import METRICS, Measure, Metric

_MARKS = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


@dataclass(frozen=True)
class ChrfOptions:
    """Options of the chrF metric.

    `word_orders`: each gives a measure, 0 chrF and 2 chrF++. `beta` weights recall against precision.
    """

    char_order: int = 6
    word_orders: list[int] = field(default_factory=lambda: [0, 2])
    beta: int = 2

    def __post_init__(self) -> None:
        if self.char_order < 1 or self.beta < 1:
            raise ValueError("char_order and beta must be 1 or more")
        if not self.word_orders or min(self.word_orders) < 0:
            raise ValueError("word_orders must be whole numbers from 0, at least one")


@METRICS.register("chrf", ChrfOptions)
class Chrf(Metric):
    """Corpus chrF and chrF++ (0–100) as sacrebleu computes them.

    F-scores of character n-grams, without any tokenizer. Popović (2015, 2017). On Korean they correlate with human
    scores at least as well as any BLEU. An empty prediction has 0, and so has an empty reference: sacrebleu leaves such
    a pair out, whatever was predicted.
    """

    by_text = True

    def __init__(self, options: ChrfOptions) -> None:
        self._options = options

    def measure(self, predictions: Sequence[Prediction]) -> list[Measure]:
        texts, references = nfc_pairs(predictions)
        options = self._options
        joined = [["".join(text.split()) for text in side] for side in (texts, references)]
        stats = _stats(shared_character_ngrams(joined[0], joined[1], options.char_order))
        if max_word_order := max(options.word_orders):
            words = [[list(_words(text)) for text in side] for side in (texts, references)]
            stats = np.concatenate([stats, _stats(shared_token_ngrams(words[0], words[1], max_word_order))], axis=1)
        return [self._measure(order, stats) for order in options.word_orders]

    def _measure(self, word_order: int, stats: NDArray[np.float64]) -> Measure:
        options = self._options
        scorer = CHRF(char_order=options.char_order, word_order=word_order, beta=options.beta)
        return Measure(
            name="chrf" + "+" * word_order,
            unit="chrF (0–100)",
            signature=f"{one_reference_signature(scorer)}|norm:nfc",
            higher_is_better=True,
            stats=stats[:, : 3 * scorer.order],
            reduction=f"chrf:{options.beta}",
        )


def _stats(shared: SharedNgrams) -> NDArray[np.float64]:
    """Return [n-grams, reference n-grams, matches] × orders.

    Where the reference has none of an order, sacrebleu counts none of the prediction either. Here it does for an empty
    reference, as BLEU does: otherwise the pair would cost nothing, and one in a hundred pass unseen.
    """
    hypothesis, reference = shared.totals(shared.first), shared.totals(shared.second)
    # "aab" against "ab", orders 1 to 3 → [3, 2, 2], [2, 1, 1], [0, 0, 0]: the trigram "aab" counts as none.
    is_counted = (reference > 0) | (shared.second == 0)[:, None]
    stacked = np.stack([np.where(is_counted, hypothesis, 0), reference, shared.matches], axis=2)
    return stacked.reshape(len(hypothesis), -1).astype(float)


def _words(text: str) -> Iterator[str]:
    """Split into words as chrF++ does.

    One mark at the end, or else one at the start, is a separate word.
    """
    # '"좋다."' → '"좋다.', '"': of several marks one is taken, at the end if there is one.
    for word in text.split():
        if len(word) > 1 and word[-1] in _MARKS:
            yield word[:-1]
            yield word[-1]
        elif len(word) > 1 and word[0] in _MARKS:
            yield word[0]
            yield word[1:]
        else:
            yield word

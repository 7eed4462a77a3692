"""chrF by sacrebleu."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sacrebleu.metrics.chrf import CHRF

from jaso_core.records import Prediction
from jaso_evaluate.metrics import METRICS, Measure, Metric


@dataclass(frozen=True)
class ChrfOptions:
    """`word_order: 2` makes it chrF++. `beta` weighs recall against precision."""

    char_order: int = 6
    word_order: int = 0
    beta: int = 2


@METRICS.register("chrf", ChrfOptions)
class Chrf(Metric):
    """Corpus chrF (0–100) by sacrebleu: F-score of character n-grams, without any tokenizer.

    On Korean it agrees with people at least as well as any BLEU does.
    """

    def __init__(self, options: ChrfOptions) -> None:
        self._options = options

    def measure(self, predictions: Sequence[Prediction]) -> list[Measure]:
        options = self._options
        scorer = CHRF(char_order=options.char_order, word_order=options.word_order, beta=options.beta)
        scorer.num_refs = 1  # stands in the signature; sacrebleu sets it in corpus_score only
        rows = scorer._extract_corpus_statistics(
            [p.prediction for p in predictions], [[p.reference for p in predictions]]
        )
        return [
            Measure(
                name="chrf" + "+" * options.word_order,
                unit="chrF (0–100)",
                signature=str(scorer.get_signature()),
                higher_is_better=True,
                stats=np.array(rows, dtype=float).reshape(len(predictions), 3 * scorer.order),
                reduction=f"chrf:{options.beta}",
            )
        ]

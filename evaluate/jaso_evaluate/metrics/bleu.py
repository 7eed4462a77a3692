"""BLEU by sacrebleu."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from sacrebleu.metrics.bleu import BLEU

from jaso_core.errors import RequestError, did_you_mean
from jaso_core.records import Prediction
from jaso_evaluate.metrics import METRICS, Measure, Metric

# What works on Korean without a download: "13a" and "intl" split Korean at blanks only, "flores200" wants the network.
_TOKENIZERS = ("char", "ko-mecab", "none")


@dataclass(frozen=True)
class BleuOptions:
    """`tokenizers`: each gives a measure of its own, for BLEU of one text runs from 7 to 50 by tokenizer alone."""

    tokenizers: list[str] = field(default_factory=lambda: ["char", "ko-mecab"])


@METRICS.register("bleu", BleuOptions)
class Bleu(Metric):
    """Corpus BLEU (0–100) by sacrebleu, on characters and on MeCab-ko morphemes.

    Smoothing "exp" as in sacrebleu's default. Single texts get sacrebleu's sentence BLEU (effective order).
    """

    def __init__(self, options: BleuOptions) -> None:
        for name in options.tokenizers:
            if name not in _TOKENIZERS:
                raise RequestError(f"metrics.bleu.tokenizers: '{name}'", did_you_mean(name, list(_TOKENIZERS)))
        self._tokenizers = options.tokenizers

    def measure(self, predictions: Sequence[Prediction]) -> list[Measure]:
        texts = [p.prediction for p in predictions]
        references = [p.reference for p in predictions]
        return [self._measure(name, texts, references) for name in self._tokenizers]

    def _measure(self, tokenizer: str, texts: list[str], references: list[str]) -> Measure:
        scorer = BLEU(tokenize=tokenizer, force=True)
        scorer.num_refs = 1  # stands in the signature; sacrebleu sets it in corpus_score only
        stats = np.array(scorer._extract_corpus_statistics(texts, [references]), dtype=float).reshape(-1, 10)
        return Measure(
            name=f"bleu_{tokenizer.replace('-', '_')}",
            unit="BLEU (0–100)",
            signature=str(scorer.get_signature()),
            higher_is_better=True,
            stats=stats,
            reduction="bleu",
            each="bleu:effective",
        )

"""ROUGE on Korean tokens.

rouge_score's tokenizer keeps [a-z0-9] only and scores equal Korean texts 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from jaso_core.records import Prediction
from jaso_evaluate.algorithms.lcs import lcs_length, union_lcs_hits
from jaso_evaluate.algorithms.ngram_overlap import shared_token_ngrams
from jaso_evaluate.korean.tokenizers import (
    TOKENIZERS,
    check_names,
    nfc_pairs,
    sentence_signature,
    token_signature,
    tokens_by_sentence,
)
from jaso_evaluate.metrics import METRICS, Measure, Metric
from jaso_evaluate.metrics.base import signature

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

_TYPES = ("rouge1", "rouge2", "rougeL", "rougeLsum")


@dataclass(frozen=True)
class RougeOptions:
    """Options of the ROUGE metric.

    `tokenizers`: "kiwi" (content morphemes), "kiwi-character" (their characters), "kiwi-all", "ko-mecab", "character",
    "jamo", "word"; each gives all `types`: rouge1, rouge2, rougeL, rougeLsum.
    """

    tokenizers: list[str] = field(default_factory=lambda: ["kiwi-character", "kiwi", "character"])
    types: list[str] = field(default_factory=lambda: list(_TYPES))


@METRICS.register("rouge", RougeOptions)
class Rouge(Metric):
    """Mean ROUGE-1, -2, -L and -Lsum F-scores (0–100) on Korean tokens.

    Lin (2004), by default on Kiwi's content morphemes and on characters. Equal to rouge_score on the same tokens, and
    for Lsum the same sentences: lines, and within them Kiwi's sentences. A text without content morphemes ("네.") is
    taken as all its morphemes. A pair with an empty text has 0.
    """

    by_text = True

    def __init__(self, options: RougeOptions) -> None:
        check_names(options.tokenizers, TOKENIZERS, "metrics.rouge.tokenizers")
        check_names(options.types, _TYPES, "metrics.rouge.types")
        self._options = options

    def measure(self, predictions: Sequence[Prediction]) -> list[Measure]:
        texts, references = nfc_pairs(predictions)
        measures = []
        for name in self._options.tokenizers:
            tokens = TOKENIZERS[name]([*texts, *references])
            hypothesis_tokens, reference_tokens = (
                [tokens[text] for text in texts],
                [tokens[text] for text in references],
            )
            scores = f_scores(
                hypothesis_tokens, reference_tokens, [kind for kind in self._options.types if kind != "rougeLsum"]
            )
            if "rougeLsum" in self._options.types:
                scores["rougeLsum"] = _rouge_lsum(name, texts, references)
            measures += [_measure(kind, name, scores[kind]) for kind in self._options.types]
        return measures


def f_scores(
    hypotheses: Sequence[Sequence[str]], references: Sequence[Sequence[str]], types: Sequence[str]
) -> dict[str, Floats]:
    """Return F-scores from 0 to 1 of each pair of token lists, [n] by type.

    Types: rouge1, rouge2, rougeL.
    """
    shared = shared_token_ngrams(hypotheses, references, 2)
    first, second = shared.totals(shared.first), shared.totals(shared.second)
    scores = {}
    for kind in types:
        if kind == "rougeL":
            scores[kind] = _f1(_to_array(map(lcs_length, references, hypotheses)), shared.first, shared.second)
        else:
            n = int(kind.removeprefix("rouge")) - 1
            scores[kind] = _f1(shared.matches[:, n], first[:, n], second[:, n])
    return scores


def mean_stats(scores: Floats) -> Floats:
    """Return the statistics of a mean: [score, 1]."""
    return np.stack([scores, np.ones_like(scores)], axis=1)


def _rouge_lsum(tokenizer: str, texts: Sequence[str], references: Sequence[str]) -> Floats:
    sentences = tokens_by_sentence(tokenizer, [*texts, *references])
    hypotheses, reference_sentences = [sentences[text] for text in texts], [sentences[text] for text in references]
    lengths = [
        _to_array(sum(map(len, text_sentences)) for text_sentences in side)
        for side in (hypotheses, reference_sentences)
    ]
    return _f1(_to_array(map(union_lcs_hits, reference_sentences, hypotheses)), *lengths)


def _to_array(numbers: Iterable[int]) -> Counts:
    return np.fromiter(numbers, dtype=np.int64)


def _f1(match: Counts, hypothesis_counts: Counts, reference_counts: Counts) -> Floats:
    """Return 2PR / (P + R), computed as rouge_score does; 0 without matches."""
    precision, recall = match / np.maximum(hypothesis_counts, 1), match / np.maximum(reference_counts, 1)
    both = precision + recall
    return np.asarray(2 * precision * recall / np.where(both > 0, both, 1.0))


def _measure(kind: str, tokenizer: str, scores: Floats) -> Measure:
    sentence_part = {"sent": sentence_signature()} if kind == "rougeLsum" else {}
    return Measure(
        name=f"{kind}_{tokenizer.replace('-', '_')}",
        unit="F1 (0–100)",
        signature=signature(
            type=kind, f=1, stem="no", tok=token_signature(tokenizer), **sentence_part, norm="nfc",
            equals=f"rouge_score-{version('rouge-score')}",
        ),
        higher_is_better=True,
        stats=mean_stats(scores),
        reduction="ratio:100",
    )  # fmt: skip

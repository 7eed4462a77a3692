"""ROUGE on Korean tokens. rouge_score's own tokenizer keeps [a-z0-9] only and gives equal Korean texts 0."""

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
    """`tokenizers`: "kiwi" (content morphemes), "kiwi-character" (their characters), "kiwi-all", "ko-mecab",
    "character", "jamo", "word"; each gives all the `types` of its own: rouge1, rouge2, rougeL, rougeLsum."""

    tokenizers: list[str] = field(default_factory=lambda: ["kiwi-character", "kiwi", "character"])
    types: list[str] = field(default_factory=lambda: list(_TYPES))


@METRICS.register("rouge", RougeOptions)
class Rouge(Metric):
    """Mean ROUGE-1, -2, -L and -Lsum F-scores (0–100) on Kiwi's content morphemes and on characters.

    Lin (2004); the numbers are those of rouge_score when it is given these tokens, and for Lsum these sentences: lines,
    and in them Kiwi's sentences. A text without content morphemes ("네.") is taken as all its morphemes. A pair with an
    empty text has 0.
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
            mine, theirs = [tokens[text] for text in texts], [tokens[text] for text in references]
            found = f_scores(mine, theirs, [kind for kind in self._options.types if kind != "rougeLsum"])
            if "rougeLsum" in self._options.types:
                found["rougeLsum"] = _summary(name, texts, references)
            measures += [_measure(kind, name, found[kind]) for kind in self._options.types]
        return measures


def f_scores(mine: Sequence[Sequence[str]], theirs: Sequence[Sequence[str]], types: Sequence[str]) -> dict[str, Floats]:
    """F-scores from 0 to 1 of each pair of token lists, [n] by type: rouge1, rouge2, rougeL."""
    shared = shared_token_ngrams(mine, theirs, 2)
    first, second = shared.totals(shared.first), shared.totals(shared.second)
    found = {}
    for kind in types:
        if kind == "rougeL":
            found[kind] = _f(_counted(map(lcs_length, theirs, mine)), shared.first, shared.second)
        else:
            n = int(kind.removeprefix("rouge")) - 1
            found[kind] = _f(shared.matches[:, n], first[:, n], second[:, n])
    return found


def mean_stats(scores: Floats) -> Floats:
    """Statistics of a mean: [score, 1]."""
    return np.stack([scores, np.ones_like(scores)], axis=1)


def _summary(tokenizer: str, texts: Sequence[str], references: Sequence[str]) -> Floats:
    sentences = tokens_by_sentence(tokenizer, [*texts, *references])
    mine, theirs = [sentences[text] for text in texts], [sentences[text] for text in references]
    lengths = [_counted(sum(map(len, found)) for found in side) for side in (mine, theirs)]
    return _f(_counted(map(union_lcs_hits, theirs, mine)), *lengths)


def _counted(numbers: Iterable[int]) -> Counts:
    return np.fromiter(numbers, dtype=np.int64)


def _f(match: Counts, mine: Counts, theirs: Counts) -> Floats:
    """2PR / (P + R), computed as rouge_score does; 0 where nothing matches."""
    precision, recall = match / np.maximum(mine, 1), match / np.maximum(theirs, 1)
    both = precision + recall
    return np.asarray(2 * precision * recall / np.where(both > 0, both, 1.0))


def _measure(kind: str, tokenizer: str, scores: Floats) -> Measure:
    cut = {"sent": sentence_signature()} if kind == "rougeLsum" else {}
    return Measure(
        name=f"{kind}_{tokenizer.replace('-', '_')}",
        unit="F1 (0–100)",
        signature=signature(
            type=kind, f=1, stem="no", tok=token_signature(tokenizer), **cut, norm="nfc",
            equals=f"rouge_score-{version('rouge-score')}",
        ),
        higher_is_better=True,
        stats=mean_stats(scores),
        reduction="ratio:100",
    )  # fmt: skip

"""ROUGE with rouge_score's own tokenizer on Korean.

To understand old tables, not to judge by.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

import numpy as np

from jaso_core.records import Prediction
from jaso_core.registry import NoOptions
from jaso_evaluate.metrics import METRICS, Measure, Metric
from jaso_evaluate.metrics.base import signature
from jaso_evaluate.metrics.overlap.rouge import f_scores, mean_stats

_TYPES = ("rouge1", "rouge2", "rougeL")


@METRICS.register("rouge_legacy")
class RougeLegacy(Metric):
    """ROUGE-1, -2 and -L (0–100) on Latin letters and digits only.

    That is what rouge_score's tokenizer keeps of a text. Hangul is deleted, so that equal Korean sentences have 0 and
    unrelated ones that share a "3" have 100; with 0 to 3 tokens ROUGE-1 equals ROUGE-L, and ROUGE-2 is next to nothing.
    `legacy_tokens`: tokens left of a text, prediction or reference; `legacy_blank`: pairs in which none is left of
    either.
    """

    by_text = True

    def __init__(self, options: NoOptions) -> None:
        del options

    def measure(self, predictions: Sequence[Prediction]) -> list[Measure]:
        from rouge_score.tokenizers import DefaultTokenizer  # imports nltk, which takes a second

        tokenize = DefaultTokenizer(use_stemmer=False).tokenize
        hypotheses = [tokenize(p.prediction) for p in predictions]
        references = [tokenize(p.reference) for p in predictions]
        scores = f_scores(hypotheses, references, _TYPES)
        token_counts = np.array([len(a) + len(b) for a, b in zip(hypotheses, references, strict=True)], dtype=float)
        tokens = np.stack([token_counts, np.full_like(token_counts, 2.0)], axis=1)
        unit = "F1 (0–100) of Latin letters and digits only"
        return [
            *(
                Measure(f"{kind}_legacy", unit, _signature(kind), None, mean_stats(scores[kind]), "ratio:100")
                for kind in _TYPES
            ),
            Measure("legacy_tokens", "tokens/text", _signature("tokens"), None, tokens, "ratio"),
            Measure(
                "legacy_blank",
                "% of pairs",
                _signature("blank"),
                None,
                mean_stats((token_counts == 0) * 1.0),
                "ratio:100",
            ),
        ]


def _signature(kind: str) -> str:
    return signature(
        type=kind,
        f=1,
        stem="no",
        tok="rouge_score/[a-z0-9]+",
        norm="no",
        equals=f"rouge_score-{version('rouge-score')}",
    )

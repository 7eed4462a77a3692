"""Fluency: the score of Kiwi's own language model, a morpheme."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from jaso_core.records import Prediction
from jaso_core.registry import NoOptions
from jaso_core.text.kiwi import kiwi
from jaso_evaluate.korean import kiwi_cache
from jaso_evaluate.korean.kiwi_cache import chunk_bounds, kiwi_versions
from jaso_evaluate.korean.tokenizers import to_nfc
from jaso_evaluate.metrics import METRICS, Measure, Metric, ratio_of
from jaso_evaluate.metrics.base import signature


@METRICS.register("fluency", NoOptions)
class Fluency(Metric):
    """Log score a morpheme of the best analysis by Kiwi's language model.

    Higher is more usual Korean. It sees shuffled words and wrong particles, and praises loops, whose morphemes are easy
    to foresee: read it beside repetition (docs/metrics.md). `fluency_reference`: of the references. A blank text has no
    value.
    """

    by_text = True

    def __init__(self, options: NoOptions) -> None:
        del options

    def measure(self, predictions: Sequence[Prediction]) -> list[Measure]:
        how = signature(lm=kiwi_versions(), norm="nfc")
        return [
            _measure("fluency", [p.prediction for p in predictions], how, higher_is_better=True),
            _measure("fluency_reference", [p.reference for p in predictions], how, higher_is_better=None),
        ]


def _measure(name: str, texts: Sequence[str], how: str, *, higher_is_better: bool | None) -> Measure:
    pairs = morpheme_scores(to_nfc(texts))
    return Measure(name, "log score a morpheme", how, higher_is_better, ratio_of(pairs), "ratio:1")


def morpheme_scores(texts: Sequence[str]) -> list[tuple[float, float] | None]:
    """Return (log score, number of morphemes) of each text; None for a blank one."""
    bounds = [chunk_bounds(text) for text in texts]
    pieces = [text[a:b] for text, cuts in zip(texts, bounds, strict=True) for a, b in pairwise(cuts)]
    results = iter(kiwi(kiwi_cache.threads).analyze(pieces)) if pieces else iter(())
    scores: list[tuple[float, float] | None] = []
    for cuts in bounds:
        total, count = 0.0, 0
        for _ in cuts[:-1]:
            tokens, score = next(results)[0]
            total, count = total + float(score), count + len(tokens)
        scores.append((total, float(count)) if count else None)
    return scores

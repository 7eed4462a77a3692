"""Similarity in meaning of a text and its question, without a download."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jaso_core.records import Prediction
from jaso_evaluate.algorithms.semantic_similarity import embedder_signature, semantic_similarities
from jaso_evaluate.korean.tokenizers import to_nfc
from jaso_evaluate.metrics import METRICS, Measure, Metric, NotMeasurable, mean_of
from jaso_evaluate.metrics.base import signature
from jaso_evaluate.metrics.embedding.use_similarity import check_embedder


@dataclass(frozen=True)
class UseRelevanceOptions:
    """Options of the metric. `embedder`: use, or use+e5; see use_similarity."""

    embedder: str = "use"

    def __post_init__(self) -> None:
        check_embedder(self.embedder)


@METRICS.register("use_relevance", UseRelevanceOptions)
class UseRelevance(Metric):
    """Cosine of the sentence embeddings of text and question (USE), 0–100.

    A description of the subject, not of how good the answer is: the question repeated has 100. So it is read beside the
    references' own, `use_relevance_reference`. A text without a question has no value.
    """

    by_text = True

    def __init__(self, options: UseRelevanceOptions) -> None:
        self._embedder = options.embedder

    def measure(self, predictions: Sequence[Prediction]) -> list[Measure]:
        questions = [_question(prediction) for prediction in predictions]
        if not any(questions):
            raise NotMeasurable("no text has a question (meta.question, or else the prompt)")
        how = signature(embedder=embedder_signature(self._embedder), windows="sentences-120", norm="nfc")
        return [
            self._measure("use_relevance", [p.prediction for p in predictions], questions, how, higher_is_better=True),
            self._measure(
                "use_relevance_reference", [p.reference for p in predictions], questions, how, higher_is_better=None
            ),
        ]

    def _measure(
        self, name: str, texts: Sequence[str], questions: Sequence[str], how: str, *, higher_is_better: bool | None
    ) -> Measure:
        values = semantic_similarities(to_nfc(texts), to_nfc(questions), self._embedder)
        present = [value if question else None for value, question in zip(values, questions, strict=True)]
        return Measure(name, "cosine (0–100)", how, higher_is_better, mean_of(present), "ratio:100")


def _question(prediction: Prediction) -> str:
    question = prediction.meta.get("question")
    return question if isinstance(question, str) and question.strip() else (prediction.prompt or "").strip()

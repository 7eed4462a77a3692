"""Relevance: whether an answer fits its own question better than others."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from jaso_core.records import Prediction
from jaso_evaluate.algorithms.tfidf_centroids import TfidfCentroids
from jaso_evaluate.korean.tokenizers import content_morphemes, to_nfc, token_signature
from jaso_evaluate.metrics import METRICS, Measure, Metric, NotMeasurable, mean_of
from jaso_evaluate.metrics.base import signature

_ASIDE = re.compile(r"[(\[<【][^)\]>】]*\d[^)\]>】]*[)\]>】]")
_MARK = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class RelevanceOptions:
    """Options of the relevance metric.

    `most_questions`: of more different questions that many are sampled; texts of the others have no value.
    """

    most_questions: int = 2000

    def __post_init__(self) -> None:
        if self.most_questions < 2:
            raise ValueError("most_questions must be 2 or more")


class _Pair(NamedTuple):
    """A text, its reference and its question.

    `key` is equal for equal questions, "" where there is none.
    """

    text: str
    reference: str
    question: str
    key: str


@METRICS.register("relevance", RelevanceOptions)
class Relevance(Metric):
    """Rank of an answer's own question among all questions of the file.

    Each question has a profile: the sum of the tf-idf vectors (content morphemes, length 1) of its text and of the
    reference answers to it; a text's own reference is left out of its own question's, and one reference of every other
    question's too, so that none has an advantage. The fit is the cosine, standardised by the usual cosine of the
    profile with answers to other questions: frequent questions, whose profiles resemble anything, gain nothing. No
    model is needed.

    `relevance`: questions that fit worse than its own, in % of the others, ties as half (an AUC; chance is 50).
    `relevance_top1`: texts whose own question fits best of all. A text without a word in common with any profile, or an
    empty one, has 50 and 0. Questions that differ in blanks, marks and a bracketed limit only are one; two wordings of
    one question are two, so that even a perfect answer stays below 100.
    """

    def __init__(self, options: RelevanceOptions) -> None:
        self._max_questions = options.most_questions

    def measure(self, predictions: Sequence[Prediction]) -> list[Measure]:
        pairs = [_pair(p) for p in predictions]
        keys = sorted({pair.key for pair in pairs} - {""})
        if len(keys) < 2:
            raise NotMeasurable("there are fewer than two different questions (meta.question, or else the prompt)")
        sampled_keys = [keys[i] for i in np.random.default_rng(0).permutation(len(keys))[: self._max_questions]]
        worse, is_best = zip(*_rank_questions(pairs, sampled_keys), strict=True)
        how = signature(
            fit="standardised-cosine-of-tf-idf",
            profile="question+references-but-one",
            tok=token_signature("kiwi"),
            questions=len(sampled_keys),
        )
        return [
            Measure("relevance", "% of questions", how, True, mean_of(worse), "ratio:100"),
            Measure("relevance_top1", "% of texts", how, True, mean_of(is_best), "ratio:100"),
        ]


def _rank_questions(pairs: Sequence[_Pair], keys: Sequence[str]) -> list[tuple[float | None, float | None]]:
    """Return (share of other questions that fit worse, whether all do), by text.

    None without a question of `keys`.
    """
    tokens = content_morphemes(text for pair in pairs for text in (pair.text, pair.reference, pair.question))
    questions = {pair.key: pair.question for pair in reversed(pairs)}
    answers: dict[str, set[str]] = {key: set() for key in keys}
    for pair in pairs:
        if pair.key in answers:
            answers[pair.key].add(pair.reference)
    centroids = TfidfCentroids([[tokens[text] for text in (questions[key], *sorted(answers[key]))] for key in keys])
    index = {key: number for number, key in enumerate(keys)}
    rows: list[tuple[float | None, float | None]] = []
    for pair in pairs:
        if pair.key not in index:
            rows.append((None, None))
            continue
        own, others = centroids.scores(tokens[pair.text], index[pair.key], tokens[pair.reference])
        worse, equal = float((others < own).mean()), float((others == own).mean())
        rows.append((worse + equal / 2, float(worse == 1.0)))
    return rows


def _pair(prediction: Prediction) -> _Pair:
    question_meta = prediction.meta.get("question")
    question = question_meta if isinstance(question_meta, str) and question_meta.strip() else prediction.prompt or ""
    text, reference, question = to_nfc((prediction.prediction, prediction.reference, question))
    return _Pair(text, reference, question, _key(question))


def _key(question: str) -> str:
    """Return the normalised question, equal for equal questions."""
    plain = unicodedata.normalize("NFKC", question).lower()
    return _MARK.sub("", _ASIDE.sub("", plain)) or _MARK.sub("", plain)

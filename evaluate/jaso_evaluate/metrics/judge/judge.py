"""Scores by a language model behind an OpenAI-compatible endpoint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import yaml

from jaso_core.config_groups import choice_file
from jaso_core.console import say
from jaso_core.errors import RequestError
from jaso_core.records import Prediction
from jaso_evaluate.metrics import METRICS, Measure, Metric, NotMeasurable, mean_of
from jaso_evaluate.metrics.base import signature
from jaso_evaluate.metrics.judge.answers import read_choice, read_scores
from jaso_evaluate.metrics.judge.endpoint import Endpoint, EndpointOptions
from jaso_evaluate.metrics.judge.questions import pair_question, score_question
from jaso_evaluate.rubric import Rubric, read_rubric

WITHOUT_MODEL = "no model of the endpoint is named; give metrics.judge.model=<name there>"


@dataclass(frozen=True)
class JudgeOptions:
    """Options of the metric.

    `model`: the endpoint's name of it; None: left out. `rubric`: a name in configs/rubric. `pairwise`: which is better,
    the text or its reference, asked in both orders, in place of scores. The others: see EndpointOptions.
    """

    model: str | None = None
    rubric: str = "interview"
    pairwise: bool = False
    timeout: float = 60.0
    retries: int = 5
    concurrency: int = 4
    answer_tokens: int = 300
    price_in: float | None = None
    price_out: float | None = None

    def __post_init__(self) -> None:
        for name in ("timeout", "concurrency", "answer_tokens"):
            if getattr(self, name) <= 0:
                raise RequestError(f"config key 'metrics.judge.{name}': {getattr(self, name)}", "give more than 0")


@METRICS.register("judge", JudgeOptions)
class Judge(Metric):
    """Scores by a language model, with the rubric that people's sheets have.

    `judge_<criterion>` and `judge_total`; or `judge_preferred`: 100 where the text is preferred to its reference in
    both orders, 0 where the reference is, 50 where the orders disagree or both are equal; and `judge_first`: how often
    the text that stands first is preferred (50 is no bias of order).

    They describe and rank nothing: whether they mean quality, people's sheets say (`jaso sheet read`, τ and α with
    intervals). Personal data, names of persons and of employers are masked before a text leaves. An answer that is not
    understood is asked for once more, and then left out and counted.
    """

    def __init__(self, options: JudgeOptions) -> None:
        self._options = options
        self._rubric = _rubric(options.rubric)

    def measure(self, predictions: Sequence[Prediction]) -> list[Measure]:
        options = self._options
        if options.model is None:
            raise NotMeasurable(WITHOUT_MODEL)
        endpoint = Endpoint(
            EndpointOptions(
                options.model, options.timeout, options.retries, options.concurrency, options.answer_tokens,
                options.price_in, options.price_out,
            )
        )  # fmt: skip
        digest = hashlib.sha256(json.dumps(self._rubric.to_json(), sort_keys=True).encode()).hexdigest()[:8]
        how = signature(
            judge=options.model, rubric=f"{self._rubric.name}-{digest}", of="pairs" if options.pairwise else "texts",
            masked="pii+persons+employers", temperature=0,
        )  # fmt: skip
        if options.pairwise:
            return self._compare(endpoint, predictions, how)
        return self._score(endpoint, predictions, how)

    def _score(self, endpoint: Endpoint, predictions: Sequence[Prediction], how: str) -> list[Measure]:
        rubric = self._rubric
        asked = [score_question(rubric, _question(p), p.prediction) for p in predictions]
        scores = [read_scores(answer, rubric) for answer in self._ask(endpoint, asked)]
        totals = [None if score is None else sum(score.values()) for score in scores]
        columns = {
            criterion.name: ([None if s is None else s[criterion.name] for s in scores], criterion)
            for criterion in rubric.criteria
        }
        measures = [
            _described(f"judge_{name}", f"points ({criterion.lowest}–{criterion.highest})", how, values)
            for name, (values, criterion) in columns.items()
        ]
        return [*measures, _described("judge_total", f"points ({rubric.lowest}–{rubric.highest})", how, totals)]

    def _compare(self, endpoint: Endpoint, predictions: Sequence[Prediction], how: str) -> list[Measure]:
        asked = [
            pair_question(self._rubric, _question(p), first, second)
            for p in predictions
            for first, second in ((p.prediction, p.reference), (p.reference, p.prediction))
        ]
        choices = [read_choice(answer) for answer in self._ask(endpoint, asked)]
        pairs = list(zip(choices[::2], choices[1::2], strict=True))
        return [
            _described("judge_preferred", "% of texts", how, [_preference(*pair) for pair in pairs], "ratio:100"),
            _described("judge_first", "% of answers", how, [_first(*pair) for pair in pairs], "ratio:100"),
        ]

    def _ask(self, endpoint: Endpoint, asked: Sequence[list[dict[str, str]]]) -> list[str]:
        """Ask, and ask once more what was not understood."""
        answers = endpoint.ask(asked)
        unread = [index for index, answer in enumerate(answers) if not self._is_read(answer)]
        again = endpoint.ask([[*asked[index], *_reminder(answers[index])] for index in unread]) if unread else []
        for index, answer in zip(unread, again, strict=True):
            answers[index] = answer
        lost = sum(not self._is_read(answer) for answer in answers)
        if lost:
            say(f"judge: {lost:,} of {len(answers):,} answers were refusals or not understood; they have no value")
        return answers

    def _is_read(self, answer: str) -> bool:
        if self._options.pairwise:
            return read_choice(answer) is not None
        return read_scores(answer, self._rubric) is not None


def _described(name: str, unit: str, how: str, values: Sequence[float | None], reduction: str = "ratio:1") -> Measure:
    # No direction: what people have not confirmed must not rank.
    return Measure(name, unit, how, None, mean_of(values), reduction)


def _question(prediction: Prediction) -> str:
    question = prediction.meta.get("question")
    return question if isinstance(question, str) and question else prediction.prompt or ""


def _reminder(answer: str) -> list[dict[str, str]]:
    return [
        {"role": "assistant", "content": answer or "-"},
        {"role": "user", "content": "위의 형식대로 JSON 하나로만 답한다."},
    ]


def _preference(text_first: str | None, reference_first: str | None) -> float | None:
    if text_first is None or reference_first is None:
        return None
    wins = (text_first == "A") + (reference_first == "B")
    losses = (text_first == "B") + (reference_first == "A")
    return 1.0 if wins == 2 else 0.0 if losses == 2 else 0.5


def _first(*choices: str | None) -> float | None:
    shares = [{"A": 1.0, "B": 0.0, "=": 0.5}[choice] for choice in choices if choice is not None]
    return sum(shares) / len(shares) if shares else None


def _rubric(name: str) -> Rubric:
    return read_rubric(yaml.safe_load(choice_file("rubric", name).read_text(encoding="utf-8")))

"""Contents of scores.json, scores.jsonl and run.json's `scoring`."""

from __future__ import annotations

from typing import Any, NotRequired, Protocol, TypedDict, runtime_checkable

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.05
"""Significance level of the tests; intervals are of 1 − LEVEL."""

Bounds = list[float]
"""The two ends of an interval."""


class PartScore(TypedDict):
    """Score of some of the texts, with a confidence interval.

    `ci95` is None for a single group; `n`: the texts with a value.
    """

    value: float | None
    ci95: Bounds | None
    n: int


class Score(PartScore):
    """A measure's entry in scores.json; `higher_is_better` is None for a description."""

    unit: str
    signature: str
    higher_is_better: bool | None


class Scores(TypedDict):
    """scores.json: the measures of `n` predictions, by name."""

    n: int
    metrics: dict[str, Score]


class TextScores(TypedDict):
    """A line of scores.jsonl: one prediction alone.

    `reference`: the hash of its reference. `stats`: the row of statistics that a measure sums.
    """

    id: str
    group: str
    reference: str
    scores: dict[str, float | None]
    stats: dict[str, list[float] | None]


@runtime_checkable
class ScoreColumns(Protocol):
    """Rows of scores.jsonl that are kept as arrays, by measure."""

    def column(self, name: str) -> NDArray[np.float64]:
        """Return a measure's scores, shape [n], NaN where there is none."""


class BaselineDifference(TypedDict):
    """A paired difference, `first` minus the measure `second`, which is its baseline."""

    first: str
    second: str
    value: float | None
    ci95: Bounds | None
    p: float | None
    n: int


class SkippedMetric(TypedDict):
    """A metric that is not measurable on the predictions, and why."""

    metric: str
    reason: str


ScoresByGroup = dict[str, dict[str, dict[str, PartScore]]]
"""{meta key: {its value: {measure: score}}}"""


class ScoringFacts(TypedDict):
    """`scoring` of run.json: how the scores were made, and what only the report shows."""

    resamples: int
    seed: int
    groups: int
    skipped: list[SkippedMetric]
    reductions: dict[str, str]
    baselines: list[str]
    of_the_whole: list[str]
    differences: list[BaselineDifference]
    by: ScoresByGroup


class DegenerationFacts(TypedDict):
    """`degeneration` of run.json: see algorithms/degenerate_texts.py."""

    n: int
    equal: float
    equal_references: float
    looping: float
    looping_references: float
    is_degenerate: bool


class TrainingFacts(TypedDict):
    """`train` of run.json, as far as other commands read it."""

    request: NotRequired[dict[str, Any]]


class ScoringRecord(TypedDict):
    """`scoring` of run.json that others read; former folders lack parts."""

    reductions: dict[str, str]
    baselines: list[str]
    skipped: NotRequired[list[SkippedMetric]]
    of_the_whole: NotRequired[list[str]]


class RunFile(TypedDict):
    """run.json: how a run was made; what the report alone shows is not named here."""

    scoring: ScoringRecord
    environment: NotRequired[dict[str, str]]
    degeneration: NotRequired[DegenerationFacts]
    train: NotRequired[TrainingFacts]

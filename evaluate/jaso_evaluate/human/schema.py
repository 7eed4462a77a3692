"""Contents of human.json."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from jaso_evaluate.rubric import RubricNode
from jaso_evaluate.schema import Bounds, PartScore


class Counts(TypedDict):
    """`n` of human.json: the size of the round."""

    raters: int
    items: int
    groups: int
    runs: int
    texts: int
    scored_rows: int
    duplicates: int
    missing_scores: int


class RunPair(TypedDict):
    """A test of two runs' mean totals; `difference` is first minus second.

    `groups_needed`: to tell this difference with power 0.8; None where there is none, or no spread.
    """

    first: str
    second: str
    difference: float | None
    ci95: Bounds | None
    p: float | None
    p_holm: float | None
    n: int
    groups_needed: int | None


class Verdict(TypedDict):
    """What the scores tell of the order of the runs.

    `fewest_groups`: the groups that any test takes.
    """

    pairs: int
    told_apart: int
    groups: int
    fewest_groups: int
    smallest_p: float | None
    sentence: str


class RunScores(TypedDict):
    """Final score of a run, and its mean of each criterion."""

    run: str
    final: PartScore
    criteria: dict[str, PartScore]


class QuestionScores(TypedDict):
    """Final score of each run for a question, over the `items` that ask it."""

    question: str
    items: int
    final: dict[str, float | None]
    best: list[str]
    worst: list[str]


class ItemAgreement(TypedDict):
    """Mean Spearman correlation between the orders in which two items put the runs."""

    spearman: float | None
    items: int


class Agreement(TypedDict):
    """Krippendorff's alpha at three levels; `exact`: share of equal scores."""

    nominal: float | None
    ordinal: float | None
    interval: float | None
    ordinal_ci95: Bounds | None
    exact: float | None


class Spread(TypedDict):
    """A rater's totals: texts, mean and standard deviation."""

    n: int
    mean: float | None
    sd: float | None


class Severity(TypedDict):
    """A rater's mean difference from the others; below 0: severe."""

    severity: float | None
    severity_ci95: Bounds | None


class Drift(TypedDict):
    """Change of a rater's severity over 10 rows of the sheet."""

    drift_per_10: float | None
    drift_p: float | None


class SelfAgreement(TypedDict):
    """A rater's consistency on texts seen twice."""

    repeated: int
    self_exact: float | None
    self_distance: float | None


class StraightLining(TypedDict):
    """Share of a rater's commonest set of scores, and its longest run."""

    commonest_share: float | None
    longest_run: int
    straight_lining: bool


class Rater(Spread, Severity, Drift, SelfAgreement, StraightLining):
    """A rater."""

    rater: str


class DividedText(TypedDict):
    """A text whose totals differ between raters."""

    id: str
    run: str
    sd: float | None
    totals: dict[str, float | None]
    question: str
    answer: str


class Comment(TypedDict):
    """What a rater wrote beside a score."""

    rater: str
    id: str
    run: str
    comment: str


class TextAgreement(TypedDict):
    """Kendall's tau-b of a metric with the raters' mean totals, text by text."""

    tau: float | None
    ci95: Bounds | None
    n: int


class SystemAgreement(TypedDict):
    """Kendall's tau-b of two orders of the runs.

    `p` is None where not all orders are counted.
    """

    tau: float | None
    n: int
    p: float | None


class JudgeAgreement(TypedDict):
    """Krippendorff's interval alpha of a judge with the raters' mean.

    On one criterion or the total.
    """

    alpha: float | None
    ci95: Bounds | None


class MetricAgreement(TextAgreement):
    """A metric against the raters.

    `judge`: of a judge's scores on a criterion of the sheet.
    """

    metric: str
    higher_is_better: bool | None
    systems: SystemAgreement | None
    judge: NotRequired[JudgeAgreement]


class Analysis(TypedDict):
    """human.json: what a rating round found."""

    n: Counts
    rubric: RubricNode
    round: str
    resamples: int
    seed: int
    resampled: str
    verdict: Verdict
    runs: list[RunScores]
    criteria: dict[str, float | None]
    questions: list[QuestionScores]
    between_items: ItemAgreement | None
    pairs: list[RunPair]
    agreement: dict[str, Agreement]
    raters: list[Rater]
    least_agreed: list[DividedText]
    metrics: list[MetricAgreement]
    systems: str
    comments: list[Comment]
    notes: list[str]

"""Intervals of human scores hold the truth as often as they say, items and raters being drawn anew."""

from __future__ import annotations

import numpy as np
import pytest

from jaso_evaluate.comparison.inputs import ScoredRun
from jaso_evaluate.human.analysis.intervals import mean_interval, resampled_means
from jaso_evaluate.human.analysis.metric_agreement import metric_table
from jaso_evaluate.human.key import Key
from jaso_evaluate.human.ratings import Ratings
from jaso_evaluate.rubric import Rubric


def ratings_of(totals: np.ndarray) -> Ratings:  # type: ignore[type-arg]
    """One run, one criterion, every item a group: totals [raters, items]."""
    raters, items = ([f"{what}{n}" for n in range(size)] for what, size in zip("ri", totals.shape, strict=True))
    key = Key("", Rubric("", "", ()), tuple(raters), {}, {i: {"question": i, "group": i} for i in items}, ())
    return Ratings(key, raters, items, ["run"], [], totals[:, :, None, None])


@pytest.mark.parametrize(("raters", "items", "severity"), [(5, 30, 0.3), (5, 60, 0.5), (3, 20, 0.0)])
def test_coverage_over_items_and_raters(raters: int, items: int, severity: float) -> None:
    random = np.random.default_rng(1)
    hits, rounds = 0, 400
    for seed in range(rounds):
        person, text = random.normal(size=(raters, 1)), random.normal(size=(1, items))
        made = ratings_of(3 + text + severity * person + 0.7 * random.normal(size=(raters, items)))
        bounds = mean_interval(made.scores[:, :, 0, 0], made, resampled_means(made, 300, seed)[:, 0, 0])
        assert bounds is not None
        hits += bounds[0] <= 3 <= bounds[1]
    assert 0.915 <= hits / rounds <= 0.985  # 0.95 within 3 standard errors of 400 rounds


def test_what_cannot_vary_has_no_interval() -> None:
    for totals, expected in ((np.ones((1, 1)), None), (np.ones((3, 4)), (1.0, 1.0)), (np.full((2, 2), np.nan), None)):
        made = ratings_of(totals)
        assert mean_interval(totals, made, resampled_means(made, 200, 0)[:, 0, 0]) == expected


def test_a_blank_counts_for_nothing() -> None:
    totals = np.array([[1.0, 3.0], [np.nan, 5.0]])
    made = ratings_of(totals)
    assert made.by_text[:, 0, 0].tolist() == [1.0, 4.0]
    draws = resampled_means(made, 500, 0)[:, 0, 0]
    assert set(np.round(draws[np.isfinite(draws)], 6)) <= {1.0, 2.0, 2.5, 3.0, 4.0, 5.0}


@pytest.mark.parametrize(
    ("scores", "alpha"),
    [
        ([1.0, 3.0, 5.0, 6.0], 1.0),  # what the raters gave on average
        # Units (1, 6), (3, 5), (5, 3), (6, 1): observed disagreement 2·(25 + 4 + 4 + 25) = 116 over 8 values; expected
        # 2·(8·Σv² − (Σv)²) = 2·(8·142 − 900) = 472. α = 1 − 7·116 / 472.
        ([6.0, 5.0, 3.0, 1.0], 1 - 7 * 116 / 472),
    ],
)
def test_a_judge_is_one_more_rater(scores: list[float], alpha: float) -> None:
    totals = np.array([[1.0, 2.0, 5.0, 6.0], [1.0, 4.0, 5.0, 6.0]])
    ratings = ratings_of(totals)
    lines = {name: {"scores": {"judge_total": score}} for name, score in zip(ratings.items, scores, strict=True)}
    run = ScoredRun("run", {"judge_total": {"higher_is_better": None}}, {}, lines)  # type: ignore[arg-type, dict-item]
    (row,) = metric_table(ratings, {"run": run}, 100, 1)
    assert row["judge"]["alpha"] == pytest.approx(alpha, abs=1e-6)
    assert row["tau"] == pytest.approx(1.0 if alpha == 1 else -1.0)

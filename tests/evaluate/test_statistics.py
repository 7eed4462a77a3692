"""Intervals and tests against scipy, by hand, and by simulation."""

from __future__ import annotations

import time

import numpy as np
import pytest

from jaso_evaluate.statistics import Bootstrap, difference, holm, interval


def means(values: np.ndarray) -> np.ndarray:
    return np.stack([values, np.ones_like(values)], axis=1)


def test_agrees_with_scipy() -> None:
    from scipy.stats import bootstrap

    values = np.random.default_rng(1).gamma(2, 3, size=80)
    sums = Bootstrap([str(i) for i in range(80)], 20_000, seed=2).sums(means(values))
    ours = interval(sums[:, 0] / sums[:, 1])
    theirs = bootstrap((values,), np.mean, n_resamples=20_000, method="percentile", rng=3).confidence_interval
    assert ours == pytest.approx((theirs.low, theirs.high), abs=0.05)


def test_whole_groups_are_drawn() -> None:
    """Two groups: a resample is one of them twice, or both."""
    stats = np.array([[1.0, 1], [3.0, 1], [10.0, 1]])
    sums = Bootstrap(["a", "a", "b"], 500, seed=1).sums(stats)
    assert {tuple(row) for row in sums.tolist()} == {(8.0, 4.0), (14.0, 3.0), (20.0, 2.0)}


def test_the_same_seed_draws_the_same_and_chunks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = [str(i % 7) for i in range(30)]
    stats = means(np.arange(30.0))
    once = Bootstrap(groups, 300, seed=4).sums(stats)
    monkeypatch.setattr("jaso_evaluate.statistics._WEIGHTS", 70)
    assert np.array_equal(Bootstrap(groups, 300, seed=4).sums(stats), once)
    assert not np.array_equal(Bootstrap(groups, 300, seed=5).sums(stats), once)


def test_intervals_of_clusters_cover() -> None:
    """Texts of one group are alike: 95 % intervals must cover by group, and would not text by text."""
    draw = np.random.default_rng(5)
    covered = {"group": 0, "text": 0}
    runs = 200
    for run in range(runs):
        values = (draw.normal(size=(60, 1)) + 0.3 * draw.normal(size=(60, 5))).ravel()
        for kind, groups in (("group", np.repeat(range(60), 5)), ("text", range(300))):
            sums = Bootstrap([str(g) for g in groups], 400, seed=run).sums(means(values))
            low, high = interval(sums[:, 0] / sums[:, 1]) or (0, 0)
            covered[kind] += low <= 0 <= high
    assert 0.90 * runs <= covered["group"] <= 0.985 * runs
    assert covered["text"] < 0.75 * runs


def test_p_values_by_hand() -> None:
    drawn = np.array([0.5, 1.0, 1.5, 2.0, -0.5, 1.0, 1.0, 1.0, 1.0])
    assert difference(1.0, drawn).p == pytest.approx(2 * (1 + 1) / (9 + 1))
    assert difference(0.0, np.zeros(9)).p == 1.0
    assert difference(3.0, np.full(999, 3.0)).p == pytest.approx(0.002)
    nothing = difference(1.0, np.full(5, np.nan))
    assert nothing.p is None
    assert nothing.ci95 is None


def test_paired_tests_keep_their_level() -> None:
    draw = np.random.default_rng(6)
    alarms = 0
    for run in range(300):
        gaps = draw.normal(size=50)
        sums = Bootstrap([str(i) for i in range(50)], 300, seed=run).sums(means(gaps))
        alarms += (difference(float(gaps.mean()), sums[:, 0] / sums[:, 1]).p or 0) < 0.05
    assert alarms <= 0.09 * 300


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


def test_many_resamples_of_many_texts_in_seconds() -> None:
    values = np.random.default_rng(7).normal(size=10_000)
    started = time.monotonic()
    Bootstrap([str(i) for i in range(10_000)], 2_000, seed=1).sums(np.tile(values[:, None], (1, 40)))
    assert time.monotonic() - started < 10

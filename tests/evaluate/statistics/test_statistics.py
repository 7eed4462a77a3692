"""Intervals, tests, effects and power: against scipy, by hand, and by small simulations.

The simulations are those of benchmarks/calibration.py with few trials; the bounds leave room for their chance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from itertools import product
from types import ModuleType

import numpy as np
import pytest
from scipy.stats import binomtest
from support import ROOT

from jaso_evaluate.statistics.bootstrap import Bootstrap
from jaso_evaluate.statistics.effect_size import cohens_d, effect_size_label, win_rate
from jaso_evaluate.statistics.intervals import Estimate, effective_df, mean_over_seeds
from jaso_evaluate.statistics.permutation import PairedPermutationTest
from jaso_evaluate.statistics.power import detectable_difference, groups_needed
from jaso_evaluate.statistics.proportions import is_share, share_interval
from jaso_evaluate.statistics.reductions import reduction
from jaso_evaluate.statistics.summary import difference, holm, interval

MEAN = reduction("ratio")


@pytest.fixture(scope="module")
def calibration() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "benchmarks")
        yield import_module("calibration")


def means(values: np.ndarray) -> np.ndarray:
    return np.stack([values, np.ones_like(values)], axis=1)


def estimated(values: np.ndarray, resamples: int = 2000) -> Estimate:
    bootstrap = Bootstrap([str(i) for i in range(len(values))], resamples, seed=1)
    stats = means(values)
    return Estimate(float(values.mean()), MEAN(bootstrap.sums(stats)), bootstrap.jackknife(stats, MEAN))


def swapped_p(
    first: np.ndarray, second: np.ndarray, resamples: int, seed: int = 1
) -> tuple[float | None, PairedPermutationTest]:
    swaps = PairedPermutationTest(len(first), resamples, seed)
    a, b = means(first), means(second)
    return swaps.p(MEAN, (a.sum(axis=0), swaps.sums(a)), (b.sum(axis=0), swaps.sums(b))), swaps


def test_plain_percentiles_agree_with_scipy() -> None:
    from scipy.stats import bootstrap

    values = np.random.default_rng(1).gamma(2, 3, size=80)
    sums = Bootstrap([str(i) for i in range(80)], 20_000, seed=2).sums(means(values))
    ours = interval(sums[:, 0] / sums[:, 1])
    theirs = bootstrap((values,), np.mean, n_resamples=20_000, method="percentile", rng=3).confidence_interval
    assert ours == pytest.approx((theirs.low, theirs.high), abs=0.05)


def test_the_interval_of_a_mean_is_nearly_students() -> None:
    """For normal data Student's t is the truth; the plain percentiles are some 8 % too narrow at 20 groups."""
    from scipy.stats import norm, t

    values = norm.ppf((np.arange(20) + 0.5) / 20)
    found = estimated(values, 20_000)
    low, high = found.ci95() or (0, 0)
    error = values.std(ddof=1) / np.sqrt(20)
    assert found.standard_error == pytest.approx(error)
    assert (low, high) == pytest.approx((-t.ppf(0.975, 19) * error, t.ppf(0.975, 19) * error), rel=0.05)
    plain = interval(found.draws) or (0, 0)
    assert high - low > 1.04 * (plain[1] - plain[0])


def test_intervals_stay_on_the_scale() -> None:
    rare = estimated(np.array([1.0] + [0.0] * 19))
    low, high = rare.ci95() or (-1, 2)
    assert low == 0
    assert 0.15 < high <= 1
    assert estimated(np.full(20, 7.0)).ci95() == (7, 7)


def test_outlying_groups_leave_fewer_degrees_of_freedom() -> None:
    assert effective_df(np.array([1.0, 2.0])) == 1
    assert effective_df(np.full(5, 3.0)) == 4
    even = effective_df(np.random.default_rng(2).normal(size=200))
    heavy = effective_df(np.random.default_rng(2).standard_t(3, size=200))
    assert heavy < 100 < even <= 199


def test_whole_groups_are_drawn() -> None:
    """Two groups: a resample is one of them twice, or both."""
    stats = np.array([[1.0, 1], [3.0, 1], [10.0, 1]])
    bootstrap = Bootstrap(["a", "a", "b"], 500, seed=1)
    assert {tuple(row) for row in bootstrap.sums(stats).tolist()} == {(8.0, 4.0), (14.0, 3.0), (20.0, 2.0)}
    assert bootstrap.jackknife(stats, MEAN).tolist() == [10.0, 2.0]


def test_the_same_seed_draws_the_same_and_chunks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = [str(i % 7) for i in range(30)]
    stats = means(np.arange(30.0))
    once = Bootstrap(groups, 300, seed=4).sums(stats)
    ways = PairedPermutationTest(30, 300, seed=4).sums(stats)
    monkeypatch.setattr("jaso_evaluate.statistics.bootstrap._CHUNK_WEIGHTS", 70)
    monkeypatch.setattr("jaso_evaluate.statistics.permutation._CHUNK_CELLS", 70)
    assert np.array_equal(Bootstrap(groups, 300, seed=4).sums(stats), once)
    assert np.array_equal(PairedPermutationTest(30, 300, seed=4).sums(stats), ways)
    assert not np.array_equal(Bootstrap(groups, 300, seed=5).sums(stats), once)


def test_p_of_the_bootstrap_by_hand() -> None:
    drawn = np.array([0.5, 1.0, 1.5, 2.0, -0.5, 1.0, 1.0, 1.0, 1.0])
    assert difference(1.0, drawn).p == pytest.approx(2 * (1 + 1) / (9 + 1))
    assert difference(0.0, np.zeros(9)).p == 1.0
    assert difference(3.0, np.full(999, 3.0)).p == pytest.approx(0.002)
    assert difference(3.0, np.full(999, 3.0), np.full(5, 3.0)).p == pytest.approx(2 / 2**5)  # both ways of 5 groups
    nothing = difference(1.0, np.full(5, np.nan))
    assert nothing.p is None
    assert nothing.ci95 is None


def test_p_and_interval_of_the_bootstrap_say_the_same() -> None:
    draw = np.random.default_rng(3)
    for shift in np.linspace(0, 1, 21):
        found = estimated(draw.normal(shift, 1, 15))
        low, high = found.ci95() or (0, 0)
        p = found.p_bootstrap() or 0
        assert (low > 0 or high < 0) == (p < 0.05) or abs(p - 0.05) < 0.005


def test_few_groups_are_swapped_in_every_way() -> None:
    """Against all 2^6 sign changes written out."""
    gaps = np.array([0.3, -0.1, 0.8, 0.5, 0.2, 0.4])
    observed = abs(gaps.mean())
    signs = np.array(list(product([-1, 1], repeat=6)))
    expected = (np.abs((signs * gaps).mean(axis=1)) >= observed - 1e-12).mean()
    p, swaps = swapped_p(gaps, np.zeros(6), 10_000)
    assert swaps.exact
    assert p == pytest.approx(expected)
    assert swaps.min_p == 2 / 2**6


def test_swaps_agree_with_scipy() -> None:
    from scipy.stats import permutation_test

    draw = np.random.default_rng(4)
    first, second = draw.gamma(2, 1, 40), draw.gamma(2, 1.25, 40)
    ours, _ = swapped_p(first, second, 20_000)
    theirs = permutation_test(
        (first, second),
        lambda a, b, axis: a.mean(axis=axis) - b.mean(axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=20_000,
        rng=5,
    ).pvalue
    assert ours == pytest.approx(theirs, abs=0.012)


def test_p_is_never_nothing() -> None:
    p, _ = swapped_p(np.full(50, 9.0), np.zeros(50), 999)
    assert p == pytest.approx(1 / 1000)
    same, _ = swapped_p(np.arange(50.0) / 3, np.arange(50.0) / 3, 999)
    assert same == 1
    assert swapped_p(np.array([1.0]), np.array([2.0]), 100)[0] == 1


def test_a_difference_without_value_has_no_p() -> None:
    swaps = PairedPermutationTest(3, 100, 1)
    nothing = np.zeros((3, 2))
    assert swaps.p(MEAN, (nothing.sum(axis=0), swaps.sums(nothing)), (nothing.sum(axis=0), swaps.sums(nothing))) is None


def test_seeds_bring_their_variance_with_few_degrees_of_freedom() -> None:
    """Texts without any spread: what is left is Welch's test of the seeds' scores."""
    from scipy.stats import ttest_ind

    first, second = [50.0, 52.0, 51.0], [55.0, 54.0, 58.0]
    sides = [mean_over_seeds([estimated(np.full(30, value), 100) for value in some]) for some in (first, second)]
    gap = sides[1] - sides[0]
    expected = ttest_ind(second, first, equal_var=False)
    assert gap.p_student() == pytest.approx(expected.pvalue)
    assert gap.p_bootstrap() == gap.p_student()
    bounds = expected.confidence_interval()
    assert gap.ci95() == pytest.approx((bounds.low, bounds.high))
    assert (mean_over_seeds([estimated(np.full(30, 5.0), 100)] * 2)).ci95() == (5, 5)


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


def test_effects_by_hand() -> None:
    gaps = np.array([1.0, 2.0, 3.0, 6.0])
    d = cohens_d(3.0, estimated(gaps).standard_error, 4)
    assert d == pytest.approx(3.0 / gaps.std(ddof=1))
    assert [effect_size_label(d) for d in (0.1, -0.3, 0.5, -2)] == ["negligible", "small", "medium", "large"]
    assert cohens_d(3.0, 0.0, 4) is None
    assert win_rate([1, 2, 3, None], [0, 2, 5, 1], higher_is_better=True) == 0.5
    assert win_rate([1, 2, 3, 4], [0, 2, 5, 9], higher_is_better=False) == pytest.approx(2.5 / 4)
    assert win_rate([None], [1.0], higher_is_better=True) is None


def test_detectable_and_needed_agree_with_each_other() -> None:
    """A table that detects 2.0 needs its own number of groups for 2.0, four times as many and some for half of it."""
    least = detectable_difference(0.5, 99, 0.8, 0.05)
    assert least is not None
    assert least == pytest.approx((1.984 + 0.845) * 0.5, rel=0.08)
    assert groups_needed(least, 0.5, 100, 99, 0.8, 0.05) == pytest.approx(100, abs=1)
    assert groups_needed(least / 2, 0.5, 100, 99, 0.8, 0.05) == pytest.approx(400, rel=0.02)
    assert (detectable_difference(0.5, 99, 0.9, 0.05) or 0) > least
    assert groups_needed(0.0, 0.5, 100, 99, 0.8, 0.05) is None
    assert groups_needed(1e-9, 0.5, 100, 99, 0.8, 0.05) is None
    assert detectable_difference(0.0, 99, 0.8, 0.05) is None


def test_intervals_cover(calibration: ModuleType) -> None:
    for kind, (_, ours) in calibration.coverage(25, 250, 300, np.random.default_rng(7)).items():
        assert 0.90 <= ours <= 0.99, kind


def test_intervals_of_clusters_cover_by_group_only() -> None:
    draw = np.random.default_rng(5)
    covered = {"group": 0, "text": 0}
    for run in range(200):
        values = (draw.normal(size=(60, 1)) + 0.3 * draw.normal(size=(60, 5))).ravel()
        for kind, groups in (("group", np.repeat(range(60), 5)), ("text", range(300))):
            bootstrap = Bootstrap([str(g) for g in groups], 300, seed=run)
            stats = means(values)
            low, high = interval(MEAN(bootstrap.sums(stats)), bootstrap.jackknife(stats, MEAN)) or (0, 0)
            covered[kind] += low <= 0 <= high
    assert 0.91 * 200 <= covered["group"] <= 0.985 * 200
    assert covered["text"] < 0.75 * 200


@pytest.mark.parametrize("kind", ["mean, skewed", "ratio of sums", "ties"])
def test_permutations_keep_their_level(calibration: ModuleType, kind: str) -> None:
    permutation, _ = calibration.false_alarms(kind, 20, 300, 300, np.random.default_rng(8))
    assert permutation <= 0.09


def test_families_keep_their_level_after_holm(calibration: ModuleType) -> None:
    plain, corrected = calibration.family_alarms(20, 150, 500, np.random.default_rng(9))
    assert plain > 0.2
    assert corrected <= 0.10


def test_a_planted_difference_of_the_size_stated_is_found(calibration: ModuleType) -> None:
    _, power, needed, planned = calibration.planted(40, 1, 200, 300, np.random.default_rng(10))
    assert power >= 0.9
    assert needed > 120
    assert planned >= 0.88


def test_luck_in_training_fools_tests_of_single_seeds(calibration: ModuleType) -> None:
    shares = calibration.seeds(3, 0.2, 200, 200, np.random.default_rng(11))
    assert shares["one seed"] > 0.3
    assert shares["texts only"] > 0.3
    assert shares["jaso"] <= 0.09


def of_texts(yes: Sequence[int], groups: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Rows (yes, 1) of texts, and the share in % without each group."""
    rows = np.array([(value, 1.0) for value in yes])
    kept = [rows[np.array(groups) != group].sum(axis=0) for group in sorted(set(groups))]
    return rows, np.array([100 * hits / texts for hits, texts in kept])


@pytest.mark.parametrize("hits", [0, 1, 7, 29, 30])
def test_a_share_of_single_texts_has_the_exact_binomial_interval(hits: int) -> None:
    rows, jackknife = of_texts([1] * hits + [0] * (30 - hits), range(30))
    exact = binomtest(hits, 30).proportion_ci(method="exact")
    found = share_interval(rows, jackknife)
    assert found is not None
    # The jackknife's variance is p(1 − p)/29, so that 30 texts count as 29 where there is a variance at all.
    assert found == pytest.approx((100 * exact.low, 100 * exact.high), abs=1.0 if 0 < hits < 30 else 1e-9)
    assert found[0] <= 100 * exact.low + 1e-9
    assert found[1] >= 100 * exact.high - 1e-9


def test_texts_that_are_alike_count_as_few() -> None:
    """30 texts of 6 groups, each group all yes or all no: no better than 2 of 6 texts.

    Without a yes they are 6 texts less what few groups leave open: 6 · (t₂₉/t₅)² = 6 · (2.0452/2.5706)² = 3.798, and
    1 − 0.025^(1/3.798) = 62.1 %.
    """
    rows, jackknife = of_texts([1] * 10 + [0] * 20, [i // 5 for i in range(30)])
    found = share_interval(rows, jackknife)
    exact = binomtest(2, 6).proportion_ci(method="exact")
    assert found is not None
    assert found[0] < 100 * exact.low
    assert found[1] > 100 * exact.high
    none, jackknife = of_texts([0] * 30, [i // 5 for i in range(30)])
    assert share_interval(none, jackknife) == pytest.approx((0, 62.1), abs=0.1)
    assert share_interval(*of_texts([0] * 5, [0] * 5)) is None


def test_shares_are_told_from_other_measures() -> None:
    yes_no = np.array([[1.0, 1.0], [0.0, 1.0], [0.0, 0.0]])  # the last text has no value
    assert is_share("% of texts", yes_no)
    assert not is_share("%", yes_no)
    assert not is_share("% of texts", np.array([[0.5, 1.0], [0.0, 1.0]]))
    assert not is_share("% of texts", np.zeros((3, 2)))

"""Agreement coefficients against published values, against other libraries, and at their edges."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kendalltau, rankdata

from jaso_evaluate.statistics.agreement import (
    alpha_interval,
    concordance,
    exact_agreement,
    krippendorff_alpha,
    ranks,
    tau_b,
)
from jaso_evaluate.statistics.summary import Bootstrap

NAN = np.nan
# Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", example C: four observers, twelve units.
PUBLISHED = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
        [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
    ]
)


@pytest.mark.parametrize(("level", "value"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_the_published_example(level: str, value: float) -> None:
    assert krippendorff_alpha(PUBLISHED, level) == pytest.approx(value, abs=5e-4)  # type: ignore[arg-type]


def test_two_raters_by_hand() -> None:
    """Units 00, 01, 11: o01 = 1 each way, n0 = n1 = 3, n = 6; alpha = 1 − 5 · 2 / 18 = 4/9 at every level."""
    data = np.array([[0.0, 0, 1], [0, 1, 1]])
    for level in ("nominal", "ordinal", "interval"):
        assert krippendorff_alpha(data, level) == pytest.approx(4 / 9)
    assert exact_agreement(data) == pytest.approx(2 / 3)


def test_the_ends_of_alpha() -> None:
    agreed = np.array([[0.0, 1, 2, 2], [0, 1, 2, 2], [0, 1, 2, NAN]])
    assert krippendorff_alpha(agreed, "ordinal") == pytest.approx(1)
    opposed = np.array([[0.0, 2], [2, 0]])
    value = krippendorff_alpha(opposed, "interval")
    assert value is not None
    assert value < 0
    random = np.random.default_rng(0).integers(0, 3, size=(5, 4000)).astype(float)
    assert krippendorff_alpha(random, "ordinal") == pytest.approx(0, abs=0.02)


@pytest.mark.parametrize(
    "data",
    [np.ones((3, 4)), np.full((3, 4), NAN), np.array([[1.0, NAN], [NAN, 2.0]]), np.zeros((0, 0)), np.ones((1, 5))],
    ids=["no variation", "nothing", "no pairs", "empty", "one rater"],
)
def test_where_alpha_is_not_defined(data: np.ndarray) -> None:  # type: ignore[type-arg]
    assert krippendorff_alpha(data, "ordinal") is None
    assert alpha_interval(data, "ordinal", Bootstrap([str(i) for i in range(data.shape[1])], 100)) is None


def test_the_interval_of_alpha_holds_it_and_narrows() -> None:
    random = np.random.default_rng(1)

    def data(units: int) -> np.ndarray:  # type: ignore[type-arg]
        true = random.integers(0, 3, units)
        return np.clip(true + random.integers(-1, 2, size=(5, units)) * (random.random((5, units)) < 0.4), 0, 2) * 1.0

    widths = []
    for units in (30, 300):
        made = data(units)
        bounds = alpha_interval(made, "ordinal", Bootstrap([str(i) for i in range(units)], 500))
        value = krippendorff_alpha(made, "ordinal")
        assert bounds is not None
        assert value is not None
        assert bounds[0] < value < bounds[1]
        widths.append(bounds[1] - bounds[0])
    assert widths[1] < widths[0] / 2


@pytest.mark.parametrize("seed", range(5))
def test_tau_b_is_scipys(seed: int) -> None:
    random = np.random.default_rng(seed)
    x, y = random.integers(0, 5, 60).astype(float), random.integers(0, 7, 60).astype(float)
    assert tau_b(x, y) == pytest.approx(kendalltau(x, y).statistic, abs=1e-12)
    assert ranks(x) == pytest.approx(rankdata(x))


def test_tau_b_of_a_resample_is_that_of_its_copies() -> None:
    random = np.random.default_rng(3)
    x, y, codes = random.normal(size=12), random.integers(0, 4, 12) * 1.0, np.repeat(np.arange(4), 3)
    drawn = np.array([2.0, 0, 1, 1])
    copies = [i for group in (0, 0, 2, 3) for i in np.flatnonzero(codes == group)]
    found = concordance(x, y, codes).tau(drawn)
    assert float(found) == pytest.approx(kendalltau(x[copies], y[copies]).statistic)


def test_tau_b_without_order() -> None:
    assert tau_b(np.array([]), np.array([])) is None
    assert tau_b(np.array([1.0]), np.array([1.0])) is None
    assert tau_b(np.ones(5), np.arange(5.0)) is None

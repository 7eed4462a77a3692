"""Made-up statistics by group of texts whose true score is known: shape [groups, columns], as `jaso evaluate` keeps."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from jaso_evaluate.statistics.reductions import reduction

Floats = NDArray[np.float64]
Random = np.random.Generator
Stats = Callable[[Random, int], Floats]


def normal(random: Random, groups: int) -> Floats:
    """The mean of normal scores."""
    return np.stack([random.normal(50, 10, groups), np.ones(groups)], axis=1)


def skewed(random: Random, groups: int) -> Floats:
    """The mean of scores of which most are low: skewness 1.2, as of ROUGE-2 on free answers."""
    return np.stack([random.beta(0.8, 4, groups), np.ones(groups)], axis=1)


def ratio(random: Random, groups: int) -> Floats:
    """A ratio of sums, such as bits a character: lengths vary by a factor of 4 between the 10th and 90th percentile."""
    lengths = random.lognormal(5.5, 0.55, groups)
    return np.stack([lengths * random.gamma(6, 0.3, groups), lengths], axis=1)


def clustered(random: Random, groups: int) -> Floats:
    """The mean over texts, one to five in a group, alike within it."""
    sizes = random.integers(1, 6, groups)
    sums = sizes * random.gamma(3, 0.5, groups) + np.sqrt(sizes) * random.normal(0, 0.3, groups)
    return np.stack([sums, sizes], axis=1)


def bleu(random: Random, groups: int) -> Floats:
    """Matches of 1- to 4-grams in texts of some 100 tokens."""
    lengths = np.round(random.lognormal(4.6, 0.4, groups)) + 5
    expected = np.round(lengths * random.lognormal(0.05, 0.15, groups)) + 4
    quality = random.beta(4, 5, groups)
    totals = [lengths - order for order in range(4)]
    matches = [random.binomial(n.astype(int), quality ** (1 + 0.8 * order)) for order, n in enumerate(totals)]
    return np.stack([lengths, expected, *matches, *totals], axis=1)


def chrf(random: Random, groups: int) -> Floats:
    """Matches of character 1- to 6-grams."""
    lengths = np.round(random.lognormal(5.5, 0.4, groups)) + 10
    expected = np.round(lengths * random.lognormal(0.05, 0.2, groups)) + 10
    quality = random.beta(4, 5, groups)
    columns: list[Floats] = []
    for order in range(6):
        mine, theirs = lengths - order, expected - order
        match = random.binomial(np.minimum(mine, theirs).astype(int), quality ** (1 + 0.5 * order))
        columns += [mine, theirs, match.astype(float)]
    return np.stack(columns, axis=1)


KINDS: dict[str, tuple[Stats, str]] = {
    "mean, normal": (normal, "ratio"),
    "mean, skewed": (skewed, "ratio"),
    "ratio of sums": (ratio, "ratio"),
    "mean, clustered": (clustered, "ratio"),
    "BLEU": (bleu, "bleu"),
    "chrF": (chrf, "chrf:2"),
}


@cache
def truths() -> dict[str, float]:
    """By kind: the score of so many groups that nothing is left to chance."""
    random = np.random.default_rng(0)
    return {name: float(reduction(spec)(make(random, 500_000).sum(axis=0))) for name, (make, spec) in KINDS.items()}


def two_runs(kind: str, random: Random, groups: int) -> tuple[Floats, Floats, str]:
    """Two runs of equal worth on the same texts. "ties": four scores only, so most groups have no difference."""
    if kind == "ties":
        first, second = (np.round(random.beta(0.8, 4, groups) * 3) for _ in range(2))
        return np.stack([first, np.ones(groups)], 1), np.stack([second, np.ones(groups)], 1), "ratio"
    make, spec = KINDS[kind]
    first, second = make(random, groups), make(random, groups)
    if kind == "ratio of sums":  # bits of the same references: equal denominators
        second[:, 0] *= first[:, 1] / second[:, 1]
        second[:, 1] = first[:, 1]
    return first, second, spec


def gaps(random: Random, groups: int) -> Floats:
    """Differences between two runs by group: of SD 10, with more outliers than normal ones have."""
    return random.gamma(2, 5, groups) - random.gamma(2, 5, groups)

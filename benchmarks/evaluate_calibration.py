"""Are the intervals and tests of `jaso compare` what they are called? A simulation with known truths.

    python benchmarks/evaluate_calibration.py [--trials 1000] [--resamples 500] [--seed 1]

Four tables as Markdown: how often 95 % intervals hold the true score; how often tests find a difference that is not
there; how often they find one of the size that `jaso compare` states as detectable; and what several seeds change. Each
trial makes a new set of texts. The share of 1,000 trials is known to about ± 1.4 points at 95 %, ± 1.4 at 5 %.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from jaso_core.say import result
from jaso_evaluate.bootstrap import Bootstrap
from jaso_evaluate.estimate import LEVEL, Estimate, mean_over_seeds
from jaso_evaluate.permutation import Swaps
from jaso_evaluate.power import detectable, groups_needed
from jaso_evaluate.reductions import reduction
from jaso_evaluate.statistics import holm

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


def bootstrap_of(groups: int, resamples: int, seed: int) -> Bootstrap:
    """Every row a group of its own: the rows here are groups' sums already."""
    return Bootstrap([str(i) for i in range(groups)], resamples, seed)


def estimate(stats: Floats, spec: str, bootstrap: Bootstrap, drawn: Floats | None = None) -> Estimate:
    """What `jaso compare` makes of a run's statistics."""
    reduce = reduction(spec)
    sums = bootstrap.sums(stats) if drawn is None else drawn
    return Estimate(float(reduce(stats.sum(axis=0))), reduce(sums), bootstrap.left_out(stats, reduce))


@cache
def truths() -> dict[str, float]:
    """By kind: the score of so many groups that nothing is left to chance."""
    random = np.random.default_rng(0)
    return {name: float(reduction(spec)(make(random, 500_000).sum(axis=0))) for name, (make, spec) in KINDS.items()}


def coverage(groups: int, trials: int, resamples: int, random: Random) -> dict[str, tuple[float, float]]:
    """By kind: shares of trials in which the plain percentile interval and ours hold the true score."""
    held = {name: np.zeros(2) for name in KINDS}
    for trial in range(trials):
        made = {name: make(random, groups) for name, (make, _) in KINDS.items()}
        bootstrap = bootstrap_of(groups, resamples, trial)
        ends = np.cumsum([part.shape[1] for part in made.values()])[:-1]
        drawn = np.split(bootstrap.sums(np.concatenate(list(made.values()), axis=1)), ends, axis=1)
        for (name, stats), sums in zip(made.items(), drawn, strict=True):
            found = estimate(stats, KINDS[name][1], bootstrap, sums)
            plain = np.quantile(found.draws, [LEVEL / 2, 1 - LEVEL / 2])
            ours = found.ci95() or (np.nan, np.nan)
            truth = truths()[name]
            held[name] += [plain[0] <= truth <= plain[1], ours[0] <= truth <= ours[1]]
    return {name: (float(both[0]) / trials, float(both[1]) / trials) for name, both in held.items()}


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


def permuted(first: Floats, second: Floats, spec: str, resamples: int, seed: int) -> float:
    """p of the permutation test."""
    swaps = Swaps(len(first), resamples, seed)
    sides = [(one.sum(axis=0), swaps.sums(one)) for one in (first, second)]
    return swaps.p(reduction(spec), sides[0], sides[1]) or 1.0


def permuted_means(values: Floats, resamples: int, seed: int) -> list[float]:
    """p of each column of differences by group [groups, tests]: may its mean be 0?"""
    swaps = Swaps(len(values), resamples, seed)
    ones, zero = np.ones((len(values), 1)), np.zeros((len(values), 1))
    drawn = swaps.sums(np.hstack([values, zero, ones]))
    none = np.array([0.0, len(values)]), drawn[:, -2:]
    return [
        swaps.p(reduction("ratio"), (np.array([column.sum(), len(column)]), drawn[:, [place, -1]]), none) or 1.0
        for place, column in enumerate(values.T)
    ]


def false_alarms(kind: str, groups: int, trials: int, resamples: int, random: Random) -> tuple[float, float]:
    """Shares of trials in which the permutation test and the bootstrap's find what is not there."""
    alarms = np.zeros(2)
    for trial in range(trials):
        first, second, spec = two_runs(kind, random, groups)
        bootstrap = bootstrap_of(groups, resamples, trial)
        gap = estimate(second, spec, bootstrap) - estimate(first, spec, bootstrap)
        alarms += [permuted(first, second, spec, resamples, trial) < LEVEL, (gap.p_bootstrap() or 1.0) < LEVEL]
    return float(alarms[0]) / trials, float(alarms[1]) / trials


def family_alarms(groups: int, trials: int, resamples: int, random: Random, tests: int = 10) -> tuple[float, float]:
    """Shares of trials with any false alarm among `tests` correlated measures: without and with Holm's correction."""
    alarms = np.zeros(2)
    for trial in range(trials):
        values = 0.7 * random.normal(size=(groups, 1)) + random.gamma(2, 0.5, (groups, tests)) - 1
        p = permuted_means(values * random.choice([-1, 1], (groups, tests)), resamples, trial)
        alarms += [min(p) < LEVEL, min(holm(p)) < LEVEL]
    return float(alarms[0]) / trials, float(alarms[1]) / trials


def gaps(random: Random, groups: int) -> Floats:
    """Differences between two runs by group: of SD 10, with more outliers than normal ones have."""
    return random.gamma(2, 5, groups) - random.gamma(2, 5, groups)


def planned(random: Random, groups: int, tests: int, effect: float) -> tuple[float, int]:
    """What one pilot of `groups` groups states: the difference that it detects with power 0.9, and the groups that
    `effect` needs for it."""
    stats = np.stack([gaps(random, groups), np.ones(groups)], axis=1)
    left_out = bootstrap_of(groups, 100, 1).left_out(stats, reduction("ratio"))
    pilot = Estimate(effect, np.zeros(0), left_out)
    error, freedom, level = pilot.standard_error, pilot.freedom, LEVEL / tests
    needed = groups_needed(effect, error, groups, freedom, 0.9, level)
    return detectable(error, freedom, 0.9, level) or 0.0, needed or 0


def found(effect: float, groups: int, tests: int, trials: int, resamples: int, random: Random) -> float:
    """Share of trials in which a planted difference is found after Holm, among `tests` of which the others are nil."""
    hits = 0
    for trial in range(trials):
        values = np.stack([gaps(random, groups) for _ in range(tests)], axis=1)
        values[:, 0] += effect
        hits += holm(permuted_means(values, max(resamples, 100 * tests), trial))[0] < LEVEL
    return hits / trials


def planted(groups: int, tests: int, trials: int, resamples: int, random: Random) -> tuple[float, float, int, float]:
    """The difference stated as detectable with power 0.9 and how often it is found; for half of it, the number of
    groups that are said to be needed and how often it is found with these. Statements: the median of 200 pilots."""
    effect = float(np.median([planned(random, groups, tests, 0.0)[0] for _ in range(200)]))
    needed = int(np.median([planned(random, groups, tests, effect / 2)[1] for _ in range(200)]))
    first = found(effect, groups, tests, trials, resamples, random)
    return effect, first, needed, found(effect / 2, needed, tests, trials, resamples, random)


def seeds(
    count: int, sd: float, trials: int, resamples: int, random: Random, groups: int = 100, gap: float = 0.0
) -> dict[str, float]:
    """Shares of trials in which two systems of `count` seeds each, whose true scores differ by `gap`, are told apart.

    Texts have an SD of 1 between them and of 0.5 for each seed; `sd` is that of a seed's luck in training.
    """
    told = dict.fromkeys(("one seed", "texts only", "pigeonhole", "jaso"), 0)
    for trial in range(trials):
        texts = random.normal(size=groups)
        runs = [
            [texts + side * gap + sd * random.normal() + 0.5 * random.normal(size=groups) for _ in range(count)]
            for side in (0, 1)
        ]
        bootstrap = bootstrap_of(groups, resamples, trial)
        stats = [[np.stack([run, np.ones(groups)], axis=1) for run in some] for some in runs]
        drawn = bootstrap.sums(np.concatenate([one for some in stats for one in some], axis=1))
        parts = iter(np.split(drawn, 2 * count, axis=1))
        each = [[estimate(one, "ratio", bootstrap, next(parts)) for one in some] for some in stats]
        difference = mean_over_seeds(each[1]) - mean_over_seeds(each[0])
        plain = Estimate(difference.value, difference.draws, difference.left_out)
        crossed = np.quantile(_pigeonhole(each[1], random) - _pigeonhole(each[0], random), [0.025, 0.975])
        told["one seed"] += permuted(stats[0][0], stats[1][0], "ratio", resamples, trial) < LEVEL
        told["texts only"] += (plain.p_bootstrap() or 1.0) < LEVEL
        told["pigeonhole"] += bool(crossed[0] > 0 or crossed[1] < 0)
        told["jaso"] += (difference.p_student() or 1.0) < LEVEL if count > 1 else 0
    return {name: times / trials for name, times in told.items()}


def _pigeonhole(each: list[Estimate], random: Random) -> Floats:
    """Owen (2007): seeds and groups drawn anew, both at once; shape [resamples]."""
    draws = np.stack([one.draws for one in each], axis=1)
    drawn = random.integers(len(each), size=draws.shape)
    return np.asarray(np.take_along_axis(draws, drawn, axis=1).mean(axis=1))


def percent(share: float) -> str:
    """ "95.1 %"."""
    return f"{100 * share:.1f} %"


def both(shares: tuple[float, float]) -> str:
    """ "4.9 % / 5.2 %"."""
    return f"{percent(shares[0])} / {percent(shares[1])}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--resamples", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    random, trials, resamples = np.random.default_rng(given.seed), given.trials, given.resamples
    result(f"{trials:,} trials of {resamples:,} resamples, seed {given.seed}\n")
    sizes = (10, 20, 50, 200, 1000)
    result(f"| 95 % intervals hold the truth (plain percentile → jaso) | {' | '.join(f'{n} groups' for n in sizes)} |")
    result(f"| --- | {' | '.join('---:' for _ in sizes)} |")
    table = [coverage(n, trials, resamples, random) for n in sizes]
    for kind in KINDS:
        result(f"| {kind} | {' | '.join(f'{percent(one[kind][0])} → {percent(one[kind][1])}' for one in table)} |")
    sizes = (6, 20, 50, 200)
    result(f"\n| false alarms (permutation / bootstrap) | {' | '.join(f'{n} groups' for n in sizes)} |")
    result(f"| --- | {' | '.join('---:' for _ in sizes)} |")
    for kind in (*KINDS, "ties"):
        cells = [false_alarms(kind, n, trials, resamples, random) for n in sizes]
        result(f"| {kind} | {' | '.join(map(both, cells))} |")
    cells = [family_alarms(n, trials, resamples, random) for n in sizes]
    result(f"| any of 10, permutation (as it is / after Holm) | {' | '.join(map(both, cells))} |")
    result("\n| planted difference | stated for power 0.9 | found | half of it: groups stated | found |")
    result("| --- | ---: | ---: | ---: | ---: |")
    for groups, tests in ((20, 1), (50, 1), (200, 1), (50, 10), (200, 10)):
        effect, first, needed, second = planted(groups, tests, trials, resamples, random)
        what = f"{groups} groups, {'1 test' if tests == 1 else f'{tests} tests, Holm'}"
        result(f"| {what} | {effect:.2f} | {percent(first)} | {needed} | {percent(second)} |")
    result("\n| two systems told apart | one seed each | texts only | pigeonhole | jaso |")
    result("| --- | ---: | ---: | ---: | ---: |")
    cases = [(2, 0.2, 0.0), (3, 0.2, 0.0), (5, 0.2, 0.0), (10, 0.2, 0.0), (3, 0.0, 0.0)]
    cases += [(3, 0.2, sds * 0.2) for sds in (1, 2, 3, 4, 5)] + [(10, 0.2, 0.2), (10, 0.2, 0.4)]
    for count, sd, gap in cases:
        shares = seeds(count, sd, trials, resamples, random, gap=gap)
        what = "equal" if gap == 0 else f"{gap / sd:.0f} SDs between seeds apart"
        what += "" if sd else ", no luck in training"
        result(f"| {count} seeds each, {what} | {' | '.join(percent(share) for share in shares.values())} |")


if __name__ == "__main__":
    main()

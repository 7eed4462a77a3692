"""How often intervals and tests of `jaso compare` are right where the truth is known.

Each simulation makes a new set of texts in each trial and returns shares of the trials.
"""

from __future__ import annotations

import numpy as np
from calibration_scores import KINDS, Floats, Random, gaps, truths, two_runs

from jaso_evaluate.statistics.bootstrap import Bootstrap
from jaso_evaluate.statistics.intervals import LEVEL, Estimate, mean_over_seeds
from jaso_evaluate.statistics.permutation import PairedPermutationTest
from jaso_evaluate.statistics.power import detectable_difference, groups_needed
from jaso_evaluate.statistics.reductions import reduction
from jaso_evaluate.statistics.summary import holm


def bootstrap_of(groups: int, resamples: int, seed: int) -> Bootstrap:
    """Every row a group of its own: the rows here are groups' sums already."""
    return Bootstrap([str(i) for i in range(groups)], resamples, seed)


def estimate(stats: Floats, spec: str, bootstrap: Bootstrap, drawn: Floats | None = None) -> Estimate:
    """What `jaso compare` makes of a run's statistics."""
    reduce = reduction(spec)
    sums = bootstrap.sums(stats) if drawn is None else drawn
    return Estimate(float(reduce(stats.sum(axis=0))), reduce(sums), bootstrap.jackknife(stats, reduce))


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


def permuted(first: Floats, second: Floats, spec: str, resamples: int, seed: int) -> float:
    """p of the permutation test."""
    swaps = PairedPermutationTest(len(first), resamples, seed)
    sides = [(one.sum(axis=0), swaps.sums(one)) for one in (first, second)]
    return swaps.p(reduction(spec), sides[0], sides[1]) or 1.0


def permuted_means(values: Floats, resamples: int, seed: int) -> list[float]:
    """p of each column of differences by group [groups, tests]: may its mean be 0?"""
    swaps = PairedPermutationTest(len(values), resamples, seed)
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


def planned(random: Random, groups: int, tests: int, effect: float) -> tuple[float, int]:
    """What one pilot of `groups` groups states: the difference that it detects with power 0.9, and the groups that
    `effect` needs for it."""
    stats = np.stack([gaps(random, groups), np.ones(groups)], axis=1)
    jackknife = bootstrap_of(groups, 100, 1).jackknife(stats, reduction("ratio"))
    pilot = Estimate(effect, np.zeros(0), jackknife)
    error, df, level = pilot.standard_error, pilot.df, LEVEL / tests
    needed = groups_needed(effect, error, groups, df, 0.9, level)
    return detectable_difference(error, df, 0.9, level) or 0.0, needed or 0


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
        plain = Estimate(difference.value, difference.draws, difference.jackknife)
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

"""Estimates of every measure of every system, with their draws for the tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jaso_evaluate.comparison.inputs import ScoredRun
from jaso_evaluate.comparison.systems import System
from jaso_evaluate.schema import Score
from jaso_evaluate.statistics.bootstrap import Bootstrap
from jaso_evaluate.statistics.intervals import Estimate, Interval, mean_over_seeds
from jaso_evaluate.statistics.permutation import PairedPermutationTest
from jaso_evaluate.statistics.proportions import is_share, share_interval
from jaso_evaluate.statistics.reductions import Reduction, reduction, score_bounds

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SystemEstimate:
    """One system by one measure.

    `ci95`: of its value. `swapped_sums`: sums and sums of swapped groups, for a system of one run.
    """

    estimate: Estimate
    by_seed: tuple[float, ...]
    swapped_sums: tuple[Floats, Floats]
    is_baseline: bool
    ci95: Interval | None


@dataclass(frozen=True)
class MeasureEstimates:
    """All systems by one measure, on the texts in `example_ids`."""

    name: str
    entry: Score
    example_ids: Sequence[str]
    reduce: Reduction
    by_system: Sequence[SystemEstimate]
    of_the_whole: bool

    @property
    def has_interval(self) -> bool:
        """Whether two groups or more have a value, so that there is an interval at all."""
        return all(side.estimate.groups > 1 for side in self.by_system)

    @property
    def is_testable(self) -> bool:
        """Whether two systems can be tested: a corpus-level measure has no rows to swap."""
        return self.entry["higher_is_better"] is not None and not self.of_the_whole


def measure(
    systems: Sequence[System],
    ids: Sequence[str],
    texts_by_measure: Mapping[str, Sequence[str]],
    bootstrap: Bootstrap,
    permutation_test: PairedPermutationTest,
) -> list[MeasureEstimates]:
    """Estimate all measures of all runs at once: one set of draws and of permutations.

    Memory: resamples × (runs × statistics of all measures, some 120 per run) × 16 bytes.
    """
    runs = [run for system in systems for run in system.runs]
    stats = {
        (id(run), name): _stats(run, name, ids, ids_with_value)
        for name, ids_with_value in texts_by_measure.items()
        for run in runs
    }
    if not stats:
        return []
    # All statistics side by side [n, columns], resampled once, then split again by (run, measure).
    joined = np.concatenate(list(stats.values()), axis=1)
    ends = np.cumsum([part.shape[1] for part in stats.values()])[:-1]
    draws = dict(zip(stats, np.split(bootstrap.sums(joined), ends, axis=1), strict=True))
    swapped_sums = dict(
        zip(stats, np.split(permutation_test.sums(bootstrap.by_group(joined)), ends, axis=1), strict=True)
    )
    estimates_by_measure = []
    for name, ids_with_value in texts_by_measure.items():
        reduce = reduction(runs[0].reductions[name])
        system_estimates = []
        for system in systems:
            keys = [(id(run), name) for run in system.runs]
            estimates = [_estimate(stats[key], draws[key], reduce, bootstrap) for key in keys]
            # One Estimate per seed → one per system, whose variance holds that between seeds.
            estimate = mean_over_seeds(estimates)
            system_estimates.append(
                SystemEstimate(
                    estimate,
                    tuple(e.value for e in estimates),
                    (stats[keys[0]].sum(axis=0), swapped_sums[keys[0]]),
                    any(name in run.baselines for run in system.runs),
                    _interval(estimate, [stats[key] for key in keys], runs[0], name),
                )
            )
        estimates_by_measure.append(
            MeasureEstimates(
                name,
                runs[0].metrics[name],
                ids_with_value,
                reduce,
                system_estimates,
                any(name in run.of_the_whole for run in runs),
            )
        )
    return estimates_by_measure


def _interval(estimate: Estimate, stats: Sequence[Floats], run: ScoredRun, name: str) -> Interval | None:
    """Return the 95 % interval as in scores.json; `stats` by seed.

    With several seeds a share has the interval of a mean, unless all are 0 or 100 %; it is clipped to the ends of the
    scale.
    """
    if is_share(run.metrics[name]["unit"], stats[0]) and (not estimate.seed_variances or estimate.standard_error == 0):
        return share_interval(stats[0], estimate.jackknife)
    interval = estimate.ci95()
    if interval is None or not estimate.seed_variances:
        return interval
    low, high = score_bounds(run.reductions[name], np.concatenate(stats))
    return max(low, interval[0]), min(high, interval[1])


def _stats(run: ScoredRun, name: str, ids: Sequence[str], example_ids: Sequence[str]) -> Floats:
    """Return statistics [n, k] of all examples, zeros for those that do not count."""
    counted = set(example_ids)
    width = len(run.lines[example_ids[0]]["stats"][name] or ())
    return np.array([run.lines[i]["stats"][name] if i in counted else [0.0] * width for i in ids], dtype=float)


def _estimate(stats: Floats, draws: Floats, reduce: Reduction, bootstrap: Bootstrap) -> Estimate:
    return Estimate(float(reduce(stats.sum(axis=0))), reduce(draws), bootstrap.jackknife(stats, reduce))

"""Every system by every measure, with the draws that intervals and tests are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaso_evaluate.comparison.inputs import ScoredRun
from jaso_evaluate.comparison.systems import System
from jaso_evaluate.statistics.bootstrap import Bootstrap
from jaso_evaluate.statistics.intervals import Estimate, Interval, mean_over_seeds
from jaso_evaluate.statistics.permutation import PairedPermutationTest
from jaso_evaluate.statistics.proportions import is_share, share_interval
from jaso_evaluate.statistics.reductions import Reduction, reduction, score_bounds

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Side:
    """A system by one measure. `ci95`: of its value. `swapped`: sums and sums of swapped groups, for a system of one
    run."""

    estimate: Estimate
    by_seed: tuple[float, ...]
    swapped: tuple[Floats, Floats]
    baseline: bool
    ci95: Interval | None


@dataclass(frozen=True)
class Measured:
    """All systems by one measure, on the texts in `kept`."""

    name: str
    entry: Mapping[str, Any]
    kept: Sequence[str]
    reduce: Reduction
    sides: Sequence[Side]
    of_the_whole: bool

    @property
    def resampled(self) -> bool:
        """Whether two groups or more have a value, so that there is an interval at all."""
        return all(side.estimate.groups > 1 for side in self.sides)

    @property
    def judged(self) -> bool:
        """Whether two systems can be tested: the rows of what is of all texts together cannot be swapped."""
        return self.entry["higher_is_better"] is not None and not self.of_the_whole


def measure(
    systems: Sequence[System],
    ids: Sequence[str],
    kept: Mapping[str, Sequence[str]],
    bootstrap: Bootstrap,
    swaps: PairedPermutationTest,
) -> list[Measured]:
    """All measures of all runs at once: draws and swaps are made a single time.

    Memory: resamples × (runs × statistics of all measures, some 120 a run) × 16 bytes.
    """
    runs = [run for system in systems for run in system.runs]
    stats = {(id(run), name): _stats(run, name, ids, some) for name, some in kept.items() for run in runs}
    if not stats:
        return []
    together = np.concatenate(list(stats.values()), axis=1)
    ends = np.cumsum([part.shape[1] for part in stats.values()])[:-1]
    drawn = dict(zip(stats, np.split(bootstrap.sums(together), ends, axis=1), strict=True))
    swapped = dict(zip(stats, np.split(swaps.sums(bootstrap.by_group(together)), ends, axis=1), strict=True))
    found = []
    for name, some in kept.items():
        reduce = reduction(runs[0].reductions[name])
        sides = []
        for system in systems:
            keys = [(id(run), name) for run in system.runs]
            estimates = [_estimate(stats[key], drawn[key], reduce, bootstrap) for key in keys]
            estimate = mean_over_seeds(estimates)
            sides.append(
                Side(
                    estimate,
                    tuple(e.value for e in estimates),
                    (stats[keys[0]].sum(axis=0), swapped[keys[0]]),
                    any(name in run.baselines for run in system.runs),
                    _interval(estimate, [stats[key] for key in keys], runs[0], name),
                )
            )
        found.append(
            Measured(name, runs[0].metrics[name], some, reduce, sides, any(name in run.of_the_whole for run in runs))
        )
    return found


def _interval(estimate: Estimate, stats: Sequence[Floats], run: ScoredRun, name: str) -> Interval | None:
    """As in scores.json. Of several seeds a share has the interval of a mean, unless all are 0 or 100 %; it ends where
    the scale does. `stats` by seed."""
    if is_share(run.metrics[name]["unit"], stats[0]) and (not estimate.seed_variances or estimate.standard_error == 0):
        return share_interval(stats[0], estimate.jackknife)
    found = estimate.ci95()
    if found is None or not estimate.seed_variances:
        return found
    low, high = score_bounds(run.reductions[name], np.concatenate(stats))
    return max(low, found[0]), min(high, found[1])


def _stats(run: ScoredRun, name: str, ids: Sequence[str], kept: Sequence[str]) -> Floats:
    """Statistics [n, k] of all examples, zeros for those that do not count."""
    some = set(kept)
    width = len(run.lines[kept[0]]["stats"][name])
    return np.array([run.lines[i]["stats"][name] if i in some else [0.0] * width for i in ids], dtype=float)


def _estimate(stats: Floats, drawn: Floats, reduce: Reduction, bootstrap: Bootstrap) -> Estimate:
    return Estimate(float(reduce(stats.sum(axis=0))), reduce(drawn), bootstrap.jackknife(stats, reduce))

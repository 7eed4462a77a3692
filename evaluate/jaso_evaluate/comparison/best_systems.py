"""Bootstrap confidence set of the best system: how often each ranks first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from jaso_evaluate.comparison.estimates import measure
from jaso_evaluate.comparison.inputs import common_ids, comparable_texts
from jaso_evaluate.comparison.schema import BestSystems
from jaso_evaluate.comparison.systems import read_systems
from jaso_evaluate.statistics.bootstrap import Bootstrap
from jaso_evaluate.statistics.permutation import PairedPermutationTest

_RESAMPLES = 10_000
_CONFIDENCE = 0.95


def best_systems(folders: Mapping[str, Sequence[str | Path]], name: str) -> BestSystems | None:
    """Return shares of being best by a measure, and the 95 % confidence set.

    `folders`: scored folders by system, one per seed. Paired: all systems see the same draws; several seeds are
    averaged. None where a run lacks the measure, or the measure has no direction.
    """
    systems = read_systems(folders)
    runs = [run for system in systems for run in system.runs]
    if any(name not in run.metrics for run in runs):
        return None
    ids = common_ids(runs)
    compared_ids, _ = comparable_texts(name, runs, ids)
    if not compared_ids:
        return None
    bootstrap = Bootstrap([str(runs[0].lines[i]["group"]) for i in ids], _RESAMPLES, seed=0)
    (measured,) = measure(
        systems, ids, {name: compared_ids}, bootstrap, PairedPermutationTest(bootstrap.groups, 1, seed=0)
    )
    draws = np.stack([side.estimate.draws for side in measured.by_system], axis=1)
    # draws: (resamples, systems); a resample without a value in any system is dropped
    complete_draws = draws[np.isfinite(draws).all(axis=1)]
    if not len(complete_draws) or measured.entry["higher_is_better"] is None:
        return None
    scores = complete_draws if measured.entry["higher_is_better"] else -complete_draws
    is_best = scores == scores.max(axis=1, keepdims=True)
    shares = (is_best / is_best.sum(axis=1, keepdims=True)).mean(axis=0)  # ties share one draw equally
    # shares {a: 0.6, b: 0.37, c: 0.03} → set {a, b}: largest shares first until they sum to 0.95
    best_set: list[str] = []
    for index in np.argsort(-shares, kind="stable"):
        best_set.append(systems[index].name)
        if sum(shares[[i for i, system in enumerate(systems) if system.name in best_set]]) >= _CONFIDENCE:
            break
    return {
        "shares": {system.name: round(float(share), 4) for system, share in zip(systems, shares, strict=True)},
        "set": [system.name for system in systems if system.name in best_set],
    }

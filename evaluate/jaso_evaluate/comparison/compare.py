"""The comparison itself: each measure of each system with its interval, and every two systems tested.

Two families of tests are corrected by Holm's method, each for itself: the differences from the first system over the
whole table (`p_holm` of a cell), and all pairs of systems within one measure (`p_holm` of a pair: behind what is bold).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from jaso_evaluate.comparison.estimates import Measured, measure
from jaso_evaluate.comparison.inputs import common_ids, common_measures, comparable, missing_notes
from jaso_evaluate.comparison.systems import System
from jaso_evaluate.scoring.scorer import round_score
from jaso_evaluate.statistics.bootstrap import Bootstrap
from jaso_evaluate.statistics.effect_size import cohens_d, win_rate
from jaso_evaluate.statistics.intervals import LEVEL, Estimate, Interval
from jaso_evaluate.statistics.permutation import PairedPermutationTest
from jaso_evaluate.statistics.power import POWERS, detectable_difference, groups_needed
from jaso_evaluate.statistics.summary import holm

Cell = dict[str, Any]

TESTS = ("permutation", "bootstrap")
_FEW_GROUPS = 25


@dataclass(frozen=True)
class Options:
    """`test`: permutation or bootstrap; where a system has several seeds it is Student's t on their variance.
    `measures`: these only (none: all that the runs have in common). `tests`: with how many tests elsewhere these are
    corrected together, for what is said of power (None: those of the table)."""

    test: str = "permutation"
    resamples: int = 10_000
    seed: int = 0
    measures: Sequence[str] = ()
    tests: int | None = None


def compare(systems: Sequence[System], options: Options) -> dict[str, Any]:
    """Values of all systems and their differences, on the examples that all runs have; what comparison.json holds.

    RequestError when there are none, or when an example's references differ between the runs.
    """
    runs = [run for system in systems for run in system.runs]
    ids = common_ids(runs)
    names, notes = common_measures(runs, options.measures)
    notes = [*missing_notes(runs, len(ids)), *notes]
    kept: dict[str, list[str]] = {}
    for name in names:
        some, reasons = comparable(name, runs, ids)
        notes += reasons
        if some:
            kept[name] = some
    bootstrap = Bootstrap([str(runs[0].lines[i]["group"]) for i in ids], options.resamples, options.seed)
    swaps = PairedPermutationTest(bootstrap.groups, options.resamples, options.seed)
    measured = measure(systems, ids, kept, bootstrap, swaps)
    rows = [_row(one, systems, swaps, options) for one in measured]
    tests = _adjust(rows)
    for one, row in zip(measured, rows, strict=True):
        _plan(row, one, options.tests or tests, swaps, options)
    return {
        "n": len(ids),
        "groups": bootstrap.groups,
        "test": options.test,
        "tests": tests,
        "resamples": options.resamples,
        "seed": options.seed,
        "runs": [system.name for system in systems],
        "seeds": {system.name: [run.label for run in system.runs] for system in systems},
        "notes": [*notes, *_group_notes(bootstrap.groups, swaps, tests, options)],
        "measures": rows,
    }


def _group_notes(groups: int, swaps: PairedPermutationTest, tests: int, options: Options) -> list[str]:
    if groups < 2:
        return ["all examples are of one group: no intervals, no tests"]
    notes = []
    if groups < _FEW_GROUPS:
        notes.append(f"only {groups} groups: the 95 % intervals are rough, they may cover less than 93 %")
    if options.test == "permutation" and tests and swaps.min_p * tests >= LEVEL:
        notes.append(
            f"no test can come out: the smallest p is {swaps.min_p:.2g}, {tests} tests ask for "
            f"{LEVEL / tests:.2g}; {'take more groups' if swaps.exact else 'raise resamples='}"
        )
    return notes


def _row(
    measured: Measured, systems: Sequence[System], swaps: PairedPermutationTest, options: Options
) -> dict[str, Any]:
    """One measure: a cell for each system, and all pairs of systems where the measure judges."""
    sides = measured.sides
    several = measured.resampled
    pairs = _pairs(measured, systems, swaps, options) if several and measured.judged else []
    against_first = {pair["second"]: pair["p"] for pair in pairs if pair["first"] == systems[0].name}
    cells = []
    for place, (system, side) in enumerate(zip(systems, sides, strict=True)):
        cell: Cell = {
            "run": system.name,
            "value": round_score(side.estimate.value),
            "ci95": _bounds(side.ci95) if several else None,
        }
        if len(system.runs) > 1:
            sd = float(np.std(side.by_seed, ddof=1))
            cell |= {"by_seed": [round_score(value) for value in side.by_seed], "seed_sd": round_score(sd)}
        if place and several and not side.baseline:
            difference = side.estimate - sides[0].estimate
            cell |= {"difference": round_score(difference.value), "difference_ci95": _bounds(difference.ci95())}
            if measured.judged:
                cell |= {"p": against_first.get(system.name), **_effect(measured, difference, systems[0], system)}
        cells.append(cell)
    keys = ("unit", "signature", "higher_is_better")
    row = {"name": measured.name, **{k: measured.entry[k] for k in keys}, "n": len(measured.kept), "cells": cells}
    _stand(row, pairs)
    return {**row, "pairs": pairs}


def _bounds(bounds: Interval | None) -> list[float | None] | None:
    return None if bounds is None else [round_score(bounds[0]), round_score(bounds[1])]


def _pairs(measured: Measured, systems: Sequence[System], swaps: PairedPermutationTest, options: Options) -> list[Cell]:
    """Every two systems, `difference` = second − first, p adjusted for all pairs of this measure."""
    found = []
    for (one, a), (other, b) in combinations(zip(systems, measured.sides, strict=True), 2):
        if a.baseline or b.baseline:
            continue
        difference = b.estimate - a.estimate
        if difference.seed_variances:
            p = difference.p_student()
        elif options.test == "permutation":
            p = swaps.p(measured.reduce, b.swapped, a.swapped)
        else:
            p = difference.p_bootstrap()
        found.append({"first": one.name, "second": other.name, "difference": round_score(difference.value), "p": p})
    _adjust_all(found)
    return found


def _effect(measured: Measured, difference: Estimate, first: System, system: System) -> Cell:
    """Sizes that do not depend on the scale: d_z, positive where the system is better, and the share of its texts."""
    upwards = bool(measured.entry["higher_is_better"])
    d = cohens_d(difference.value if upwards else -difference.value, difference.text_error, difference.groups)
    mine, theirs = ([mean_score(one, measured.name, i) for i in measured.kept] for one in (system, first))
    return {"d_z": round_score(d), "share_better": round_score(win_rate(mine, theirs, upwards))}


def mean_score(system: System, name: str, example: str) -> float | None:
    """A text's own score, over the seeds; None where a seed has none."""
    values = [run.lines[example]["scores"][name] for run in system.runs]
    return None if None in values else float(np.mean(values))


def _stand(row: dict[str, Any], pairs: Sequence[Cell]) -> None:
    """Adds `standing`: "best" where the tests say better than every other, "tied" for the highest value and all that
    cannot be told from it when they do not, else ""."""
    for cell in row["cells"]:
        cell["standing"] = ""
    tested = {name for pair in pairs for name in (pair["first"], pair["second"])}
    ranked = [cell for cell in row["cells"] if cell["run"] in tested and cell["value"] is not None]
    if len(ranked) < 2:
        return
    best = (max if row["higher_is_better"] else min)(ranked, key=lambda cell: cell["value"])
    adjusted = {frozenset((pair["first"], pair["second"])): pair["p_holm"] for pair in pairs}
    rivals = [cell for cell in ranked if cell is not best]
    equals = [cell for cell in rivals if not _told_apart(adjusted[frozenset((best["run"], cell["run"]))])]
    for cell in (best, *equals):
        cell["standing"] = "tied" if equals else "best"


def _told_apart(adjusted: float | None) -> bool:
    return adjusted is not None and adjusted < LEVEL


def _adjust(rows: Sequence[dict[str, Any]]) -> int:
    """Adds p_holm to the cells: corrected for all tests against the first system in the table; how many these are."""
    return _adjust_all([cell for row in rows for cell in row["cells"] if "p" in cell])


def _adjust_all(found: Sequence[Cell]) -> int:
    tested = [one for one in found if one["p"] is not None]
    for one in found:
        one["p_holm"] = None
    for one, adjusted in zip(tested, holm([one["p"] for one in tested]), strict=True):
        one["p_holm"] = float(f"{adjusted:.6g}")
    return len(tested)


def _plan(row: dict[str, Any], measured: Measured, tests: int, swaps: PairedPermutationTest, options: Options) -> None:
    """Adds to each tested cell what the table could have found, at Holm's first and strictest step."""
    level = LEVEL / max(1, tests)
    permuted = options.test == "permutation"
    fewest = math.ceil(1 - math.log2(level)) if permuted else 2  # groups of which a permutation can be that rare
    for cell, side in zip(row["cells"], measured.sides, strict=True):
        if cell.get("p") is None:
            continue
        gap = side.estimate - measured.sides[0].estimate
        error, df = gap.standard_error, gap.df
        each = row["n"] / gap.groups
        possible = gap.seed_variances or not permuted or swaps.min_p < level
        cell["detectable"] = {
            str(power): round_score(detectable_difference(error, df, power, level)) if possible else None
            for power in POWERS
        }
        cell["needed"] = {}
        for power in POWERS if not gap.seed_variances else ():  # more texts do not make more seeds
            count = groups_needed(gap.value, error, gap.groups, df, power, level)
            count = count and max(count, fewest)
            cell["needed"][str(power)] = count and {"groups": count, "examples": round(count * each)}

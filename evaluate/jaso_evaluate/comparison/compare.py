"""Compare systems: intervals for every measure, tests for every pair of systems.

Two families of tests are corrected by Holm's method, each separately: the differences from the first system over the
whole table (`p_holm` of a cell), and all pairs of systems within one measure (`p_holm` of a pair: the basis of what is
bold).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from jaso_evaluate.comparison.estimates import MeasureEstimates, measure
from jaso_evaluate.comparison.inputs import common_ids, common_measures, comparable_texts, missing_notes
from jaso_evaluate.comparison.schema import Cell, Comparison, MeasureRow, Needed, Pair
from jaso_evaluate.comparison.systems import System
from jaso_evaluate.schema import LEVEL
from jaso_evaluate.scoring.scorer import round_bounds
from jaso_evaluate.scoring.text_rows import round_score
from jaso_evaluate.statistics.bootstrap import Bootstrap
from jaso_evaluate.statistics.effect_size import cohens_d, win_rate
from jaso_evaluate.statistics.intervals import Estimate
from jaso_evaluate.statistics.permutation import PairedPermutationTest
from jaso_evaluate.statistics.power import POWERS, detectable_difference, groups_needed
from jaso_evaluate.statistics.summary import holm

TESTS = ("permutation", "bootstrap")
_FEW_GROUPS = 25


@dataclass(frozen=True)
class Options:
    """Test, resampling and multiple-comparison options of a comparison.

    `test`: permutation or bootstrap; where a system has several seeds it is Student's t on their variance. `measures`:
    these only (none: all that the runs have in common). `tests`: number of tests made elsewhere that these are
    corrected together with, for the power analysis (None: those of the table).
    """

    test: str = "permutation"
    resamples: int = 10_000
    seed: int = 0
    measures: Sequence[str] = ()
    tests: int | None = None


def compare(systems: Sequence[System], options: Options) -> Comparison:
    """Return the content of comparison.json: all systems' values and differences.

    They are computed on the examples that all runs have. RequestError when there are none, or when an example's
    references differ between the runs.
    """
    runs = [run for system in systems for run in system.runs]
    ids = common_ids(runs)
    names, notes = common_measures(runs, options.measures)
    notes = [*missing_notes(runs, len(ids)), *notes]
    texts_by_measure: dict[str, list[str]] = {}
    for name in names:
        ids_with_value, reasons = comparable_texts(name, runs, ids)
        notes += reasons
        if ids_with_value:
            texts_by_measure[name] = ids_with_value
    bootstrap = Bootstrap([str(runs[0].lines[i]["group"]) for i in ids], options.resamples, options.seed)
    permutation_test = PairedPermutationTest(bootstrap.groups, options.resamples, options.seed)
    estimates_by_measure = measure(systems, ids, texts_by_measure, bootstrap, permutation_test)
    rows = [_measure_row(estimates, systems, permutation_test, options) for estimates in estimates_by_measure]
    tests = _add_holm_to_cells(rows)
    for estimates, row in zip(estimates_by_measure, rows, strict=True):
        _add_power(row, estimates, options.tests or tests, permutation_test, options)
    return {
        "n": len(ids),
        "groups": bootstrap.groups,
        "test": options.test,
        "tests": tests,
        "resamples": options.resamples,
        "seed": options.seed,
        "runs": [system.name for system in systems],
        "seeds": {system.name: [run.label for run in system.runs] for system in systems},
        "notes": [*notes, *_group_notes(bootstrap.groups, permutation_test, tests, options)],
        "measures": rows,
    }


def _group_notes(groups: int, permutation_test: PairedPermutationTest, tests: int, options: Options) -> list[str]:
    if groups < 2:
        return ["all examples are of one group: no intervals, no tests"]
    notes = []
    if groups < _FEW_GROUPS:
        notes.append(f"only {groups} groups: the 95 % intervals are rough, they may cover less than 93 %")
    if options.test == "permutation" and tests and permutation_test.min_p * tests >= LEVEL:
        notes.append(
            f"no test can come out: the smallest p is {permutation_test.min_p:.2g}, {tests} tests ask for "
            f"{LEVEL / tests:.2g}; {'take more groups' if permutation_test.exact else 'raise resamples='}"
        )
    return notes


def _measure_row(
    estimates: MeasureEstimates, systems: Sequence[System], permutation_test: PairedPermutationTest, options: Options
) -> MeasureRow:
    """Return one measure: a cell per system, and all pairs where it can be tested."""
    by_system = estimates.by_system
    has_interval = estimates.has_interval
    pairs = _pairs(estimates, systems, permutation_test, options) if has_interval and estimates.is_testable else []
    # p of the cells is that of the pair (first system, this one); p_holm is added for the whole table later.
    against_first = {pair["second"]: pair["p"] for pair in pairs if pair["first"] == systems[0].name}
    cells: list[Cell] = []
    for column, (system, system_estimate) in enumerate(zip(systems, by_system, strict=True)):
        cell: Cell = {
            "run": system.name,
            "value": round_score(system_estimate.estimate.value),
            "ci95": round_bounds(system_estimate.ci95) if has_interval else None,
        }
        if len(system.runs) > 1:
            sd = float(np.std(system_estimate.by_seed, ddof=1))
            cell |= {"by_seed": [round_score(value) for value in system_estimate.by_seed], "seed_sd": round_score(sd)}
        if column and has_interval and not system_estimate.is_baseline:
            difference = system_estimate.estimate - by_system[0].estimate
            cell |= {"difference": round_score(difference.value), "difference_ci95": round_bounds(difference.ci95())}
            if estimates.is_testable:
                cell["p"] = against_first.get(system.name)
                cell["d_z"], cell["share_better"] = _effect_sizes(estimates, difference, systems[0], system)
        cells.append(cell)
    row: MeasureRow = {
        "name": estimates.name,
        "unit": estimates.entry["unit"],
        "signature": estimates.entry["signature"],
        "higher_is_better": estimates.entry["higher_is_better"],
        "n": len(estimates.example_ids),
        "cells": cells,
        "pairs": pairs,
    }
    _add_standing(row)
    return row


def _pairs(
    estimates: MeasureEstimates, systems: Sequence[System], permutation_test: PairedPermutationTest, options: Options
) -> list[Pair]:
    """Test every pair of systems; `difference` = second − first, p adjusted by Holm.

    The adjustment is for all pairs of this measure.
    """
    pairs: list[Pair] = []
    for (first, a), (second, b) in combinations(zip(systems, estimates.by_system, strict=True), 2):
        if a.is_baseline or b.is_baseline:
            continue
        difference = b.estimate - a.estimate
        if difference.seed_variances:
            p = difference.p_student()
        elif options.test == "permutation":
            p = permutation_test.p(estimates.reduce, b.swapped_sums, a.swapped_sums)
        else:
            p = difference.p_bootstrap()
        pairs.append({"first": first.name, "second": second.name, "difference": round_score(difference.value), "p": p})
    _add_holm(pairs)
    return pairs


def _effect_sizes(
    estimates: MeasureEstimates, difference: Estimate, first: System, system: System
) -> tuple[float | None, float | None]:
    """Return scale-free effect sizes: d_z and the share of texts that are better.

    d_z is positive where the system is better than the first one.
    """
    upwards = bool(estimates.entry["higher_is_better"])
    d = cohens_d(difference.value if upwards else -difference.value, difference.text_error, difference.groups)
    mine, theirs = ([mean_score(side, estimates.name, i) for i in estimates.example_ids] for side in (system, first))
    return round_score(d), round_score(win_rate(mine, theirs, upwards))


def mean_score(system: System, name: str, example: str) -> float | None:
    """Return a text's own score, mean over the seeds; None where a seed has none."""
    scores = [run.lines[example]["scores"][name] for run in system.runs]
    values = [score for score in scores if score is not None]
    return float(np.mean(values)) if len(values) == len(scores) else None


def _add_standing(row: MeasureRow) -> None:
    """Add `standing`: "best", "tied" or "".

    "best" where the tests say better than every other; "tied" for the highest value and all that do not differ from it
    significantly, when there are such.
    """
    for cell in row["cells"]:
        cell["standing"] = ""
    tested = {name for pair in row["pairs"] for name in (pair["first"], pair["second"])}
    ranked = [cell for cell in row["cells"] if cell["run"] in tested and cell["value"] is not None]
    if len(ranked) < 2:
        return
    # Three systems a > b > c: a is "best" if it beats b and c; if it beats c alone, a and b are "tied".
    best = (max if row["higher_is_better"] else min)(ranked, key=lambda cell: cell["value"] or 0.0)
    adjusted = {frozenset((pair["first"], pair["second"])): pair["p_holm"] for pair in row["pairs"]}
    rivals = [cell for cell in ranked if cell is not best]
    ties = [cell for cell in rivals if not _is_significant(adjusted[frozenset((best["run"], cell["run"]))])]
    for cell in (best, *ties):
        cell["standing"] = "tied" if ties else "best"


def _is_significant(adjusted: float | None) -> bool:
    return adjusted is not None and adjusted < LEVEL


def _add_holm_to_cells(rows: Sequence[MeasureRow]) -> int:
    """Add Holm's p_holm to the cells that are tested; return the number of tests.

    They are corrected for all tests against the first system in the table.
    """
    return _add_holm([cell for row in rows for cell in row["cells"] if "p" in cell])


def _add_holm(entries: Sequence[Cell | Pair]) -> int:
    tested = [(entry, entry["p"]) for entry in entries if entry["p"] is not None]
    for entry in entries:
        entry["p_holm"] = None
    for (entry, _), adjusted in zip(tested, holm([p for _, p in tested]), strict=True):
        entry["p_holm"] = float(f"{adjusted:.6g}")
    return len(tested)


def _add_power(
    row: MeasureRow,
    estimates: MeasureEstimates,
    tests: int,
    permutation_test: PairedPermutationTest,
    options: Options,
) -> None:
    """Add detectable difference and sample size needed to each tested cell.

    Both are for Holm's first and strictest step.
    """
    level = LEVEL / max(1, tests)
    permuted = options.test == "permutation"
    # The smallest two-sided p of n groups is 2 / 2^n: level 0.05 → 6 groups, 0.05 / 12 → 9 groups.
    min_groups = math.ceil(1 - math.log2(level)) if permuted else 2
    for cell, system_estimate in zip(row["cells"], estimates.by_system, strict=True):
        if cell.get("p") is None:
            continue
        gap = system_estimate.estimate - estimates.by_system[0].estimate
        error, df = gap.standard_error, gap.df
        examples_per_group = row["n"] / gap.groups
        possible = gap.seed_variances or not permuted or permutation_test.min_p < level
        cell["detectable"] = {
            str(power): round_score(detectable_difference(error, df, power, level)) if possible else None
            for power in POWERS
        }
        needed: dict[str, Needed | None] = {}
        for power in POWERS if not gap.seed_variances else ():  # more texts do not make more seeds
            count = groups_needed(gap.value, error, gap.groups, df, power, level)
            if count is not None:
                count = max(count, min_groups)
                needed[str(power)] = {"groups": count, "examples": round(count * examples_per_group)}
            else:
                needed[str(power)] = None
        cell["needed"] = needed

"""Paired tests of single planned differences, corrected together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jaso_evaluate.comparison.compare import Options, compare
from jaso_evaluate.comparison.schema import PairedTest
from jaso_evaluate.comparison.systems import read_systems
from jaso_evaluate.statistics.summary import holm


@dataclass(frozen=True)
class PlannedTest:
    """A difference to be tested: `second` minus `first`, by a measure."""

    first: str
    second: str
    measure: str


@dataclass(frozen=True)
class PairedTestResult:
    """Result of a planned test.

    `test` is None where it cannot be made, and `notes` say why.
    """

    test: PairedTest | None
    notes: list[str]


def paired_tests(
    folders: Mapping[str, Sequence[str | Path]], planned: Sequence[PlannedTest], tests: int
) -> list[PairedTestResult]:
    """Test planned differences between systems, corrected by Holm's method.

    `folders`: scored folders by system, one per seed. `tests`: how many are planned, for the power analysis; more than
    `planned` where some cannot be made. RequestError when two systems share no texts, or their references differ.
    """
    results = [_test(folders, comparison, tests) for comparison in planned]
    testable = [(result.test, result.test["p"]) for result in results if result.test is not None]
    p_values = [(test, p) for test, p in testable if p is not None]
    for (test, _), adjusted in zip(p_values, holm([p for _, p in p_values]), strict=True):
        test["p_holm"] = adjusted
    return results


def _test(folders: Mapping[str, Sequence[str | Path]], planned: PlannedTest, tests: int) -> PairedTestResult:
    systems = read_systems({name: folders[name] for name in (planned.first, planned.second)})
    if any(planned.measure not in run.metrics for system in systems for run in system.runs):
        return PairedTestResult(None, [f"{planned.measure} was not measured"])
    result = compare(systems, Options(measures=[planned.measure], tests=tests))
    if not result["measures"]:
        return PairedTestResult(None, result["notes"])
    row = result["measures"][0]
    cell = row["cells"][1]
    test: PairedTest = {
        "unit": row["unit"],
        "higher_is_better": row["higher_is_better"],
        "n": row["n"],
        "groups": result["groups"],
        "values": [value["value"] for value in row["cells"]],
        "difference": cell.get("difference"),
        "ci95": cell.get("difference_ci95"),
        "p": cell.get("p"),
        "p_holm": None,
        "detectable": cell.get("detectable"),
        "needed": cell.get("needed"),
    }
    return PairedTestResult(test, result["notes"])

"""The seconds that a run of the fast tier reports: by folder, over the budget or not."""

from __future__ import annotations

from dataclasses import dataclass

from budget import BUDGET, LONGEST, budget_lines, longest_first, seconds_by_folder
from support import ROOT


@dataclass
class Report:
    nodeid: str
    duration: float


def test_set_up_call_and_teardown_are_added_up_by_folder() -> None:
    reports = [
        Report("tests/core/io/test_files.py::test_a", 0.5),
        Report("tests/core/io/test_files.py::test_a", 0.25),
        Report("tests/core/test_records.py::test_b[a/b::c]", 1.0),
        Report("tests/cli/test_cli.py::test_c", 2.0),
        Report("benchmarks/test_d.py::test_d", 4.0),
    ]
    assert seconds_by_folder(reports) == {"core": 1.75, "cli": 2.0}


def test_what_is_over_its_budget_is_said() -> None:
    cli, core, fresh, total = budget_lines({"core": BUDGET["core"] + 1.0, "cli": 2.4, "fresh": 3.0})
    assert cli == f"cli              2 s of {BUDGET['cli']} s"
    assert core.startswith(f"core        {BUDGET['core'] + 1:6} s of {BUDGET['core']} s: over its budget")
    assert fresh.startswith("fresh            3 s of ? s: has no budget")
    assert total == f"sum         {BUDGET['core'] + 6:6} s of {sum(BUDGET.values())} s, in all workers together"


def test_every_folder_of_tests_has_a_budget() -> None:
    folders = {path.relative_to(ROOT / "tests").parts[0] for path in (ROOT / "tests").rglob("test_*.py")}
    assert folders - set(BUDGET) == set()


def test_the_longest_files_are_there_and_come_first() -> None:
    assert all((ROOT / file).is_file() for file in LONGEST)
    assert [longest_first(f"{file}::test_a[b::c]") for file in (LONGEST[0], LONGEST[1], "tests/cli/test_cli.py")] == [
        0, 1, len(LONGEST)]  # fmt: skip


def test_the_budgets_fit_into_five_minutes_on_two_cores() -> None:
    assert sum(BUDGET.values()) <= 2 * 300

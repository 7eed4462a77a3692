"""Seconds that each package's tests may take in the fast tier, and what they took.

Seconds are of the workers, added up: on two cores `make test` takes about half of the sum. Going over is a line to
read, no failure, because a busy machine is slow without anyone's fault.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Protocol

BUDGET = {
    "api": 40,
    "cli": 20,
    "contracts": 20,
    "core": 35,
    "crawl": 115,
    "e2e": 25,
    "evaluate": 105,
    "pipeline": 40,
    "preprocess": 95,
    "synthetic": 20,
    "train": 85,
}
"""By folder of tests/, seconds on one core of two."""

LONGEST = (
    "tests/e2e/test_pages_run.py",
    "tests/e2e/test_slurm.py",
    "tests/crawl/crawler/test_killed_crawl.py",
    "tests/e2e/test_study.py",
    "tests/e2e/test_pipeline.py",
    "tests/crawl/sites/test_fuzzed_pages.py",
    "tests/train/runtime/test_ddp.py",
    "tests/train/runtime/test_fsdp.py",
    "tests/e2e/test_sweeps.py",
    "tests/train/models/test_kogpt2.py",
    "tests/crawl/sources/test_sample_sites.py",
)
"""Files that take more than half a minute in `make test-slow`, the longest first."""


def longest_first(nodeid: str) -> int:
    """Return the rank of a test's file: its place in LONGEST, or behind all of them."""
    file = nodeid.split("::")[0]
    return LONGEST.index(file) if file in LONGEST else len(LONGEST)


class Timed(Protocol):
    """A report of pytest: set-up, call or teardown of one test."""

    nodeid: str
    duration: float


def seconds_by_folder(reports: Iterable[Timed]) -> dict[str, float]:
    """Add up the seconds of set-up, call and teardown by folder of tests/; files outside of it are left out."""
    seconds: dict[str, float] = defaultdict(float)
    for report in reports:
        parts = PurePosixPath(report.nodeid.split("::")[0]).parts
        if len(parts) > 2 and parts[0] == "tests":
            seconds[parts[1]] += report.duration
    return dict(seconds)


def budget_lines(seconds: dict[str, float]) -> list[str]:
    """Return one line for each folder that ran, and what is over its budget said plainly."""
    lines = []
    for folder, spent in sorted(seconds.items()):
        budget = BUDGET.get(folder)
        line = f"{folder:<12}{spent:6.0f} s of {budget if budget is not None else '?'} s"
        if budget is None:
            line += ": has no budget; give it one in tests/support/budget.py"
        elif spent > budget:
            line += ": over its budget; make the slowest tests smaller or mark them as slow"
        lines.append(line)
    lines.append(f"{'sum':<12}{sum(seconds.values()):6.0f} s of {sum(BUDGET.values())} s, in all workers together")
    return lines

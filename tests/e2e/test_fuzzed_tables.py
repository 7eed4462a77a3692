"""Damaged tables through every command that reads them: they are read, or refused in one line."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from table_damage import COMMANDS, FORMATS, outcome


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize(
    ("first", "count"), [pytest.param(0, 3, id="few"), pytest.param(100, 60, id="many", marks=pytest.mark.slow)]
)
def test_no_damage_ends_in_a_traceback(suffix: str, command: str, first: int, count: int, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outcomes = {outcome(seed, suffix, command, tmp_path) for seed in range(first, first + count)}
    assert outcomes <= {"read", "refused"}

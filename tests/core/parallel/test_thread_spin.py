"""Threads spin long on an idle machine only, and never otherwise than the user says."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from jaso_core.parallel import thread_spin
from jaso_core.parallel.thread_spin import (
    CpuTimes,
    busy_cores_of_others,
    busy_seconds,
    needs_short_spin,
    read_cpu_times,
    set_thread_spin,
)

STAT = """cpu  1000 10 100 5000 7 3 2 1 0 0
cpu0 600 10 60 2000 5 3 2 1 0 0
cpu1 400 0 40 3000 2 0 0 0 0 0
cpu10 5 0 5 10 0 0 0 0 0 0
intr 1 2 3
ctxt 5
"""


@pytest.mark.parametrize(
    ("cores", "seconds"), [({0}, 6.76), ({1}, 4.4), ({0, 1}, 11.16), ({10}, 0.1), (set(), 0.0), ({0, 1, 10}, 11.26)]
)
def test_busy_is_what_is_neither_idle_nor_waiting(cores: set[int], seconds: float) -> None:
    assert busy_seconds(STAT, cores, 100) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("before", "after", "busy"),
    [
        (CpuTimes(0, 10.0, 1.0), CpuTimes(1, 12.0, 2.0), 1.0),  # this process kept the other core busy
        (CpuTimes(0, 10.0, 1.0), CpuTimes(2, 11.0, 2.0), 0.0),
        (CpuTimes(0, 10.0, 1.0), CpuTimes(1, 11.0, 1.0), 1.0),
        (CpuTimes(0, 10.0, 1.0), CpuTimes(1, 10.0, 1.5), 0.0),  # ticks are coarse: never below none
        (CpuTimes(0, None, 1.0), CpuTimes(1, 12.0, 2.0), 0.0),
        (CpuTimes(3, 10.0, 1.0), CpuTimes(3, 12.0, 2.0), 0.0),
    ],
)
def test_the_load_is_that_of_others(before: CpuTimes, after: CpuTimes, busy: float) -> None:
    assert busy_cores_of_others(before, after) == pytest.approx(busy)


@pytest.mark.parametrize(
    ("threads", "cores", "busy", "short"),
    [
        (2, 2, 0.0, False), (2, 2, 0.3, False), (2, 2, 0.5, True), (2, 2, 1.0, True), (2, 2, 2.0, True), (4, 4, 0.2, False),
        (4, 4, 1.0, True), (4, 8, 4.0, False), (4, 8, 5.0, True), (8, 8, 0.9, False), (8, 8, 1.0, True), (64, 64, 1.0, False),
        (64, 64, 9.0, True), (16, 64, 40.0, False), (4, 2, 0.0, True),
    ],
)  # fmt: skip
def test_the_spin_is_short_where_cores_are_wanted(threads: int, cores: int, busy: float, short: bool) -> None:
    assert needs_short_spin(threads, cores, busy) is short


@pytest.fixture
def before_torch(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    for name in ("OMP_NUM_THREADS", "OMP_WAIT_POLICY", "GOMP_SPINCOUNT"):
        monkeypatch.setenv(name, "")  # so that it is as before afterwards
        monkeypatch.delenv(name)
    monkeypatch.setattr(thread_spin, "cpu_count", lambda: 2)
    monkeypatch.setattr(thread_spin, "busy_cores_of_others", lambda before, after: 1.0)
    yield monkeypatch
    os.environ.pop("GOMP_SPINCOUNT", None)


def test_beside_a_busy_core_it_is_set(before_torch: pytest.MonkeyPatch) -> None:
    set_thread_spin(read_cpu_times())
    assert os.environ["GOMP_SPINCOUNT"] == "100"


@pytest.mark.parametrize(
    ("name", "value"),
    [("OMP_NUM_THREADS", "1"), ("OMP_WAIT_POLICY", "ACTIVE"), ("OMP_WAIT_POLICY", "PASSIVE"), ("GOMP_SPINCOUNT", "7")],
)
def test_what_the_user_sets_stays(before_torch: pytest.MonkeyPatch, name: str, value: str) -> None:
    before_torch.setenv(name, value)
    set_thread_spin()
    assert os.environ.get("GOMP_SPINCOUNT") == (value if name == "GOMP_SPINCOUNT" else None)


def test_on_an_idle_machine_nothing_is_set(before_torch: pytest.MonkeyPatch) -> None:
    before_torch.setattr(thread_spin, "busy_cores_of_others", lambda before, after: 0.1)
    set_thread_spin()
    assert "GOMP_SPINCOUNT" not in os.environ


def test_torch_is_not_imported_before_the_choice() -> None:
    code = (
        "import sys; from jaso_pipeline.cli.commands import VERBS; import jaso_pipeline.cli.hydra_app;"
        "[VERBS[verb].load() for verb in ('train', 'evaluate', 'pipeline', 'study', 'score')];"
        "print('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"

"""What a job takes of a Slurm node, and what submitit says without accounting."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest
import torch
from submitit.slurm.slurm import SlurmInfoWatcher, SlurmJob
from support import one_thread

from jaso_core.parallel.cpu_count import cpu_count
from jaso_core.parallel.slurm import NO_ACCOUNTING, set_task_threads, warn_once_without_accounting

__all__ = ["one_thread"]  # whose number of threads is put back after each test


@pytest.fixture
def eight_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    for name in ("SLURM_CPUS_PER_TASK", "OMP_NUM_THREADS"):
        monkeypatch.setenv(name, "")  # so that it is put back
        monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("cpus", "asked", "threads"),
    [("3", None, 3), ("3", "2", 2), ("3", "6", 3), ("64", None, 8), ("3", "four", 3)],
)
@pytest.mark.usefixtures("eight_cores")
def test_a_job_takes_the_threads_that_slurm_gave_it(
    monkeypatch: pytest.MonkeyPatch, cpus: str, asked: str | None, threads: int
) -> None:
    monkeypatch.setenv("SLURM_CPUS_PER_TASK", cpus)
    if asked is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", asked)
    set_task_threads()
    assert os.environ["OMP_NUM_THREADS"] == str(threads)
    assert torch.get_num_threads() == threads
    assert cpu_count() == min(int(cpus), 8)


@pytest.mark.parametrize("cpus", [None, "", "0", "all"])
@pytest.mark.usefixtures("eight_cores")
def test_without_a_number_of_slurm_nothing_is_set(monkeypatch: pytest.MonkeyPatch, cpus: str | None) -> None:
    if cpus is not None:
        monkeypatch.setenv("SLURM_CPUS_PER_TASK", cpus)
    set_task_threads()
    assert "OMP_NUM_THREADS" not in os.environ
    assert torch.get_num_threads() == 1
    assert cpu_count() == 8


def test_torch_is_not_imported_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("SLURM_CPUS_PER_TASK", "1")
    monkeypatch.delitem(sys.modules, "torch")
    set_task_threads()
    assert "torch" not in sys.modules


SACCT = {
    "none": "echo 'Slurm accounting storage is disabled' >&2; exit 1",
    "away": "echo 'sacct: error: Problem talking to the database' >&2; exit 1",
    "there": "echo 'JobID|State|NodeList'; echo '7|COMPLETED|node'",
}


@pytest.mark.parametrize(
    ("sacct", "lines"), [("none", [NO_ACCOUNTING]), ("absent", [NO_ACCOUNTING]), ("away", None), ("there", [])]
)
def test_missing_accounting_is_one_line(
    sacct: str,
    lines: list[str] | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(SlurmJob, "watcher", SlurmInfoWatcher())
    monkeypatch.setenv("PATH", str(tmp_path))
    if sacct in SACCT:
        (tmp_path / "sacct").write_text(f"#!/bin/sh\n{SACCT[sacct]}\n", encoding="ascii")
        (tmp_path / "sacct").chmod(stat.S_IRWXU)
    for _ in range(2):
        warn_once_without_accounting()
    job: SlurmJob[None] = SlurmJob(tmp_path, "7")
    is_done = [job.done(force_check=True) for _ in range(3)]
    assert is_done == [sacct == "there"] * 3
    said = capfd.readouterr().err.splitlines()
    if lines is None:  # what may pass is told as before
        assert all("Bypassing sacct error" in record.message for record in caplog.records)
        assert caplog.records
        assert NO_ACCOUNTING not in said
    else:
        assert said == lines
        assert not caplog.records

"""Executors: this process, worker processes, jobs of submitit on this machine."""

from __future__ import annotations

import math
import operator
import os
import signal
import time
from concurrent.futures import Future, wait
from pathlib import Path
from typing import Any

import psutil
import pytest

from jaso_core.errors import RequestError
from jaso_core.io.files import read_json
from jaso_core.parallel.cluster import ClusterExecutor, JobEndedError
from jaso_core.parallel.executors import Executor, ProcessExecutor, SerialExecutor, WorkerKilledError


@pytest.mark.parametrize("executor", [SerialExecutor(), ProcessExecutor(2)], ids=["serial", "processes"])
def test_results_come_in_the_order_of_the_arguments(executor: Executor) -> None:
    with executor:
        assert list(executor.map(math.pow, [2, 3, 4], [3, 2, 1])) == [8, 9, 4]
        with pytest.raises(ZeroDivisionError):
            list(executor.map(operator.truediv, [1, 1, 1], [1, 0, 1]))


def test_a_serial_map_stops_at_the_first_error(tmp_path: Path) -> None:
    calls = SerialExecutor().map(os.mkdir, [tmp_path / "a", tmp_path / "a", tmp_path / "b"])
    with pytest.raises(FileExistsError):
        list(calls)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_killed_worker_costs_its_own_call_alone() -> None:
    with ProcessExecutor(1) as executor:
        first = executor.submit(os.getpid)
        killed = executor.submit(os.kill, first.result(), signal.SIGKILL)
        after = executor.submit(os.getpid)
        with pytest.raises(WorkerKilledError, match="a worker process was killed"):
            killed.result()
        assert after.result() != first.result()


def test_terminating_ends_the_running_call_and_drops_the_next() -> None:
    executor = ProcessExecutor(1)
    pid = executor.submit(os.getpid).result()
    running, waiting = executor.submit(time.sleep, 600), executor.submit(os.getpid)
    executor.terminate()
    assert isinstance(running.exception(), WorkerKilledError)
    assert waiting.cancelled()
    assert not psutil.pid_exists(pid)


def test_leaving_after_an_error_drops_what_waits() -> None:
    futures: list[Future[Any]] = []
    with pytest.raises(KeyboardInterrupt), ProcessExecutor(1) as executor:
        futures += [executor.submit(time.sleep, 0.2), executor.submit(time.sleep, 600)]
        raise KeyboardInterrupt
    assert futures[1].cancelled()


@pytest.mark.slow
def test_jobs_of_a_cluster(tmp_path: Path) -> None:
    """A result, a user's mistake as it is, and a job that is killed."""
    options = {"timeout_min": 5}
    with ClusterExecutor("local", options, tmp_path, asked="cluster") as executor:
        good, *powers = [executor.submit(math.pow, 2, 3), *executor.submit_all(math.pow, [2, 3], [3, 2])]
        mistake = executor.submit(read_json, tmp_path / "absent.json")
        killed = executor.submit(_kill_this_process)
        wait([good, *powers, mistake, killed], timeout=120)
        assert [good.result(), *(future.result() for future in powers)] == [8, 8, 9]
        assert isinstance(mistake.exception(), RequestError | OSError | JobEndedError)
        assert isinstance(killed.exception(), JobEndedError)


def _kill_this_process() -> None:
    os.kill(os.getpid(), signal.SIGKILL)

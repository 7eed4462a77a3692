"""Two processes on CPUs: what the first decides reaches the other, and an error is told once, by who knows it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Mapping

import pytest

from jaso_core.errors import RequestError
from jaso_core.parallel import distributed
from jaso_core.parallel.distributed import World, barrier, broadcast_from_main, check_launcher, exit_process, world

SECOND_FAILS = """
import sys
from jaso_core.errors import RequestError
from jaso_core.parallel.distributed import barrier, broadcast_from_main, process_group, run_follower, world

def work():
    value = broadcast_from_main(lambda: f"decided by {world().rank}")
    print(f"{world().rank} of {world().size}: {value}", flush=True)
    barrier()
    if world().rank == 1:
        raise RequestError("the second device is too small", "take another")
    barrier()

with process_group(cpu=True) as signal:
    if world().is_main_process:
        signal.send(work=True)
        work()
    else:
        run_follower(signal, work)
"""


def two_processes(program: str) -> list[tuple[int, str, str]]:
    """Exit code, output and errors of both, started with the variables that torchrun sets."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {"WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **shared, "RANK": str(rank), "LOCAL_RANK": str(rank), "OMP_NUM_THREADS": "1"},
        )
        for rank in (0, 1)
    ]
    ended = [process.communicate(timeout=200) for process in running]
    return [(process.returncode, out, err) for process, (out, err) in zip(running, ended, strict=True)]


@pytest.mark.slow
def test_what_the_first_decides_reaches_the_other_which_tells_its_own_error() -> None:
    (first, first_out, first_err), (second, second_out, second_err) = two_processes(SECOND_FAILS)
    assert (first, second) == (1, 2)
    assert first_out == "0 of 2: decided by 0\n"
    assert second_out == "1 of 2: decided by 0\n"
    errors = [line for line in (first_err + second_err).splitlines() if line.startswith("error: ")]
    assert errors == ["error: process 1: the second device is too small; take another"]


def test_one_process_decides_for_itself_and_waits_for_none() -> None:
    assert broadcast_from_main(lambda: 7) == 7
    barrier()


@pytest.mark.parametrize(
    ("environment", "expected"),
    [({}, World(0, 1)), ({"RANK": "3", "WORLD_SIZE": "4"}, World(3, 4))],
)
def test_rank_and_size_are_the_launchers(
    monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str], expected: World
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert world() == expected
    assert world().is_main_process == (expected.rank == 0)


@pytest.mark.parametrize("name", ["ACCELERATE_USE_DEEPSPEED", "ACCELERATE_USE_FSDP"])
@pytest.mark.parametrize("value", ["1", "true", "True"])
def test_a_launcher_that_trains_its_own_way_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    check_launcher()
    monkeypatch.setenv(name, value)
    with pytest.raises(RequestError, match=r"configs/accelerate/ddp\.yaml"):
        check_launcher()


def test_a_single_process_ends_as_usual() -> None:
    assert not distributed._joined_group
    with pytest.raises(SystemExit) as stop:
        exit_process(2)
    assert stop.value.code == 2

"""Distributed training: ranks, process group and barriers under torchrun.

A run is one process, or several that torchrun or `accelerate launch` started. The main process (rank 0) owns the
folder: it decides whether there is work, writes, and reports. The others wait for its signal, do their part of the
training, and print nothing.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from jaso_core.compat.torch import default_store
from jaso_core.console import quiet, say
from jaso_core.errors import ExitCode, JasoError, RequestError

T = TypeVar("T")

_MAIN_FAILED = "jaso: the first process tells what went wrong"
_OTHER_FAILED = "jaso: another process tells what went wrong"
FAILURE_TIMEOUT = 10.0
"""Seconds that a failed process waits for the main process to fail as well."""


@dataclass(frozen=True)
class World:
    """Rank of this process, and the number of processes (`size`)."""

    rank: int = 0
    size: int = 1

    @property
    def is_main_process(self) -> bool:
        """Whether this process owns the folder."""
        return self.rank == 0


def world() -> World:
    """Return rank and world size from the launcher's environment variables."""
    environment = os.environ
    return World(int(environment.get("RANK", "0")), int(environment.get("WORLD_SIZE", "1")))


def check_launcher() -> None:
    """Raise RequestError for a launcher setting with which training would fail.

    Called before accelerate, which sets the same variables.
    """
    environment = os.environ
    if environment.get("ACCELERATE_USE_DEEPSPEED", "").lower() in ("true", "1"):
        raise RequestError(
            "`accelerate launch` was told to use DeepSpeed, with which jaso does not train",
            "take configs/accelerate/ddp.yaml, with trainer.fsdp=true where a model does not fit on one GPU",
        )
    if environment.get("ACCELERATE_USE_FSDP", "").lower() in ("true", "1"):
        raise RequestError(
            "`accelerate launch` was told to use FSDP its own way",
            "take configs/accelerate/ddp.yaml and trainer.fsdp=true",
        )
    # With --cpu accelerate sets the address for several processes, but starts one.
    if "WORLD_SIZE" not in environment and "ACCELERATE_USE_CPU" in environment and "MASTER_ADDR" in environment:
        raise RequestError(
            "`accelerate launch` was told to start several processes on CPUs, and started one",
            "take `torchrun --standalone --nproc_per_node N -m jaso_pipeline train …`, or --num_processes 1",
        )


_joined_group = False
"""Whether this process has been a member of a process group."""


def exit_process(code: int) -> NoReturn:
    """End the process with an exit code.

    A process of several exits at once: threads of gloo that outlive their group, as FSDP's can, would abort it while
    the interpreter shuts down, after all was done.
    """
    if _joined_group:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    raise SystemExit(code)


class WorkSignal:
    """Signal of the main process to the others, sent once: whether there is work."""

    def __init__(self) -> None:
        self.sent = False

    def send(self, *, work: bool) -> None:
        """Send the signal, unless it was sent; for the main process."""
        if not self.sent:
            self.sent = True
            _broadcast(work)

    def receive(self) -> bool:
        """Wait for the signal; for the other processes."""
        return bool(_broadcast(None))


@contextmanager
def process_group(*, cpu: bool) -> Iterator[WorkSignal]:
    """Join all processes in a group: gloo on CPUs, NCCL on GPUs.

    The signal is sent even if the main process fails first.
    """
    from accelerate import PartialState

    global _joined_group
    _joined_group = True
    state = PartialState(cpu=cpu)
    signal = WorkSignal()
    try:
        yield signal
    except Exception:
        if world().is_main_process:
            # Another process failed and has reported why; the error here only says that it is gone.
            if default_store().check([_OTHER_FAILED]):
                raise SystemExit(1) from None
            default_store().set(_MAIN_FAILED, "")  # the caller reports the error
        raise
    finally:
        if world().is_main_process:
            signal.send(work=False)
    state.destroy_process_group()


def run_follower(signal: WorkSignal, work: Callable[[], None]) -> None:
    """Run `work` in a process that is not the main one, once there is work.

    An error that all processes have is reported by the main process only.
    """
    if not signal.receive():
        return
    try:
        with quiet():
            work()
    except Exception as error:
        code = error.exit_code if isinstance(error, JasoError) else ExitCode.FAILED
        if _has_main_failed():
            raise SystemExit(int(code)) from None
        default_store().set(_OTHER_FAILED, "")
        if not isinstance(error, JasoError):
            raise
        say(f"error: process {world().rank}: {error}")
        raise SystemExit(int(code)) from None


def barrier() -> None:
    """Wait until all processes are here; a no-op in a single process."""
    if _is_initialized():
        import torch.distributed as dist

        dist.barrier()


def broadcast_from_main(compute: Callable[[], T]) -> T:
    """Return, in all processes, what `compute` returns in the main process."""
    if not _is_initialized():
        return compute()
    value: T = _broadcast(compute() if world().is_main_process else None)
    return value


def _is_initialized() -> bool:
    import torch.distributed as dist

    return dist.is_available() and dist.is_initialized()


def _has_main_failed() -> bool:
    """Whether the main process failed as well within `FAILURE_TIMEOUT` seconds.

    It then reports the error, or is gone together with the store.
    """
    deadline = time.monotonic() + FAILURE_TIMEOUT
    try:
        while not default_store().check([_MAIN_FAILED]):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
    except RuntimeError:  # the main process owned the store, unless torchrun does
        return True
    return True


def _broadcast(value: Any) -> Any:
    import torch.distributed as dist

    message = [value]
    dist.broadcast_object_list(message, src=0)
    return message[0]

"""One process, or one of several that torchrun or `accelerate launch` started.

The first process keeps the folder: it decides whether there is work, writes, and tells. The others wait for its word,
do their share of the training, and say nothing.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from jaso_core.console import quiet, say
from jaso_core.errors import ExitCode, JasoError, RequestError

T = TypeVar("T")

_TOLD = "jaso: the first process tells what went wrong"
_LEFT = "jaso: another process tells what went wrong"
PATIENCE = 10.0
"""Seconds that a process whose share failed waits for the first one to fail as well."""


@dataclass(frozen=True)
class World:
    """`rank` of this process among `size`."""

    rank: int = 0
    size: int = 1

    @property
    def is_main_process(self) -> bool:
        """Whether this process keeps the folder."""
        return self.rank == 0


def world() -> World:
    """As the launcher's environment variables tell."""
    given = os.environ
    return World(int(given.get("RANK", "0")), int(given.get("WORLD_SIZE", "1")))


def check_launcher() -> None:
    """RequestError for a launcher that does what would end badly. Asked before accelerate is: it sets the same
    variables."""
    given = os.environ
    if given.get("ACCELERATE_USE_DEEPSPEED", "").lower() in ("true", "1"):
        raise RequestError(
            "`accelerate launch` was told to use DeepSpeed, with which jaso does not train",
            "take configs/accelerate/ddp.yaml, with trainer.fsdp=true where a model does not fit on one GPU",
        )
    if given.get("ACCELERATE_USE_FSDP", "").lower() in ("true", "1"):
        raise RequestError(
            "`accelerate launch` was told to use FSDP its own way",
            "take configs/accelerate/ddp.yaml and trainer.fsdp=true",
        )
    # With --cpu accelerate names a meeting place for several processes, and starts one.
    if "WORLD_SIZE" not in given and "ACCELERATE_USE_CPU" in given and "MASTER_ADDR" in given:
        raise RequestError(
            "`accelerate launch` was told to start several processes on CPUs, and started one",
            "take `torchrun --standalone --nproc_per_node N -m jaso_pipeline train …`, or --num_processes 1",
        )


_met = False
"""Whether this process has been one of several."""


def exit_process(code: int) -> NoReturn:
    """Ends the process. One of several goes at once: threads of gloo that outlive their group, as FSDP's can, would
    abort it in the interpreter's last moments, after all was done."""
    if _met:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    raise SystemExit(code)


class WorkSignal:
    """What the leader says to the others: once, whether there is work."""

    def __init__(self) -> None:
        self.given = False

    def send(self, *, work: bool) -> None:
        """Called by the leader."""
        if not self.given:
            self.given = True
            _broadcast(work)

    def receive(self) -> bool:
        """Called by the others."""
        return bool(_broadcast(None))


@contextmanager
def process_group(*, cpu: bool) -> Iterator[WorkSignal]:
    """All processes together, by gloo on CPUs and NCCL on GPUs. The leader's word comes even if it fails before."""
    from accelerate import PartialState

    global _met
    _met = True
    state = PartialState(cpu=cpu)
    signal = WorkSignal()
    try:
        yield signal
    except Exception:
        if world().is_main_process:
            if _store().check([_LEFT]):  # what failed here is only that another process, which told why, is gone
                raise SystemExit(1) from None
            _store().set(_TOLD, "")  # by whoever catches it
        raise
    finally:
        if world().is_main_process:
            signal.send(work=False)
    state.destroy_process_group()


def run_follower(signal: WorkSignal, work: Callable[[], None]) -> None:
    """What a process that does not lead does. What goes wrong in all processes the leader tells."""
    if not signal.receive():
        return
    try:
        with quiet():
            work()
    except Exception as error:
        code = error.exit_code if isinstance(error, JasoError) else ExitCode.FAILED
        if _leader_told():
            raise SystemExit(int(code)) from None
        _store().set(_LEFT, "")
        if not isinstance(error, JasoError):
            raise
        say(f"error: process {world().rank}: {error}")
        raise SystemExit(int(code)) from None


def barrier() -> None:
    """Waits until all processes are here; nothing in a process that is alone."""
    if _is_initialized():
        import torch.distributed as dist

        dist.barrier()


def broadcast_from_main(find: Callable[[], T]) -> T:
    """What the leader finds, in all processes."""
    if not _is_initialized():
        return find()
    found: T = _broadcast(find() if world().is_main_process else None)
    return found


def _is_initialized() -> bool:
    import torch.distributed as dist

    return dist.is_available() and dist.is_initialized()


def _leader_told() -> bool:
    """Whether the leader fails as well: it then tells, or is gone with the means to ask it."""
    end = time.monotonic() + PATIENCE
    try:
        while not _store().check([_TOLD]):
            if time.monotonic() > end:
                return False
            time.sleep(0.1)
    except RuntimeError:  # the store is the leader's, where torchrun itself does not keep it
        return True
    return True


def _store() -> Any:
    from torch.distributed import distributed_c10d

    return distributed_c10d._get_default_store()


def _broadcast(signal: Any) -> Any:
    import torch.distributed as dist

    message = [signal]
    dist.broadcast_object_list(message, src=0)
    return message[0]

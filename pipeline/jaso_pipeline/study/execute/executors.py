"""Where tasks run: worker processes on this machine, one for each slot, jobs of a cluster, or this very process.

A slot has one worker, which is kept from task to task, for importing torch takes longer than a small evaluation. When
it is killed, for lack of memory perhaps, its task alone is lost and the slot gets another.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from itertools import takewhile
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Protocol

import psutil

from jaso_core.errors import RequestError
from jaso_core.parallel.cpu_count import cpu_count
from jaso_pipeline.study.execute.worker import Done, Order, begin, do

_EACH = 3 * 2**30
"""Bytes of free memory for each worker on a CPU, where nobody said how many."""

KILLED = "was killed, perhaps for its memory; the same command tries it again"


class WorkerPool(Protocol):
    """What the runner needs of a place to work."""

    size: int

    def start(self, key: str, order: Order) -> None:
        """Begins a task; there must be a free slot."""

    def finished(self) -> dict[str, Done]:
        """By key, the tasks that ended since the last call."""

    def close(self) -> None:
        """Ends whatever still runs."""


class Here:
    """Worker processes on this machine: `jobs` of them (0: as cores and memory allow), on GPUs one for each."""

    def __init__(self, jobs: int, *, cpu: bool) -> None:
        devices = [] if cpu else _gpus()
        self.size = jobs or len(devices) or max(1, min(cpu_count(), psutil.virtual_memory().available // _EACH))
        self._devices = [devices[i % len(devices)] if devices else None for i in range(self.size)]
        self._pools: list[ProcessPoolExecutor | None] = [None] * self.size
        self._running: dict[str, tuple[int, Future[Done]]] = {}

    def start(self, key: str, order: Order) -> None:
        """See `WorkerPool`."""
        busy = {slot for slot, _ in self._running.values()}
        slot = next(i for i in range(self.size) if i not in busy)
        pool = self._pools[slot] or self._new(slot)
        try:
            future = pool.submit(do, order)
        except BrokenProcessPool:  # its worker died between two tasks
            pool = self._new(slot)
            future = pool.submit(do, order)
        self._pools[slot] = pool
        self._running[key] = slot, future

    def finished(self) -> dict[str, Done]:
        """See `WorkerPool`."""
        ended = {key: (slot, future) for key, (slot, future) in self._running.items() if future.done()}
        found = {}
        for key, (slot, future) in ended.items():
            del self._running[key]
            try:
                found[key] = future.result()
            except BrokenProcessPool:
                self._pools[slot] = None
                found[key] = Done("failed", 0.0, 0, KILLED)
            except (Exception, SystemExit) as error:
                found[key] = _lost(error)
        return found

    def close(self) -> None:
        """See `WorkerPool`. Workers at work are ended; what they had finished of their task is kept by its stage."""
        for pool in self._pools:
            if pool is None:
                continue
            for pid in list(pool._processes or ()) if self._running else ():
                _end(pid)
            pool.shutdown(wait=True, cancel_futures=True)

    def _new(self, slot: int) -> ProcessPoolExecutor:
        # Spawned: a fork of a process with threads (torch, Kiwi) may hang, and torch would not see another device.
        threads = max(1, cpu_count() // self.size)
        first = (os.getpid(), self._devices[slot], threads)
        return ProcessPoolExecutor(1, get_context("spawn"), initializer=begin, initargs=first)


class InProcess:
    """This process, task by task: no worker that has to import torch first, and a debugger sees what a stage does."""

    size = 1

    def __init__(self) -> None:
        self._ended: dict[str, Done] = {}

    def start(self, key: str, order: Order) -> None:
        """See `WorkerPool`. Returns when the task has ended."""
        argv = sys.argv
        try:
            self._ended[key] = do(order)
        except (Exception, SystemExit) as error:
            self._ended[key] = _lost(error)
        finally:
            sys.argv = argv

    def finished(self) -> dict[str, Done]:
        """See `WorkerPool`."""
        ended, self._ended = self._ended, {}
        return ended

    def close(self) -> None:
        """See `WorkerPool`."""


class Cluster:
    """submitit's jobs: `local` processes, or `slurm`; a job for each task, as many at a time as the study has ready."""

    def __init__(self, kind: str, options: Mapping[str, Any], logs: Path, jobs: int) -> None:
        try:
            import submitit
        except ImportError:
            raise RequestError(f"launcher={kind} needs submitit", "pip install 'jaso[cluster]'") from None
        self.size = jobs or 1000
        self._executor = submitit.AutoExecutor(logs, cluster=kind)
        self._executor.update_parameters(**{"timeout_min": 60 * 24, **options})
        self._running: dict[str, Any] = {}

    def start(self, key: str, order: Order) -> None:
        """See `WorkerPool`."""
        self._running[key] = self._executor.submit(do, order)

    def finished(self) -> dict[str, Done]:
        """See `WorkerPool`."""
        found = {}
        for key, job in list(self._running.items()):
            if not job.done():
                continue
            del self._running[key]
            try:
                found[key] = job.result()
            except Exception as error:
                reason = " ".join(str(error).split())[:300]
                found[key] = Done("failed", 0.0, 0, f"its job ended ({type(error).__name__}: {reason})")
        return found

    def close(self) -> None:
        """See `WorkerPool`."""
        for job in self._running.values():
            job.cancel()


def _lost(error: BaseException) -> Done:
    """A task that could not tell how it went: a log that cannot be written, a stage that leaves Python."""
    return Done("failed", 0.0, 0, f"{type(error).__name__}: {error}")


def _gpus() -> list[str]:
    """What may stand in CUDA_VISIBLE_DEVICES, one for each GPU that this process may use."""
    given = os.environ.get("CUDA_VISIBLE_DEVICES")
    if given is not None:
        devices = (device.strip() for device in given.split(","))
        return list(takewhile(lambda device: device not in ("", "-1"), devices))  # CUDA, too, stops at the first such
    import torch

    return [str(i) for i in range(torch.cuda.device_count())]


def _end(pid: int) -> None:
    """A worker, and the workers that its stage has started."""
    with suppress(psutil.NoSuchProcess):
        worker = psutil.Process(pid)
        for one in [*worker.children(recursive=True), worker]:
            with suppress(psutil.NoSuchProcess):
                one.terminate()

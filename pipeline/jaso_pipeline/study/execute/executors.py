"""Executors of tasks: local worker processes, cluster jobs, or this process.

A slot has one worker, which is reused for the next task, since importing torch takes longer than a small evaluation.
When the worker is killed, perhaps for its memory, only its task is lost and the slot gets a new worker.
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
from jaso_core.parallel.slurm import set_task_threads, warn_once_without_accounting
from jaso_pipeline.study.execute.worker import TaskOrder, TaskResult, initialize_worker, run_task

_MEMORY_PER_WORKER = 3 * 2**30
"""Bytes of free memory per CPU worker, when jobs=0."""

KILLED = "was killed, perhaps for its memory; the same command tries it again"


class WorkerPool(Protocol):
    """Protocol of an executor, as the scheduler needs it."""

    size: int

    def start(self, key: str, order: TaskOrder) -> None:
        """Start a task; there must be a free slot."""

    def collect(self) -> dict[str, TaskResult]:
        """Return {key: result} of the tasks that ended since the last call."""

    def close(self) -> None:
        """Stop all running tasks."""


class LocalPool:
    """Worker processes on this machine.

    `jobs` of them (0: as many as cores and memory allow); on GPUs one per GPU.
    """

    def __init__(self, jobs: int, *, cpu: bool) -> None:
        devices = [] if cpu else _visible_gpus()
        self.size = (
            jobs or len(devices) or max(1, min(cpu_count(), psutil.virtual_memory().available // _MEMORY_PER_WORKER))
        )
        self._devices = [devices[i % len(devices)] if devices else None for i in range(self.size)]
        self._pools: list[ProcessPoolExecutor | None] = [None] * self.size
        self._running: dict[str, tuple[int, Future[TaskResult]]] = {}

    def start(self, key: str, order: TaskOrder) -> None:
        """See `WorkerPool`."""
        busy = {slot for slot, _ in self._running.values()}
        slot = next(i for i in range(self.size) if i not in busy)
        pool = self._pools[slot] or self._new_pool(slot)
        try:
            future = pool.submit(run_task, order)
        except BrokenProcessPool:  # its worker died between two tasks
            pool = self._new_pool(slot)
            future = pool.submit(run_task, order)
        self._pools[slot] = pool
        self._running[key] = slot, future

    def collect(self) -> dict[str, TaskResult]:
        """See `WorkerPool`."""
        ended = {key: (slot, future) for key, (slot, future) in self._running.items() if future.done()}
        results = {}
        for key, (slot, future) in ended.items():
            del self._running[key]
            try:
                results[key] = future.result()
            except BrokenProcessPool:
                self._pools[slot] = None
                results[key] = TaskResult("failed", 0.0, 0, KILLED)
            except (Exception, SystemExit) as error:
                results[key] = _failure(error)
        return results

    def close(self) -> None:
        """See `WorkerPool`. Busy workers are terminated.

        What they had finished of their task is kept by its stage.
        """
        for pool in self._pools:
            if pool is None:
                continue
            for pid in list(pool._processes or ()) if self._running else ():
                _terminate(pid)
            pool.shutdown(wait=True, cancel_futures=True)

    def _new_pool(self, slot: int) -> ProcessPoolExecutor:
        # Spawn: a fork of a process with threads (torch, Kiwi) may hang, and torch would not see another device.
        threads = max(1, cpu_count() // self.size)
        arguments = (os.getpid(), self._devices[slot], threads)
        return ProcessPoolExecutor(1, get_context("spawn"), initializer=initialize_worker, initargs=arguments)


class InProcessPool:
    """Run tasks in this process, one after the other.

    No worker has to import torch first, and a debugger sees what a stage does.
    """

    size = 1

    def __init__(self) -> None:
        self._ended: dict[str, TaskResult] = {}

    def start(self, key: str, order: TaskOrder) -> None:
        """See `WorkerPool`. Returns when the task has ended."""
        argv = sys.argv
        try:
            self._ended[key] = run_task(order)
        except (Exception, SystemExit) as error:
            self._ended[key] = _failure(error)
        finally:
            sys.argv = argv

    def collect(self) -> dict[str, TaskResult]:
        """See `WorkerPool`."""
        ended, self._ended = self._ended, {}
        return ended

    def close(self) -> None:
        """See `WorkerPool`."""


class ClusterPool:
    """Jobs of submitit: `local` processes, or `slurm`.

    One job per task, as many at a time as the study has ready.
    """

    def __init__(self, kind: str, options: Mapping[str, Any], logs: Path, jobs: int) -> None:
        try:
            import submitit
        except ImportError:
            raise RequestError(f"launcher={kind} needs submitit", "pip install 'jaso[cluster]'") from None
        self.size = jobs or 1000
        warn_once_without_accounting()
        self._executor = submitit.AutoExecutor(logs, cluster=kind)
        self._executor.update_parameters(**{"timeout_min": 60 * 24, **options})
        self._running: dict[str, Any] = {}

    def start(self, key: str, order: TaskOrder) -> None:
        """See `WorkerPool`."""
        self._running[key] = self._executor.submit(_run_job, order)

    def collect(self) -> dict[str, TaskResult]:
        """See `WorkerPool`."""
        results = {}
        for key, job in list(self._running.items()):
            if not job.done():
                continue
            del self._running[key]
            try:
                results[key] = job.result()
            except Exception as error:
                reason = " ".join(str(error).split())[:300]
                results[key] = TaskResult("failed", 0.0, 0, f"its job ended ({type(error).__name__}: {reason})")
        return results

    def close(self) -> None:
        """See `WorkerPool`."""
        for job in self._running.values():
            job.cancel()


def _run_job(order: TaskOrder) -> TaskResult:
    """Run the task of one job, on the threads that the cluster gave it."""
    set_task_threads()
    return run_task(order)


def _failure(error: BaseException) -> TaskResult:
    """Return the result of a task that could not report its own.

    For example its log cannot be written, or its stage leaves Python.
    """
    return TaskResult("failed", 0.0, 0, f"{type(error).__name__}: {error}")


def _visible_gpus() -> list[str]:
    """Return a CUDA_VISIBLE_DEVICES value for each GPU that this process may use."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        devices = (device.strip() for device in visible.split(","))
        # stop at the first empty or negative device, as CUDA does
        return list(takewhile(lambda device: device not in ("", "-1"), devices))
    import torch

    return [str(i) for i in range(torch.cuda.device_count())]


def _terminate(pid: int) -> None:
    """Terminate a worker, and the processes that its stage has started."""
    with suppress(psutil.NoSuchProcess):
        worker = psutil.Process(pid)
        for process in [*worker.children(recursive=True), worker]:
            with suppress(psutil.NoSuchProcess):
                process.terminate()

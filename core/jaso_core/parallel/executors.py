"""Executors: run functions in this process or in worker processes.

Both are executors of `concurrent.futures`, and so is `cluster.ClusterExecutor`: the caller submits, and reads results
by `map`, `wait` or `as_completed`, wherever the work is done.
"""

from __future__ import annotations

import os
from bisect import insort
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures import Executor as StandardExecutor
from concurrent.futures import wait as wait_for
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import partial
from multiprocessing import get_context
from threading import Lock
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

import psutil

from jaso_core.errors import WorkError
from jaso_core.parallel.worker_init import init_worker

P = ParamSpec("P")
T = TypeVar("T")


class WorkerKilledError(WorkError):
    """The worker process of a call ended before the call did."""

    def __init__(self) -> None:
        super().__init__("a worker process was killed, for lack of memory perhaps", "the same command continues")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), ()


class Executor(StandardExecutor):
    """Executor with a size, calls submitted together, and an end to running calls."""

    size: int = 1
    """How many calls run at once."""

    def submit_all(self, function: Callable[..., T], *iterables: Iterable[Any]) -> list[Future[T]]:
        """Submit `function` for each tuple of arguments, as `map` takes them."""
        return [self.submit(function, *arguments) for arguments in zip(*iterables, strict=True)]

    def map(
        self, function: Callable[..., T], *iterables: Iterable[Any], timeout: float | None = None, chunksize: int = 1
    ) -> Iterator[T]:
        """Yield the results in the order of the arguments, as they come.

        An error drops the calls that wait.
        """
        del timeout, chunksize
        futures = self.submit_all(function, *iterables)
        try:
            for future in futures:
                yield future.result()
        finally:
            for future in futures:
                future.cancel()

    def terminate(self) -> None:
        """End running calls and drop waiting ones."""
        self.shutdown(cancel_futures=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for running calls; after an error drop those that wait."""
        self.shutdown(cancel_futures=error is not None)


class SerialExecutor(Executor):
    """Run each call at once, in this process.

    No worker has to import torch, and a debugger sees the call.
    """

    def submit(self, function: Callable[P, T], /, *arguments: P.args, **keywords: P.kwargs) -> Future[T]:
        """Call, then return a completed future. Only Ctrl-C is raised here."""
        future: Future[T] = Future()
        try:
            future.set_result(function(*arguments, **keywords))
        except (Exception, SystemExit) as error:
            future.set_exception(error)
        return future

    def map(
        self, function: Callable[..., T], *iterables: Iterable[Any], timeout: float | None = None, chunksize: int = 1
    ) -> Iterator[T]:
        """Call for one tuple of arguments after the other, as their results are asked for."""
        del timeout, chunksize
        yield from map(function, *iterables)


class ProcessExecutor(Executor):
    """Worker processes, each reused for the next call.

    Importing torch takes longer than a small evaluation. `size`: number of workers. `environments`: variables by
    worker, set before anything heavy is imported. `initializer`: called with `initargs` once in each. A killed
    worker loses only its own call, which raises WorkerKilledError, and is replaced.
    """

    def __init__(
        self,
        size: int,
        *,
        environments: Sequence[Mapping[str, str]] = ({},),
        initializer: Callable[..., object] | None = None,
        initargs: tuple[Any, ...] = (),
    ) -> None:
        self.size = size
        self._environments = environments
        self._initializer = initializer, initargs
        self._workers: list[_Worker | None] = [None] * size
        self._idle = list(range(size))
        self._queue: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._unfinished: set[Future[Any]] = set()
        self._lock = Lock()

    def submit(self, function: Callable[P, T], /, *arguments: P.args, **keywords: P.kwargs) -> Future[T]:
        """Queue a call; `function`, its arguments and its result are pickled."""
        future: Future[T] = Future()
        with self._lock:
            self._queue.append((future, partial(function, *arguments, **keywords)))
            self._unfinished.add(future)
        future.add_done_callback(self._unfinished.discard)
        self._start_queued()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Stop the workers. Running calls are waited for, also with `wait=False`."""
        if cancel_futures:
            self._drop_queued()
        with self._lock:
            unfinished = list(self._unfinished)
        wait_for(unfinished)
        for worker in self._workers:
            if worker is not None:
                worker.pool.shutdown(wait=True)

    def terminate(self) -> None:
        """Kill the workers whose calls run, with the processes that these have started."""
        self._drop_queued()
        busy = [worker for slot, worker in enumerate(self._workers) if worker is not None and slot not in self._idle]
        for worker in busy:
            with suppress(BrokenProcessPool):
                _terminate(worker.pid.result())
            worker.pool.shutdown(wait=True)
        self.shutdown()

    def _drop_queued(self) -> None:
        with self._lock:
            futures = [future for future, _ in self._queue]
            self._queue.clear()
            self._unfinished.difference_update(futures)
        for future in futures:
            future.cancel()

    def _start_queued(self) -> None:
        """Give queued calls to idle workers, the lowest first."""
        while True:
            with self._lock:
                if not (self._idle and self._queue):
                    return
                future, call = self._queue.popleft()
                if not future.set_running_or_notify_cancel():
                    continue
                slot = self._idle.pop(0)
                running = self._submit_to(slot, call)
            running.add_done_callback(partial(self._finish, slot, future))

    def _submit_to(self, slot: int, call: Callable[[], Any]) -> Future[Any]:
        worker = self._workers[slot] or self._new_worker(slot)
        self._workers[slot] = worker
        try:
            return worker.pool.submit(call)
        except BrokenProcessPool:  # it died between two calls
            worker = self._workers[slot] = self._new_worker(slot)
            return worker.pool.submit(call)

    def _finish(self, slot: int, future: Future[Any], running: Future[Any]) -> None:
        error = CancelledError() if running.cancelled() else running.exception()
        is_killed = isinstance(error, BrokenProcessPool)
        with self._lock:
            if is_killed:
                self._workers[slot] = None
            insort(self._idle, slot)
        if error is None:
            future.set_result(running.result())
        else:
            future.set_exception(WorkerKilledError() if is_killed else error)
        self._start_queued()

    def _new_worker(self, slot: int) -> _Worker:
        environment = self._environments[slot % len(self._environments)]
        return _Worker((os.getpid(), dict(environment), *self._initializer))


class _Worker:
    """One worker process, in a pool of its own: a pool loses the calls of all."""

    def __init__(self, arguments: tuple[Any, ...]) -> None:
        # Spawned, not forked: a fork of a process with threads (Arrow, Kiwi, torch) may hang, and torch would not see
        # another device.
        self.pool = ProcessPoolExecutor(1, get_context("spawn"), initializer=init_worker, initargs=arguments)
        self.pid = self.pool.submit(os.getpid)


def _terminate(pid: int) -> None:
    with suppress(psutil.NoSuchProcess):
        worker = psutil.Process(pid)
        for process in [*worker.children(recursive=True), worker]:
            with suppress(psutil.NoSuchProcess):
                process.terminate()

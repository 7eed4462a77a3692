"""Cluster executor: jobs of submitit, on Slurm or on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from pathlib import Path
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

from jaso_core.errors import JasoError, RequestError, WorkError
from jaso_core.parallel.executors import Executor
from jaso_core.parallel.slurm import set_task_threads, warn_once_without_accounting

if TYPE_CHECKING:
    from submitit import Job
    from submitit.helpers import DelayedSubmission

P = ParamSpec("P")
T = TypeVar("T")

CLUSTERS = ("local", "slurm")
_POLL_SECONDS = 0.2  # between looks at the jobs


class JobEndedError(WorkError):
    """A job ended without a result: killed, out of time, or its call raised.

    `reason` is submitit's, in one line.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"a job ended ({reason})", "the same command continues")
        self.reason = reason

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.reason,)


class ClusterExecutor(Executor):
    """Jobs of submitit: `local` processes, or `slurm`.

    `options`: submitit's parameters (`timeout_min`, `slurm_partition` …). `logs`: the folder of the jobs' files, seen
    by all nodes. `size`: how many jobs the caller should have at once; the cluster may run fewer. Leaving the block
    does not end the jobs: a cluster goes on without the command. RequestError without submitit: `asked` is the key
    that chose it.
    """

    def __init__(
        self, cluster: str, options: Mapping[str, Any], logs: Path, *, asked: str, name: str = "jaso", size: int = 1000
    ) -> None:
        try:
            import submitit
        except ModuleNotFoundError:
            raise RequestError(f"{asked}={cluster} needs submitit", "pip install 'jaso[cluster]'") from None
        warn_once_without_accounting()
        at_start = {key: value for key, value in options.items() if key.endswith("max_num_timeout")}
        self._submitit = submitit.AutoExecutor(folder=logs, cluster=cluster, **at_start)
        self._submitit.update_parameters(
            name=name, **{key: value for key, value in options.items() if key not in at_start}
        )
        self.size = size
        self._jobs: dict[Future[Any], Job[Any]] = {}
        self._lock = Lock()
        self._closed = Event()
        self._watcher: Thread | None = None

    def submit(self, function: Callable[P, T], /, *arguments: P.args, **keywords: P.kwargs) -> Future[T]:
        """Submit one job."""
        (future,) = self._watch([self._submitit.submit(_Call(function), *arguments, **keywords)])
        return future

    def submit_all(self, function: Callable[..., T], *iterables: Iterable[Any]) -> list[Future[T]]:
        """Submit a job for each tuple of arguments, as one job array."""
        return self._watch(self._submitit.map_array(_Call(function), *iterables))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Stop looking at the jobs; they go on."""
        del wait, cancel_futures
        self._closed.set()
        if self._watcher is not None:
            self._watcher.join()

    def terminate(self) -> None:
        """Cancel all jobs that have not ended."""
        self.shutdown()
        for job in self._jobs.values():
            job.cancel()

    def _watch(self, jobs: Iterable[Job[Any]]) -> list[Future[Any]]:
        futures: dict[Future[Any], Job[Any]] = {Future(): job for job in jobs}
        for future in futures:
            future.set_running_or_notify_cancel()
        with self._lock:
            self._jobs.update(futures)
            if self._watcher is None:
                self._watcher = Thread(target=self._poll, name="jaso-cluster", daemon=True)
                self._watcher.start()
        return list(futures)

    def _poll(self) -> None:
        while not self._closed.wait(_POLL_SECONDS):
            with self._lock:
                jobs = dict(self._jobs)
            for future, job in jobs.items():
                if job.done():
                    _complete(future, job)
                    with self._lock:
                        del self._jobs[future]


class _Call(Generic[T]):
    """The call of a job, on the threads that the cluster gave it."""

    def __init__(self, function: Callable[..., T]) -> None:
        self.function = function

    def __call__(self, *arguments: Any, **keywords: Any) -> T | _Fault:
        set_task_threads()
        try:
            return self.function(*arguments, **keywords)
        except JasoError as error:
            return _Fault(error)

    def checkpoint(self, *arguments: Any, **keywords: Any) -> DelayedSubmission:
        """Have submitit start a job again that ran out of time.

        Its stage goes on from its checkpoint.
        """
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self, *arguments, **keywords)


class _Fault:
    """A user's mistake as a value.

    submitit would wrap the error into a page of traces.
    """

    def __init__(self, error: JasoError) -> None:
        self.error = error


def _complete(future: Future[Any], job: Job[Any]) -> None:
    try:
        value = job.result()
    except Exception as error:
        reason = " ".join(str(error).split())[:300]
        future.set_exception(JobEndedError(f"{type(error).__name__}: {reason}"))
        return
    if isinstance(value, _Fault):
        future.set_exception(value.error)
    else:
        future.set_result(value)

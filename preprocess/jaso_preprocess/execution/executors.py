"""Who works on the shards: this process, one process for each core, or the jobs of a cluster."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from jaso_core.console import bar
from jaso_core.errors import JasoError, RequestError, WorkError
from jaso_core.parallel.cpu_count import cpu_count
from jaso_core.parallel.worker_init import init_worker
from jaso_preprocess.execution.shards import Shard
from jaso_preprocess.execution.worker import Task, work_on

CLUSTERS = ("local", "slurm")


def work_on_all(
    task: Task, shards: Sequence[Shard], workers: int, cluster: str | None, options: dict[str, Any], jobs: Path
) -> None:
    """Brings every shard's folder to completeness; the first shard (in their order) that fails says why.

    `workers`: how many at once, 0 for one each core. `cluster`: who starts them (see `CLUSTERS`), None for processes
    of this machine; `options` are for the cluster (partition, memory, time), `jobs` is where it keeps its logs.
    """
    todo = [shard for shard in shards if not task.is_done(shard)]
    workers = min(workers or cpu_count(), len(todo))
    if cluster is not None and todo:
        done = _by_cluster(task, todo, workers, cluster, options, jobs)
    elif workers > 1:
        done = _by_processes(task, todo, workers)
    else:
        done = _here(task, todo)
    total = sum(shard.documents for shard in shards)
    with bar(total, "cleaning", "documents", total - sum(shard.documents for shard in todo)) as shown:
        for documents in done:
            shown.update(documents)


def _here(task: Task, shards: Sequence[Shard]) -> Iterator[int]:
    for shard in shards:
        work_on(task, shard)
        yield shard.documents


def _by_processes(task: Task, shards: Sequence[Shard], workers: int) -> Iterator[int]:
    # Spawned, not forked: a fork of a process that has threads (Arrow, Kiwi) may hang.
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=init_worker, initargs=(os.getpid(),)) as pool:
        waiting = [pool.submit(work_on, task, shard) for shard in shards]
        try:
            for shard, future in zip(shards, waiting, strict=True):
                future.result()
                yield shard.documents
        except BrokenProcessPool as error:
            raise WorkError(
                "a worker process was killed, for lack of memory perhaps",
                "run the same command with a smaller workers=: it continues",
            ) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _by_cluster(
    task: Task, shards: Sequence[Shard], workers: int, cluster: str, options: dict[str, Any], jobs: Path
) -> Iterator[int]:
    try:
        import submitit
    except ModuleNotFoundError:
        raise RequestError(f"cluster={cluster} needs submitit", "pip install 'jaso[cluster]'") from None
    executor = submitit.AutoExecutor(folder=jobs, cluster=cluster)
    executor.update_parameters(name="jaso-preprocess", **options)
    shares = [list(shards[start::workers]) for start in range(workers)]
    for job, share in zip(executor.map_array(_work_on_share, [task] * workers, shares), shares, strict=True):
        trouble = job.result()
        if trouble is not None:
            raise trouble
        yield sum(shard.documents for shard in share)


def _work_on_share(task: Task, shards: Sequence[Shard]) -> JasoError | None:
    """One job's shards. A person's mistake comes back as a value: submitit would wrap it into a page of traces."""
    try:
        for shard in shards:
            work_on(task, shard)
    except JasoError as error:
        return error
    return None

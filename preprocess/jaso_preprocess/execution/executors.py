"""Executors of shards: this process, a process for each core, or cluster jobs."""

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
from jaso_core.parallel.slurm import set_task_threads, warn_once_without_accounting
from jaso_core.parallel.worker_init import init_worker
from jaso_preprocess.execution.shards import Shard
from jaso_preprocess.execution.worker import Task, process_shard

CLUSTERS = ("local", "slurm")


def process_shards(
    task: Task, shards: Sequence[Shard], workers: int, cluster: str | None, options: dict[str, Any], jobs: Path
) -> None:
    """Complete the folder of every shard.

    The error of the first shard (in their order) that fails is raised. `workers`: how many at once, 0 for one each
    core. `cluster`: who starts them (see `CLUSTERS`), None for processes of this machine; `options` are for the cluster
    (partition, memory, time), `jobs` is the folder of its logs.
    """
    todo = [shard for shard in shards if not task.is_done(shard)]
    workers = min(workers or cpu_count(), len(todo))
    if cluster is not None and todo:
        finished = _by_cluster(task, todo, workers, cluster, options, jobs)
    elif workers > 1:
        finished = _by_processes(task, todo, workers)
    else:
        finished = _in_this_process(task, todo)
    total = sum(shard.documents for shard in shards)
    with bar(total, "cleaning", "documents", total - sum(shard.documents for shard in todo)) as progress_bar:
        for documents in finished:
            progress_bar.update(documents)


def _in_this_process(task: Task, shards: Sequence[Shard]) -> Iterator[int]:
    for shard in shards:
        process_shard(task, shard)
        yield shard.documents


def _by_processes(task: Task, shards: Sequence[Shard], workers: int) -> Iterator[int]:
    # Spawned, not forked: a fork of a process that has threads (Arrow, Kiwi) may hang.
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=init_worker, initargs=(os.getpid(),)) as pool:
        waiting = [pool.submit(process_shard, task, shard) for shard in shards]
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
    warn_once_without_accounting()
    executor = submitit.AutoExecutor(folder=jobs, cluster=cluster)
    executor.update_parameters(name="jaso-preprocess", **options)
    shards_by_job = [list(shards[start::workers]) for start in range(workers)]
    for job, job_shards in zip(
        executor.map_array(_process_job, [task] * workers, shards_by_job), shards_by_job, strict=True
    ):
        error = job.result()
        if error is not None:
            raise error
        yield sum(shard.documents for shard in job_shards)


def _process_job(task: Task, shards: Sequence[Shard]) -> JasoError | None:
    """Process the shards of one job.

    A user's mistake is returned as a value: submitit would wrap it into a page of traces.
    """
    set_task_threads()
    try:
        for shard in shards:
            process_shard(task, shard)
    except JasoError as error:
        return error
    return None

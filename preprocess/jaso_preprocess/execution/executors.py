"""Executors of shards: this process, a process for each core, or cluster jobs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jaso_core.console import bar
from jaso_core.errors import WorkError
from jaso_core.parallel.cluster import ClusterExecutor
from jaso_core.parallel.cpu_count import cpu_count
from jaso_core.parallel.executors import Executor, ProcessExecutor, SerialExecutor, WorkerKilledError
from jaso_preprocess.execution.shards import Shard
from jaso_preprocess.execution.worker import Task, process_shard


def process_shards(
    task: Task, shards: Sequence[Shard], workers: int, cluster: str | None, options: dict[str, Any], jobs: Path
) -> None:
    """Complete the folder of every shard.

    The error of the first shard (in their order) that fails is raised. `workers`: how many at once, 0 for one each
    core. `cluster`: who starts them (of CLUSTERS), None for processes of this machine; `options` are for the cluster
    (partition, memory, time), `jobs` is the folder of its logs.
    """
    todo = [shard for shard in shards if not task.is_done(shard)]
    if not todo:
        return
    workers = min(workers or cpu_count(), len(todo))
    # A job waits long in the queue of a cluster: one for each worker, with all its shards.
    groups = [[shard] for shard in todo] if cluster is None else [list(todo[i::workers]) for i in range(workers)]
    total = sum(shard.documents for shard in shards)
    try:
        with (
            bar(total, "cleaning", "documents", total - sum(shard.documents for shard in todo)) as progress_bar,
            _executor(workers, cluster, options, jobs) as executor,
        ):
            for documents in executor.map(_process, [task] * len(groups), groups):
                progress_bar.update(documents)
    except WorkerKilledError as error:
        raise WorkError(error.what, "run the same command with a smaller workers=: it continues") from error


def _executor(workers: int, cluster: str | None, options: dict[str, Any], jobs: Path) -> Executor:
    if cluster is not None:
        return ClusterExecutor(cluster, options, jobs, asked="cluster", name="jaso-preprocess")
    return ProcessExecutor(workers) if workers > 1 else SerialExecutor()


def _process(task: Task, shards: Sequence[Shard]) -> int:
    """Process shards and return how many documents they hold."""
    for shard in shards:
        process_shard(task, shard)
    return sum(shard.documents for shard in shards)

"""Schedule the missing tasks of a grid; a failure stops only its dependents."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from jaso_core.stage.manifest import read_manifest
from jaso_pipeline.study.execute.event_log import EventLog
from jaso_pipeline.study.execute.executors import WorkerPool
from jaso_pipeline.study.execute.progress_table import DONE, FAILED, RUNNING, WAITING, ProgressTable
from jaso_pipeline.study.execute.worker import TaskOrder, TaskResult
from jaso_pipeline.study.plan.grid import Grid, Task

LOGS = "logs"
_POLL_SECONDS = 0.2  # between checks of the running tasks


def run_grid(grid: Grid, workers: WorkerPool, event_log: EventLog, argv: Sequence[str], logs: Path) -> dict[str, str]:
    """Run the grid; return {key: error} of the failed tasks and their dependents.

    A task runs when its inputs are complete. Whether its own folder is complete already, in which case nothing is done,
    is decided by the stage: it compares request and inputs.
    """
    progress = ProgressTable(grid)
    errors: dict[str, str] = {}
    durations = _TaskDurations()
    try:
        with progress.display():
            while True:
                _fail_dependents(grid, progress, errors)
                # start as many ready tasks as there are free workers
                for task in _ready(grid, progress)[: workers.size - _count(progress, RUNNING)]:
                    event_log.write(event="begun", stage=task.stage, folder=task.folder.name, cells=task.cells)
                    progress.update(task.key, RUNNING)
                    workers.start(
                        task.key, TaskOrder(task.stage, task.settings, tuple(argv), logs / f"{task.name}.log")
                    )
                if not _count(progress, RUNNING):
                    return errors
                results = workers.collect()
                for key, result in results.items():
                    _record_end(grid.tasks[key], result, progress, event_log, errors)
                    durations.add(grid.tasks[key], result)
                    progress.seconds_left = durations.seconds_left(grid, progress, workers.size)
                if not results:
                    time.sleep(_POLL_SECONDS)
    finally:
        workers.close()


def is_complete(task: Task) -> bool:
    """Return whether the folder is complete.

    Whether it is complete for this very request is decided by the stage.
    """
    return task.folder.is_dir() and read_manifest(task.folder) is not None


def _ready(grid: Grid, progress: ProgressTable) -> list[Task]:
    return [
        task
        for key, task in grid.tasks.items()
        if progress.states[key] == WAITING and all(progress.states[source] == DONE for source in task.inputs.values())
    ]


def _count(progress: ProgressTable, state: str) -> int:
    return sum(value == state for value in progress.states.values())


def _fail_dependents(grid: Grid, progress: ProgressTable, errors: dict[str, str]) -> None:
    for key, task in grid.tasks.items():  # in topological order: inputs come first
        failed = [source for source in task.inputs.values() if progress.states[source] == FAILED]
        if failed and progress.states[key] == WAITING:
            errors[key] = f"{grid.tasks[failed[0]].name} failed"
            progress.update(key, FAILED, errors[key])


def _record_end(
    task: Task, result: TaskResult, progress: ProgressTable, event_log: EventLog, errors: dict[str, str]
) -> None:
    facts = {"seconds": round(result.seconds, 1), "memory": result.memory, "outcome": result.outcome}
    if result.error is not None:
        errors[task.key] = result.error
        facts["error"] = result.error
    event_log.write(event="ended", stage=task.stage, folder=task.folder.name, **facts)
    summary = result.error or f"{result.outcome}, {result.seconds:.0f} s"
    progress.update(task.key, FAILED if result.error is not None else DONE, summary)


class _TaskDurations:
    """Durations of tasks by stage; only tasks of this run that were not complete."""

    def __init__(self) -> None:
        self._seconds: dict[str, list[float]] = {}

    def add(self, task: Task, result: TaskResult) -> None:
        if result.error is None and result.outcome != "unchanged":
            self._seconds.setdefault(task.stage, []).append(result.seconds)

    def seconds_left(self, grid: Grid, progress: ProgressTable, workers: int) -> float | None:
        """Estimate the seconds left from the mean of each stage.

        None while a stage is pending without any known duration.
        """
        total, tasks = 0.0, 0
        for key, task in grid.tasks.items():
            if progress.states[key] in (DONE, FAILED) or is_complete(task):
                continue
            durations = self._seconds.get(task.stage)
            if not durations:
                return None
            total += sum(durations) / len(durations)
            tasks += 1
        return total / max(1, min(workers, tasks))

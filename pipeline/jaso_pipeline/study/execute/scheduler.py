"""Schedule the missing tasks of a grid; a failure stops only its dependents."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from pathlib import Path

from jaso_core.parallel.executors import Executor
from jaso_core.stage.manifest import read_manifest
from jaso_pipeline.study.execute.event_log import EventLog
from jaso_pipeline.study.execute.progress_table import DONE, FAILED, RUNNING, WAITING, ProgressTable
from jaso_pipeline.study.execute.worker import TaskOrder, TaskResult, run_task, task_result
from jaso_pipeline.study.plan.grid import Grid, Task

LOGS = "logs"


def run_grid(
    grid: Grid, executor: Executor, event_log: EventLog, verb: str, arguments: Sequence[str], logs: Path
) -> dict[str, str]:
    """Run the grid; return {key: error} of the failed tasks and their dependents.

    A task runs when its inputs are complete. Whether its own folder is complete already, in which case nothing is done,
    is decided by the stage: it compares request and inputs. Manifests record `jaso <verb> <arguments>`. Leaving by an
    error or Ctrl-C ends the running tasks.
    """
    progress = ProgressTable(grid)
    errors: dict[str, str] = {}
    durations = _TaskDurations()
    running: dict[Future[TaskResult], Task] = {}
    try:
        with progress.display():
            while True:
                _fail_dependents(grid, progress, errors)
                # start as many ready tasks as there are free workers
                for task in _ready(grid, progress)[: executor.size - len(running)]:
                    event_log.write(event="begun", stage=task.stage, folder=task.folder.name, cells=task.cells)
                    progress.update(task.key, RUNNING)
                    order = TaskOrder(task.stage, task.settings, verb, tuple(arguments), logs / f"{task.name}.log")
                    running[executor.submit(run_task, order)] = task
                if not running:
                    return errors
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    task, result = running.pop(future), task_result(future)
                    _record_end(task, result, progress, event_log, errors)
                    durations.add(task, result)
                    progress.seconds_left = durations.seconds_left(grid, progress, executor.size)
    finally:
        executor.terminate()


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

"""Runs what is missing of a grid, as far as it goes: what one failed cell needs alone does not stop the others."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from jaso_core.stage.manifest import read_manifest
from jaso_pipeline.study.execute.event_log import EventLog
from jaso_pipeline.study.execute.executors import WorkerPool
from jaso_pipeline.study.execute.progress_table import DONE, FAILED, RUNNING, WAITING, ProgressTable
from jaso_pipeline.study.execute.worker import Done, Order
from jaso_pipeline.study.plan.grid import Grid, Task

LOGS = "logs"
_LOOK = 0.2  # seconds between looks at what runs


def run_grid(grid: Grid, slots: WorkerPool, ledger: EventLog, argv: Sequence[str], logs: Path) -> dict[str, str]:
    """By key, the errors of the tasks that failed, those that waited for them included.

    A task runs when its inputs are complete. Whether its folder is complete already, in which case nothing is done, is
    for the stage to say: it compares request and inputs.
    """
    board = ProgressTable(grid)
    errors: dict[str, str] = {}
    pace = _Pace()
    try:
        with board.shown():
            while True:
                _give_up_dependents(grid, board, errors)
                for task in _ready(grid, board)[: slots.size - _count(board, RUNNING)]:
                    ledger.write(event="begun", stage=task.stage, folder=task.folder.name, cells=task.cells)
                    board.tell(task.key, RUNNING)
                    slots.start(task.key, Order(task.stage, task.settings, tuple(argv), logs / f"{task.name}.log"))
                if not _count(board, RUNNING):
                    return errors
                ended = slots.finished()
                for key, done in ended.items():
                    _end(grid.tasks[key], done, board, ledger, errors)
                    pace.add(grid.tasks[key], done)
                    board.left = pace.left(grid, board, slots.size)
                if not ended:
                    time.sleep(_LOOK)
    finally:
        slots.close()


def is_made(task: Task) -> bool:
    """Whether the folder is complete; whether for this very request, its stage will say."""
    return task.folder.is_dir() and read_manifest(task.folder) is not None


def _ready(grid: Grid, board: ProgressTable) -> list[Task]:
    return [
        task
        for key, task in grid.tasks.items()
        if board.states[key] == WAITING and all(board.states[source] == DONE for source in task.inputs.values())
    ]


def _count(board: ProgressTable, state: str) -> int:
    return sum(found == state for found in board.states.values())


def _give_up_dependents(grid: Grid, board: ProgressTable, errors: dict[str, str]) -> None:
    for key, task in grid.tasks.items():  # in order: what a task needs stands before it
        lost = [source for source in task.inputs.values() if board.states[source] == FAILED]
        if lost and board.states[key] == WAITING:
            errors[key] = f"{grid.tasks[lost[0]].name} failed"
            board.tell(key, FAILED, errors[key])


def _end(task: Task, done: Done, board: ProgressTable, ledger: EventLog, errors: dict[str, str]) -> None:
    facts = {"seconds": round(done.seconds, 1), "memory": done.memory, "outcome": done.outcome}
    if done.error is not None:
        errors[task.key] = done.error
        facts["error"] = done.error
    ledger.write(event="ended", stage=task.stage, folder=task.folder.name, **facts)
    what = done.error or f"{done.outcome}, {done.seconds:.0f} s"
    board.tell(task.key, FAILED if done.error is not None else DONE, what)


class _Pace:
    """How long tasks take, by stage: those of this run that were not there already."""

    def __init__(self) -> None:
        self._seconds: dict[str, list[float]] = {}

    def add(self, task: Task, done: Done) -> None:
        if done.error is None and done.outcome != "unchanged":
            self._seconds.setdefault(task.stage, []).append(done.seconds)

    def left(self, grid: Grid, board: ProgressTable, workers: int) -> float | None:
        """Seconds, from the mean of each stage; None while a stage is to come of which nothing is known."""
        total, tasks = 0.0, 0
        for key, task in grid.tasks.items():
            if board.states[key] in (DONE, FAILED) or is_made(task):
                continue
            known = self._seconds.get(task.stage)
            if not known:
                return None
            total += sum(known) / len(known)
            tasks += 1
        return total / max(1, min(workers, tasks))

"""Run one task, in any process, with its output in a log file."""

from __future__ import annotations

import resource
import time
from concurrent.futures import Future
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaso_core.console import say_traceback, visible
from jaso_core.errors import JasoError
from jaso_core.io.links import append_text
from jaso_core.parallel.cluster import JobEndedError
from jaso_core.parallel.executors import WorkerKilledError
from jaso_core.stage.command import recorded_command


@dataclass(frozen=True)
class TaskOrder:
    """One task for a worker.

    `verb` and `arguments`: the command that manifests record.
    """

    stage: str
    settings: Any
    verb: str
    arguments: tuple[str, ...]
    log: Path


@dataclass(frozen=True)
class TaskResult:
    """Result of a task: `error` in one line, or None.

    `memory` is the worker's peak in bytes, including earlier tasks.
    """

    outcome: str
    seconds: float
    memory: int
    error: str | None = None


def run_task(order: TaskOrder) -> TaskResult:
    """Run the stage.

    Errors are returned, not raised, so that they cross processes whole.
    """
    from jaso_pipeline.cli.commands import VERBS

    order.log.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    outcome, error = "failed", None
    with append_text(order.log, buffering=1) as log, redirect_stdout(log), redirect_stderr(log):
        try:
            with recorded_command(order.verb, order.arguments):
                outcome = VERBS[order.stage].load().run(order.settings).value
        except JasoError as fault:
            error = str(fault)
        except Exception as fault:
            say_traceback(fault)
            error = f"{type(fault).__name__}: {(str(fault).splitlines() or [''])[0]}; see {order.log}"
        if error is not None:
            log.write(visible(f"error: {error}") + "\n")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return TaskResult(outcome, time.monotonic() - started, peak, error)


KILLED = "was killed, perhaps for its memory; the same command tries it again"


def task_result(future: Future[TaskResult]) -> TaskResult:
    """Return the result of a task that has ended.

    Also of one that could not report its own: its worker was killed, its log cannot be written, or its stage leaves
    Python.
    """
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, WorkerKilledError):
        message = KILLED
    elif isinstance(error, JobEndedError):
        message = f"its job ended ({error.reason})"
    else:
        message = f"{type(error).__name__}: {error}"
    return TaskResult("failed", 0.0, 0, message)

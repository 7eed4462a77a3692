"""Run one task in a worker process, with its output in a log file."""

from __future__ import annotations

import os
import resource
import sys
import time
import traceback
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaso_core.errors import JasoError
from jaso_core.parallel.worker_init import init_worker


@dataclass(frozen=True)
class TaskOrder:
    """One task for a worker. `argv` is the command that manifests record."""

    stage: str
    settings: Any
    argv: tuple[str, ...]
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


def initialize_worker(parent: int, device: str | None, threads: int) -> None:
    """Set device and threads of a new worker, before anything heavy is imported."""
    init_worker(parent)
    os.environ["OMP_NUM_THREADS"] = str(threads)
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    if device is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = device


def run_task(order: TaskOrder) -> TaskResult:
    """Run the stage.

    Errors are returned, not raised, so that they cross processes whole.
    """
    from jaso_pipeline.cli.commands import VERBS

    sys.argv = list(order.argv)
    order.log.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    outcome, error = "failed", None
    with order.log.open("a", encoding="utf-8", buffering=1) as log, redirect_stdout(log), redirect_stderr(log):
        try:
            outcome = VERBS[order.stage].load().run(order.settings).value
        except JasoError as fault:
            error = str(fault)
        except Exception as fault:
            traceback.print_exc()
            error = f"{type(fault).__name__}: {(str(fault).splitlines() or [''])[0]}; see {order.log}"
        if error is not None:
            log.write(f"error: {error}\n")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return TaskResult(outcome, time.monotonic() - started, peak, error)

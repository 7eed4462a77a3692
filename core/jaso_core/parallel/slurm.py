"""Slurm: threads of a task, and submitit without accounting (`sacct`)."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress

from jaso_core.compat.submitit import update_jobs_only_if
from jaso_core.console import say
from jaso_core.parallel.cpu_count import cpu_count, cpus_per_task

_DISABLED = "accounting storage is disabled"
"""What `sacct` prints where the cluster keeps no accounts."""

NO_ACCOUNTING = (
    "slurm: this cluster has no accounting (sacct), so only the results of jobs are looked for;"
    " a job that is killed is not noticed: see squeue"
)


def set_task_threads() -> None:
    """Set the threads of OpenMP and torch to the CPUs of this Slurm task.

    Called first in a job. Where Slurm does not bind a task to its CPUs, each job would take all cores of the node, and
    jobs whose threads wait for each other are many times slower. `OMP_NUM_THREADS` may ask for fewer. No-op outside of
    Slurm.
    """
    if cpus_per_task() is None:
        return
    threads, asked = cpu_count(), os.environ.get("OMP_NUM_THREADS", "")
    if asked.isdecimal() and int(asked) > 0:
        threads = min(threads, int(asked))
    os.environ["OMP_NUM_THREADS"] = str(threads)
    if "torch" in sys.modules:  # it has read the variable already
        import torch

        torch.set_num_threads(threads)


def warn_once_without_accounting() -> None:
    """Let submitit call `sacct` only where the cluster has accounting.

    Where it has none, one line says so; submitit would warn at each look at a job, and `sacct` beside it. To be called
    before jobs are submitted.
    """
    has_accounting: bool | None = None

    def can_ask() -> bool:
        nonlocal has_accounting
        if has_accounting is None:
            has_accounting = _has_accounting()
            if not has_accounting:
                say(NO_ACCOUNTING)
        return has_accounting

    update_jobs_only_if(can_ask)


def _has_accounting() -> bool:
    """Return whether `sacct` works, or fails for a reason that may pass."""
    with suppress(OSError):
        asked = subprocess.run(["sacct", "--noheader", "--jobs=0"], capture_output=True, text=True, check=False)
        return _DISABLED not in asked.stderr
    return False

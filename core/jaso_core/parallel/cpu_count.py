"""CPU count: how many processes or threads are worth starting."""

from __future__ import annotations

import os


def cpu_count() -> int:
    """Return the number of CPU cores that this process may use.

    A container, `taskset` or Slurm limits them; the machine may have more.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, cpus_per_task() or cores)


def cpus_per_task() -> int | None:
    """Return the number of CPUs that this task asked Slurm for, or None.

    Not every cluster binds a task to its CPUs: the process may see all of the node.
    """
    cpus = os.environ.get("SLURM_CPUS_PER_TASK", "")
    return int(cpus) if cpus.isdecimal() and int(cpus) > 0 else None


def cpus_each(workers: int) -> int:
    """Return how many CPU cores each of several workers may use; 1 or more."""
    return max(1, cpu_count() // workers)

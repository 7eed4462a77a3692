"""CPU count: how many processes or threads are worth starting."""

from __future__ import annotations

import os


def cpu_count() -> int:
    """Return the number of CPU cores that this process may use.

    A container or `taskset` limits them; the machine may have more.
    """
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

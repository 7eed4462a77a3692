"""How many processes or threads are worth starting."""

from __future__ import annotations

import os


def cores() -> int:
    """Processor cores that this process may use, which a container or `taskset` limits; not those of the machine."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

"""Free memory and free disk space, of this machine or of its container."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

import psutil

_CGROUP = Path("/sys/fs/cgroup")


def free_memory() -> int:
    """Return bytes of memory that may still be taken, by the container's limit too."""
    free = int(psutil.virtual_memory().available)
    with suppress(OSError, ValueError):  # no container, or "max": no limit
        limit = int((_CGROUP / "memory.max").read_text())
        free = min(free, limit - int((_CGROUP / "memory.current").read_text()))
    return max(0, free)


def free_disk(folder: Path) -> int:
    """Return free bytes of the file system of an existing folder."""
    return shutil.disk_usage(folder).free

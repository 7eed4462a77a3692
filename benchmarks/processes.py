"""What processes of a benchmark may take, and what they took."""

from __future__ import annotations

import os
import threading
import time

import psutil


def keep_to(cores: int | None) -> str:
    """Binds this process, and those that it starts, to the first `cores` (None: all) that it has; returns their number
    as the threads' variables take it. Libraries neither ask the network nor draw bars."""
    kept = sorted(os.sched_getaffinity(0))[:cores]
    os.sched_setaffinity(0, kept)
    threads = str(len(kept))
    os.environ.update(OMP_NUM_THREADS=threads, MKL_NUM_THREADS=threads, HF_HUB_OFFLINE="1")
    os.environ.update(TOKENIZERS_PARALLELISM="false", HF_HUB_DISABLE_PROGRESS_BARS="1")
    return threads


class Watch:
    """Watches what a process and its children hold together; looks ten times a second."""

    def __init__(self, pid: int) -> None:
        self.peak = 0
        self._times: dict[int, float] = {}
        self._process = psutil.Process(pid)
        threading.Thread(target=self._watch, daemon=True).start()

    def processor(self) -> float:
        """Seconds of processor, up to a tenth of a second for each process."""
        return sum(self._times.values())

    def _watch(self) -> None:
        while self._process.is_running():
            held = 0
            try:
                for one in [self._process, *self._process.children(recursive=True)]:
                    held += one.memory_info().rss
                    used = one.cpu_times()
                    self._times[one.pid] = used.user + used.system
            except psutil.Error:
                pass
            self.peak = max(self.peak, held)
            time.sleep(0.1)

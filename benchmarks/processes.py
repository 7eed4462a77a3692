"""What a process and its children take together, watched from outside."""

from __future__ import annotations

import threading
import time

import psutil


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

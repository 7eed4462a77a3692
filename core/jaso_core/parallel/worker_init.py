"""What every worker process does first."""

from __future__ import annotations

import os
import signal
import threading
import time

_LOOK = 0.3  # seconds between looks whether the parent is still there


def begin_worker(parent: int) -> None:
    """A worker leaves Ctrl-C to its parent, and does not outlive it: it would go on writing to a folder that the same
    command, started anew, then could not have."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()


def _leave_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK)
    os._exit(1)

"""Worker process initialisation: signals, environment, exit with the parent."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

_POLL_SECONDS = 0.3  # between two checks that the parent is alive


def init_worker(
    parent: int,
    environment: Mapping[str, str] | None = None,
    initializer: Callable[..., object] | None = None,
    initargs: tuple[Any, ...] = (),
) -> None:
    """Ignore Ctrl-C, which the parent handles, and exit when the parent is gone.

    A worker that outlived its parent would go on writing to a folder, which the same command, started again, then
    could not lock. `environment` is set before `initializer(*initargs)` is called.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_exit_with_parent, args=(parent,), daemon=True).start()
    os.environ.update(environment or {})
    if initializer is not None:
        initializer(*initargs)


def _exit_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_POLL_SECONDS)
    os._exit(1)

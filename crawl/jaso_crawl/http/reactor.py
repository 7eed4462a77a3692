"""One Twisted reactor per process, in its own thread.

A reactor cannot be started twice, and a process may crawl several times (two stages, a test run, a web application). So
it is started once and kept; each request is a coroutine handed to it. The thread is a daemon, and so are the workers
that look up host names, so that neither keeps the process alive.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from functools import cache, partial
from typing import Any, TypeVar

from scrapy.utils.reactor import install_reactor

T = TypeVar("T")

_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"


def run_in_reactor(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine in the reactor's thread and wait for its result.

    An interrupt (Ctrl-C) cancels it there.
    """
    future = asyncio.run_coroutine_threadsafe(work(), _reactor_loop())
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise


@cache
def _reactor_loop() -> asyncio.AbstractEventLoop:
    started = threading.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    def run_reactor() -> None:
        install_reactor(_REACTOR)
        from twisted.internet import reactor

        from jaso_core.compat.twisted import verify_names

        verify_names()
        # Typed as a module in Twisted: mypy does not see the reactor's methods.
        untyped_reactor: Any = reactor
        untyped_reactor.getThreadPool().threadFactory = partial(threading.Thread, daemon=True)

        def on_running() -> None:
            loops.append(asyncio.get_event_loop())
            started.set()

        untyped_reactor.callWhenRunning(on_running)
        untyped_reactor.run(installSignalHandlers=False)

    threading.Thread(target=run_reactor, name="jaso-reactor", daemon=True).start()
    if not started.wait(30):
        raise RuntimeError("the Twisted reactor did not start")
    return loops[0]

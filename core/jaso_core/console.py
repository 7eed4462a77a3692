"""What a command tells the person who started it: lines and progress bars on stderr; results go to stdout."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NoReturn, TypeVar

from tqdm import tqdm

T = TypeVar("T")

_QUIET: ContextVar[bool] = ContextVar("hushed", default=False)


@contextmanager
def quiet() -> Iterator[None]:
    """Within it nothing is said: for a process that works beside another, which tells."""
    token = _QUIET.set(True)
    try:
        yield
    finally:
        _QUIET.reset(token)


def say(message: str) -> None:
    """One line on stderr that does not tear a progress bar."""
    if _QUIET.get():
        return
    tqdm.write(message, file=sys.stderr)
    sys.stderr.flush()


def result(message: str) -> None:
    """One line on stdout: what the command was asked for."""
    sys.stdout.write(message + "\n")
    sys.stdout.flush()


def bar(total: int | None, what: str, unit: str, done: int = 0) -> tqdm[NoReturn]:
    """A progress bar with rate and time left. In a log file it is redrawn rarely, so that the log stays readable."""
    terminal = sys.stderr.isatty()
    return tqdm(
        total=total,
        initial=done,
        desc=f"{what:<22}",
        unit=f" {unit}",
        file=sys.stderr,
        mininterval=0.2 if terminal else 10,
        dynamic_ncols=terminal,
        disable=_QUIET.get(),
        ncols=None if terminal else 100,
    )


def close_bars() -> None:
    """Leaves every open bar as it stands, so that an error line is the last thing that is seen."""
    for shown in list(getattr(tqdm, "_instances", ())):
        shown.close()


def progress(items: Iterable[T], total: int | None, what: str, unit: str) -> Iterable[T]:
    """Iterates with a progress bar."""
    with bar(total, what, unit) as shown:
        for item in items:
            yield item
            shown.update()

"""Console output: messages and progress bars on stderr, results on stdout."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NoReturn, TypeVar

from tqdm import tqdm

from jaso_core.compat.tqdm import open_bars

T = TypeVar("T")

_QUIET: ContextVar[bool] = ContextVar("hushed", default=False)


@contextmanager
def quiet() -> Iterator[None]:
    """Suppress messages and progress bars within the block.

    For a process that works beside another one, which reports.
    """
    token = _QUIET.set(True)
    try:
        yield
    finally:
        _QUIET.reset(token)


def say(message: str) -> None:
    """Print one line on stderr without tearing a progress bar."""
    if _QUIET.get():
        return
    tqdm.write(message, file=sys.stderr)
    sys.stderr.flush()


def result(message: str) -> None:
    """Print one line of the command's result on stdout."""
    sys.stdout.write(message + "\n")
    sys.stdout.flush()


def bar(total: int | None, what: str, unit: str, done: int = 0) -> tqdm[NoReturn]:
    """Return a progress bar with rate and remaining time.

    In a log file it is updated rarely, so that the log stays readable.
    """
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
    """Close every open progress bar as it is, so that an error is the last line shown."""
    for open_bar in open_bars():
        open_bar.close()


def progress(items: Iterable[T], total: int | None, what: str, unit: str) -> Iterable[T]:
    """Iterate with a progress bar."""
    with bar(total, what, unit) as progress_bar:
        for item in items:
            yield item
            progress_bar.update()

"""Console output: messages and progress bars on stderr, results on stdout."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, NoReturn, TypeVar

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


class _Stderr:
    """The current sys.stderr; once its reader is gone, nowhere.

    `jaso train … 2>&1 | head` must not end a training because no one reads its lines any more.
    """

    def write(self, text: str) -> int:
        try:
            return sys.stderr.write(text)
        except BrokenPipeError:
            self._drop()
            return len(text)

    def flush(self) -> None:
        try:
            sys.stderr.flush()
        except BrokenPipeError:
            self._drop()

    def _drop(self) -> None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until the process ends

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr, name)


_STDERR: Any = _Stderr()


def say(message: str) -> None:
    """Print one line on stderr without tearing a progress bar."""
    if _QUIET.get():
        return
    tqdm.write(message, file=_STDERR)
    _STDERR.flush()


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
        file=_STDERR,
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

"""Console output: messages and progress bars on stderr, results on stdout.

All that is printed passes `visible`: texts of pages, files and models may hold escape sequences, which would steer the
terminal (clear it, set its clipboard), forged line ends, or marks that turn the direction of writing.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from tqdm import tqdm

from jaso_core.compat.tqdm import open_bars
from jaso_core.language import translate

T = TypeVar("T")

COLOURS = ("\x1b[31;9m", "\x1b[32;1m", "\x1b[36m", "\x1b[2m", "\x1b[0m")
"""ANSI codes that jaso's own output uses."""

# C0 and C1 controls, line and paragraph separators, marks of direction, halves of surrogate pairs. Joiners and
# variation selectors stay: emoji are made with them.
_CONTROLS = (
    *range(0x20), *range(0x7F, 0xA0), 0x061C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x2070),
    *range(0xD800, 0xE000),
)  # fmt: skip
_SIGNS = {code: f"\\u{code:04x}" for code in _CONTROLS} | {ord("\n"): "⏎", ord("\t"): "\t"}
_SIGNS_BUT_LINE_ENDS = {**_SIGNS, ord("\n"): "\n"}

_QUIET: ContextVar[bool] = ContextVar("hushed", default=False)


class Lines(str):
    """Text of several lines, whose line ends are jaso's own."""

    __slots__ = ()


def visible(text: str) -> str:
    """Show control characters as signs: \\x1b as "\\u001b", a line end as "⏎".

    Of `Lines` the line ends stay.
    """
    return str(text).translate(_SIGNS_BUT_LINE_ENDS if isinstance(text, Lines) else _SIGNS)


def _visible_but_colours(text: str) -> str:
    for code in COLOURS:
        if code in text:
            return code.join(_visible_but_colours(part) for part in text.split(code))
    return visible(text)


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
    """Print one line on stderr, or `Lines`, without tearing a progress bar.

    In the language that is set.
    """
    if _QUIET.get():
        return
    tqdm.write(visible(_translated(message)), file=_STDERR)
    _STDERR.flush()


def _translated(message: str) -> str:
    if isinstance(message, Lines):
        return Lines("\n".join(map(translate, message.split("\n"))))
    return translate(message)


def say_traceback(error: BaseException) -> None:
    """Print an error's traceback on stderr."""
    say(Lines("".join(traceback.format_exception(error)).rstrip("\n")))


def result(message: str, *, colours: bool = False) -> None:
    """Print one line of the command's result on stdout, or `Lines`.

    `colours`: keep the codes of `COLOURS` in it.
    """
    sys.stdout.write((_visible_but_colours(message) if colours else visible(message)) + "\n")
    sys.stdout.flush()


def write_piece(text: str) -> None:
    """Print a piece of a text on stdout at once, without a line end; its own stay."""
    sys.stdout.write(visible(Lines(text)))
    sys.stdout.flush()


def prompt(text: str) -> None:
    """Print what is asked on stderr, without a line end."""
    _STDERR.write(visible(text))
    _STDERR.flush()


def bar(total: int | None, what: str, unit: str, done: int = 0) -> tqdm[NoReturn]:
    """Return a progress bar with rate and remaining time.

    In a log file it is updated rarely, so that the log stays readable.
    """
    terminal = sys.stderr.isatty()
    return tqdm(
        total=total,
        initial=done,
        desc=visible(f"{translate(what):<22}"),
        unit=f" {translate(unit)}",
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

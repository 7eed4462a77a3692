"""Command line that a manifest records.

It is that of the process, or of the caller that acts as one.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

_COMMAND: ContextVar[tuple[str, Sequence[str]] | None] = ContextVar("command", default=None)


def current_command() -> str:
    """The command as one line, quoted for a shell."""
    verb, arguments = _COMMAND.get() or (sys.argv[0], sys.argv[1:])
    return f"{verb} {shlex.join(arguments)}"


def current_arguments() -> list[str]:
    """The command's arguments, without `jaso` and the verb."""
    _, arguments = _COMMAND.get() or (sys.argv[0], sys.argv[1:])
    return list(arguments)


@contextmanager
def recorded_command(verb: str, arguments: Sequence[str]) -> Iterator[None]:
    """Record `jaso <verb> <arguments>` as the command line in manifests.

    In those that are written within the block, in this thread.
    """
    token = _COMMAND.set((f"jaso {verb}", arguments))
    try:
        yield
    finally:
        _COMMAND.reset(token)

"""Command line that a manifest records.

It is that of the process, or of the caller that acts as one.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

_COMMAND: ContextVar[str | None] = ContextVar("command", default=None)


def current_command() -> str:
    """The command as one line, quoted for a shell."""
    return _COMMAND.get() or f"{sys.argv[0]} {shlex.join(sys.argv[1:])}"


@contextmanager
def recorded_command(verb: str, arguments: Sequence[str]) -> Iterator[None]:
    """Record `jaso <verb> <arguments>` as the command line in manifests.

    In those that are written within the block, in this thread.
    """
    token = _COMMAND.set(f"jaso {verb} {shlex.join(arguments)}")
    try:
        yield
    finally:
        _COMMAND.reset(token)

"""Lines typed on a terminal, or read from a pipe."""

from __future__ import annotations

import importlib
import sys
from contextlib import suppress

from jaso_core.console import prompt, say

INTERRUPTED = 130
"""Exit code of a program that Ctrl-C ended, as shells have it."""


def is_interactive() -> bool:
    """Return whether a person types: stdin is a terminal."""
    return sys.stdin.isatty()


def ask(name: str, default: str | None = None) -> str | None:
    """Return a typed line for a field, stripped; None at the end of the input.

    On a terminal it is asked for until it is not empty, or has a `default`. From a pipe empty lines are passed over.
    SystemExit on Ctrl-C.
    """
    question = f"{name} [{default}]> " if default else f"{name}> "
    while True:
        try:
            line = _typed_line(question) if is_interactive() else sys.stdin.readline()
        except EOFError:
            line = ""
        except KeyboardInterrupt:
            say("")
            raise SystemExit(INTERRUPTED) from None
        if line == "":
            if is_interactive():
                say("")
            return None
        text = line.strip() or default
        if text:
            return text


def _typed_line(question: str) -> str:
    if sys.stdout.isatty():
        with suppress(ImportError):
            importlib.import_module("readline")  # a Hangul syllable is one character to delete, and ↑ brings lines back
        return input(question) + "\n"
    prompt(question)  # stdout is for texts alone
    return sys.stdin.readline()

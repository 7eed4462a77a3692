"""Exceptions of commands: WorkError and RequestError, each with its exit code.

Both carry one line for the user: what is wrong, and the cure.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of the process."""

    DONE = 0
    FAILED = 1
    BAD_REQUEST = 2


class JasoError(Exception):
    """Base class of errors that are shown to the user.

    `what` names the file, row or key; `cure` says what to do about it.
    """

    exit_code = ExitCode.FAILED

    def __init__(self, what: str, cure: str = "") -> None:
        self.what = " ".join(what.split())
        self.cure = " ".join(cure.split())
        super().__init__(f"{self.what}; {self.cure}" if self.cure else self.what)


class WorkError(JasoError):
    """The request was valid, but the work failed (a full disk, a site that changed)."""

    exit_code = ExitCode.FAILED


class RequestError(JasoError):
    """The request was invalid: a bad configuration or a bad input."""

    exit_code = ExitCode.BAD_REQUEST


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message, its type where it has none."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def did_you_mean(word: str, known: list[str]) -> str:
    """Return the cure for an unknown word: the closest known one, or the whole list."""
    from difflib import get_close_matches

    near = get_close_matches(word, known, n=1, cutoff=0.6)
    listing = ", ".join(known) if known else "none"
    return f"did you mean '{near[0]}'? (known: {listing})" if near else f"known: {listing}"

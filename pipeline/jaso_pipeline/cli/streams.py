"""Standard streams, encodings and working folder of the process."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from jaso_core.errors import RequestError


def open_closed_streams() -> None:
    """Open /dev/null for standard streams that were closed, as by `>&-`.

    Without it the next file that is opened would be the stream, and what is printed would go there.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("r" if name == "stdin" else "w", encoding="utf-8"))  # noqa: SIM115


def use_utf8() -> None:
    """Restart in Python's UTF-8 mode where file names are not UTF-8.

    As with PYTHONUTF8=0 in a C locale: Hangul in arguments would not be text. Streams of another encoding show what
    they cannot spell as \\uXXXX.
    """
    if sys.getfilesystemencoding().lower().replace("-", "") != "utf8":
        command = [sys.executable, "-X", "utf8", *sys.orig_argv[1:]]
        os.execve(sys.executable, command, {**os.environ, "PYTHONUTF8": "1"})
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None and (stream.encoding or "").lower().replace("-", "") != "utf8":
            reconfigure(errors="backslashreplace")


def check_surroundings(arguments: Sequence[str]) -> None:
    """Raise RequestError for a lost working folder or arguments that are no UTF-8."""
    try:
        Path.cwd()
    except FileNotFoundError:
        raise RequestError("the folder that this command was given in is gone", "cd to another one") from None
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError:
            shown = os.fsencode(argument).decode("utf-8", "backslashreplace")
            raise RequestError(f"'{shown}' is no UTF-8", "rename the file, or link to it by another name") from None

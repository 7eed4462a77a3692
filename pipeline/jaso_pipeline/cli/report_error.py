"""Error reports of the command line: one line, or a bug's traceback."""

from __future__ import annotations

import errno

from jaso_core.console import close_bars, say, say_traceback
from jaso_core.errors import ExitCode, JasoError, RequestError, WorkError


def report_error(error: Exception) -> ExitCode:
    """Report an error: one line for a user's or machine's fault, else the traceback."""
    close_bars()
    jaso_error = error if isinstance(error, JasoError) else operating_system_error(error)
    if jaso_error is not None:
        say(f"error: {jaso_error}")
        return jaso_error.exit_code
    say_traceback(error)
    say("error: this is a bug in jaso; please report the lines above with the command")
    return ExitCode.FAILED


_PATH_ERRORS = {
    errno.EACCES: "not allowed",
    errno.EPERM: "not allowed",
    errno.EROFS: "cannot be written to",
    errno.ENOTDIR: "a part of this path is a file",
    errno.EISDIR: "is a folder",
    errno.ENAMETOOLONG: "the name is too long",
    errno.EEXIST: "a file or a link that leads nowhere is in the way",
    errno.ELOOP: "its links go round in circles",
}


def operating_system_error(error: BaseException | None) -> JasoError | None:
    """Convert full disks and impossible paths to a JasoError, since they are no bugs.

    The whole chain of causes is searched. None for any other error.
    """
    while error is not None:
        if _disk_is_full(error):
            location = getattr(error, "filename", None) or "the output folder"
            return WorkError(
                f"{location}: no space left on the disk", "free some, then run the same command: it continues"
            )
        if isinstance(error, OSError) and error.errno in _PATH_ERRORS:
            return RequestError(f"{error.filename or 'a path'}: {_PATH_ERRORS[error.errno]}", "give another path")
        error = error.__cause__ or error.__context__
    return None


def _disk_is_full(error: BaseException) -> bool:
    """Return whether the disk is full.

    Also as torch and safetensors report it, which write files themselves and raise their own errors.
    """
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    text = str(error)
    return f"os error {errno.ENOSPC}" in text or ("inline_container" in text and "unexpected pos" in text)

"""Files of jaso's own, opened without following a symbolic link.

A folder may come from a stranger, as an archive or from a shared disk. A link in it under the name of a log or a lock
would lead what is written to any file of the user's.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import IO

from jaso_core.errors import RequestError


def open_plain(path: Path, flags: int, folder: int | None = None) -> int:
    """Return a descriptor of a plain file, opened through no symbolic link.

    RequestError for a link, a pipe or a device. `flags` are those of os.open; `folder` is a descriptor of the file's
    folder, where that was opened before.
    """
    name = path if folder is None else path.name
    try:
        # O_NONBLOCK: a pipe would wait for its other end. Of a plain file it changes nothing.
        descriptor = os.open(name, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o666, dir_fd=folder)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK):
            raise link_error(path) from None
        error.filename = str(path)
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise RequestError(f"{path}: is no plain file", "remove it, or give another folder")
    return descriptor


def append_text(path: Path, *, encoding: str = "utf-8", buffering: int = -1) -> IO[str]:
    """Open a text file to append to it, never through a link; create it if needed."""
    descriptor = open_plain(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    return os.fdopen(descriptor, "a", encoding=encoding, buffering=buffering)


def link_error(path: Path) -> RequestError:
    """Return the error for a link where jaso expects what it made itself."""
    try:
        target = str(path.readlink())
    except OSError:  # a part of the path is the link, or it has gone
        target = "another place"
    return RequestError(
        f"{path}: is a link to {target}, which jaso does not follow", "remove the link, or give another out="
    )

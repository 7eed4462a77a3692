"""Stage folder on disk: lock, declared files, clearing without touching more."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from jaso_core.errors import RequestError
from jaso_core.io.files import read_json
from jaso_core.stage.manifest import NAME, are_inputs, read_manifest
from jaso_core.stage.own_files import (
    STATE,
    check_name,
    check_no_folders,
    check_no_links,
    check_path,
    make_folder,
    open_own,
    pinned,
    remove_file,
    remove_folder,
    remove_partial_files,
)

_DECLARED = "declared.jsonl"
_LOCK = f"{STATE}/lock"
_REQUEST = "request.json"


def clear(out: Path, names: list[str]) -> None:
    """Remove the files of former runs, and never a file that jaso did not write.

    Their names go into `.state` before anything is removed, so that a kill in between loses none.
    """
    _declare(out, sorted(set(names) - declared_files(out)))
    remove_file(out, NAME)
    for name in declared_files(out):
        remove_file(out, name)
    _remove_partial_files(out)
    remove_folder(out, f"{STATE}/work")
    remove_file(out, f"{STATE}/{_DECLARED}")


def declare(out: Path, name: str) -> None:
    """Record a file's name before the file is written, for clearing after a kill."""
    _declare(out, [name])


def _declare(out: Path, names: Sequence[str]) -> None:
    for name in names:
        check_path(out, name)
    check_no_folders(out, names)
    if not names:
        return
    make_folder(out, STATE)
    lines = "".join(f"{json.dumps(name)}\n" for name in names)
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    with (
        open_own(out, f"{STATE}/{_DECLARED}", flags) as descriptor,
        os.fdopen(os.dup(descriptor), "ab") as stream,
    ):
        stream.write(lines.encode())


def declared_files(out: Path) -> set[str]:
    """Return the names recorded since the folder was last complete.

    A line that a kill cut off is skipped. RequestError for a name that is not inside of the folder.
    """
    path = out / STATE / _DECLARED
    try:
        with (
            open_own(out, f"{STATE}/{_DECLARED}", os.O_RDONLY) as descriptor,
            os.fdopen(os.dup(descriptor), encoding="utf-8", errors="replace") as stream,
        ):
            lines = stream.read().splitlines()
    except FileNotFoundError:
        return set()
    names = []
    for line in lines:
        with suppress(ValueError, RecursionError):
            names += [json.loads(line)] if line.endswith('"') else []
    return {check_name(name, path) for name in names}


def read_request(out: Path) -> dict[str, Any] | None:
    """Return the request that unfinished files in `out` are for.

    None when there is none. RequestError for a request that jaso did not write.
    """
    path = out / STATE / _REQUEST
    if not path.is_file():
        return None
    body = read_json(path)
    if not (
        isinstance(body, dict)
        and isinstance(body.get("stage"), str)
        and isinstance(body.get("request"), dict)
        and are_inputs(body.get("inputs"))
    ):
        raise RequestError(f"{path}: not a request of jaso's", "remove that folder, or give another out=")
    return body


def check_no_foreign_files(out: Path) -> None:
    """Raise RequestError when `out` is a file, or a folder with files no stage wrote.

    Also when it is a link that leads nowhere, or is below one.
    """
    for path in (out, *out.parents):
        if path.is_symlink() and not path.exists():
            raise RequestError(f"{path}: is a link to {path.readlink()}, which is not there", "make that folder")
    if out.exists() and not out.is_dir():
        raise RequestError(f"{out}: is a file", "give out= a folder")
    is_own = (out / NAME).is_file() or (out / STATE).is_dir()
    if out.is_dir() and not is_own and any(out.iterdir()):
        raise RequestError(f"{out}: holds files that jaso did not make", "give out= a new or empty folder")


@contextmanager
def lock(out: Path) -> Iterator[None]:
    """Lock the folder for one writer.

    The kernel drops the lock with the process, so that a kill leaves none behind. RequestError when another process
    holds it.
    """
    if out.exists():
        # Before anything is written: what a stranger prepared is refused with the folder as it was.
        check_no_links(out)
        read_request(out)
        finished = read_manifest(out)
        check_no_folders(out, {*declared_files(out), *(finished.files if finished is not None else ())})
    is_new = not out.exists()
    out.mkdir(parents=True, exist_ok=True)
    with pinned(out):
        make_folder(out, STATE)
        # Not "w", which would empty a file before it is known which one it is.
        with open_own(out, _LOCK, os.O_RDWR | os.O_CREAT) as descriptor:
            _take(out, descriptor)
            try:
                yield
            except RequestError:
                with suppress(RequestError):  # the folder was exchanged: it is left alone
                    _remove_refused(out, is_new)
                raise
            if (out / NAME).is_file():
                _remove_partial_files(out)
                remove_folder(out, STATE)


def _take(out: Path, descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(descriptor).st_ino != (out / _LOCK).stat().st_ino:
            raise BlockingIOError  # the previous writer finished and removed this lock file
    except OSError:
        raise RequestError(f"{out}: another jaso is writing here", "wait for it, or give another out=") from None


def _remove_refused(out: Path, is_new: bool) -> None:
    """Remove the state of a refused request, which would look like unfinished work."""
    if (out / NAME).is_file():
        return  # complete, for an earlier request
    if (out / STATE / "work").is_dir() and any((out / STATE / "work").iterdir()):
        return
    clear(out, [])
    remove_folder(out, STATE)
    if is_new and not any(out.iterdir()):
        out.rmdir()


def _remove_partial_files(out: Path) -> None:
    """Remove the half-written files of a killed process."""
    remove_partial_files(out, declared_files(out))

"""Stage folder on disk: lock, declared files, clearing without touching more."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jaso_core.errors import RequestError
from jaso_core.stage.manifest import NAME

STATE = ".state"
"""Subfolder for state that survives a kill, until the folder is complete."""

_DECLARED = "declared.jsonl"


def clear(out: Path, names: list[str]) -> None:
    """Remove the files of former runs, and never a file that jaso did not write.

    Their names go into `.state` before anything is removed, so that a kill in between loses none.
    """
    for name in set(names) - declared_files(out):
        declare(out, name)
    (out / NAME).unlink(missing_ok=True)
    for name in declared_files(out):
        (out / name).unlink(missing_ok=True)
    _remove_partial_files(out)
    shutil.rmtree(out / STATE / "work", ignore_errors=True)
    (out / STATE / _DECLARED).unlink(missing_ok=True)


def declare(out: Path, name: str) -> None:
    """Record a file's name before the file is written, for clearing after a kill."""
    (out / STATE).mkdir(parents=True, exist_ok=True)
    with (out / STATE / _DECLARED).open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(name) + "\n")


def declared_files(out: Path) -> set[str]:
    """Return the names recorded since the folder was last complete.

    A line that a kill cut off is skipped.
    """
    path = out / STATE / _DECLARED
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return {json.loads(line) for line in lines if line.endswith('"')}


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
    folder = out / STATE
    is_new = not out.exists()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(stream.fileno()).st_ino != (folder / "lock").stat().st_ino:
                raise BlockingIOError  # the previous writer finished and removed this lock file
        except OSError:
            raise RequestError(f"{out}: another jaso is writing here", "wait for it, or give another out=") from None
        try:
            yield
        except RequestError:
            _remove_refused(out, is_new)
            raise
        if (out / NAME).is_file():
            _remove_partial_files(out)
            shutil.rmtree(folder, ignore_errors=True)


def _remove_refused(out: Path, is_new: bool) -> None:
    """Remove the state of a refused request, which would look like unfinished work."""
    if (out / NAME).is_file():
        return  # complete, for an earlier request
    if (out / STATE / "work").is_dir() and any((out / STATE / "work").iterdir()):
        return
    clear(out, [])
    shutil.rmtree(out / STATE, ignore_errors=True)
    if is_new and not any(out.iterdir()):
        out.rmdir()


def _remove_partial_files(out: Path) -> None:
    """Remove the half-written files of a killed process."""
    for name in declared_files(out):
        path = out / name
        for partial in path.parent.glob(f".{path.name}.*.tmp"):
            partial.unlink()

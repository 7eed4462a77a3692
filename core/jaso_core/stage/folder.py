"""A stage's folder on disk: who may write it, what was declared in it, and how to clear it without touching more."""

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
"""Below a stage's folder: what outlives a kill, until the folder is complete."""

_DECLARED = "declared.jsonl"


def clear(out: Path, names: list[str]) -> None:
    """Removes what former runs made, and never a file that jaso did not write.

    What they declared goes into `.state` before anything is removed, so that a kill in between loses no name.
    """
    for name in set(names) - declared(out):
        declare(out, name)
    (out / NAME).unlink(missing_ok=True)
    for name in declared(out):
        (out / name).unlink(missing_ok=True)
    _remove_rests(out)
    shutil.rmtree(out / STATE / "work", ignore_errors=True)
    (out / STATE / _DECLARED).unlink(missing_ok=True)


def declare(out: Path, name: str) -> None:
    """Notes a file's name before the file is written, so that it can be cleared after a kill."""
    (out / STATE).mkdir(parents=True, exist_ok=True)
    with (out / STATE / _DECLARED).open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(name) + "\n")


def declared(out: Path) -> set[str]:
    """The names noted since the folder was last complete; a line that a kill cut off is passed over."""
    path = out / STATE / _DECLARED
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return {json.loads(line) for line in lines if line.endswith('"')}


def refuse_foreign(out: Path) -> None:
    """RequestError when `out` is a file, or a folder with files that no stage made."""
    if out.exists() and not out.is_dir():
        raise RequestError(f"{out}: is a file", "give out= a folder")
    ours = (out / NAME).is_file() or (out / STATE).is_dir()
    if out.is_dir() and not ours and any(out.iterdir()):
        raise RequestError(f"{out}: holds files that jaso did not make", "give out= a new or empty folder")


@contextmanager
def lock(out: Path) -> Iterator[None]:
    """One writer a folder. The kernel drops the lock with the process, so a kill leaves none behind."""
    folder = out / STATE
    made = not out.exists()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(stream.fileno()).st_ino != (folder / "lock").stat().st_ino:
                raise BlockingIOError  # the writer before us finished and removed the file that we hold
        except OSError:
            raise RequestError(f"{out}: another jaso is writing here", "wait for it, or give another out=") from None
        try:
            yield
        except RequestError:
            _forget_refused(out, made)
            raise
        if (out / NAME).is_file():
            _remove_rests(out)
            shutil.rmtree(folder, ignore_errors=True)


def _forget_refused(out: Path, made: bool) -> None:
    """A request that was refused leaves nothing behind that looks like unfinished work."""
    if (out / NAME).is_file():
        return  # what stands there is complete, whatever was asked of it
    if (out / STATE / "work").is_dir() and any((out / STATE / "work").iterdir()):
        return
    clear(out, [])
    shutil.rmtree(out / STATE, ignore_errors=True)
    if made and not any(out.iterdir()):
        out.rmdir()


def _remove_rests(out: Path) -> None:
    """Half-written files of a killed process, beside the whole ones."""
    for name in declared(out):
        path = out / name
        for rest in path.parent.glob(f".{path.name}.*.tmp"):
            rest.unlink()

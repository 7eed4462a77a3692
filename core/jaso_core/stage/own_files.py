"""File operations that stay inside of a stage folder, whatever its files say.

Names come from manifest.json and .state/, which a stranger may have written. A name is relative and leads nowhere
above; a folder on the way to it is never a link; and the folder is the one that was locked, even if another one has
got its name since. The folder itself may be a link: it is the user's word.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from jaso_core.errors import RequestError
from jaso_core.io.links import link_error, open_plain

STATE = ".state"
"""Subfolder for state that survives a kill, until the folder is complete."""

_IN_THE_WAY = (errno.ELOOP, errno.EMLINK, errno.ENOTDIR)
_MOST_NAME_BYTES = 255
_MOST_SHOWN = 80
_pinned: dict[Path, tuple[int, int]] = {}
"""Device and inode of the folders that this process has locked, by absolute path."""


def is_path(text: object) -> bool:
    """Return whether a JSON value is a path that the file system can be asked about.

    JSON can hold NUL and half surrogate pairs ("\\ud800"), paths cannot.
    """
    try:
        return isinstance(text, str) and b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def check_name(name: object, file: Path) -> str:
    """Return the name of a file below the folder that `file` describes.

    RequestError for what is no relative name, leads out of the folder, or is none that a disk can hold.
    """
    # Not PurePosixPath, which takes 30 s for a manifest of a million names.
    parts = [part for part in str(name).split("/") if part not in ("", ".")]
    is_inside = (
        is_path(name)
        and bool(parts)
        and not str(name).startswith("/")
        and ".." not in parts
        and parts[0] != STATE
        and all(len(part.encode()) <= _MOST_NAME_BYTES for part in parts)
    )
    if not is_inside:
        raise RequestError(
            f"{file}: names {name!r:.{_MOST_SHOWN}}, which is not inside of the folder",
            "jaso did not write that: remove the file, or give another out=",
        )
    return str(name)


def check_no_folders(out: Path, names: Iterable[str]) -> None:
    """Raise RequestError for a folder under the name of a file of jaso's."""
    for name in names:
        path = os.path.join(out, name)  # noqa: PTH118 - a Path for each of a million names takes long
        if os.path.isdir(path) and not os.path.islink(path):  # noqa: PTH112, PTH114
            raise RequestError(
                f"{path}: is a folder, where a file of jaso's belongs",
                "remove the folder, or give another out=",
            )


def check_no_links(out: Path) -> None:
    """Raise RequestError for a symbolic link below `out` that leads out of it."""
    root = out.resolve()
    for folder, folders, files in os.walk(out, followlinks=False):
        for path in (Path(folder) / name for name in sorted([*folders, *files])):
            if path.is_symlink() and not _resolves_inside(path, root):
                raise link_error(path)


def check_path(out: Path, name: str) -> None:
    """Raise RequestError when `out` was exchanged or a link leads the name out."""
    _check_pinned(out, out.stat())
    for path in (out / name, *(out / name).parents):
        if path == out:
            return
        if path.is_symlink() and not _resolves_inside(path, out.resolve()):
            raise link_error(path)


def _resolves_inside(path: Path, root: Path) -> bool:
    try:
        return path.resolve().is_relative_to(root)
    except (OSError, RuntimeError):  # its links go round in circles
        return False


@contextmanager
def pinned(out: Path) -> Iterator[None]:
    """Remember which folder `out` is, so that no other one takes its place."""
    key, status = out.absolute(), out.stat()
    if key in _pinned:
        yield
        return
    _pinned[key] = (status.st_dev, status.st_ino)
    try:
        yield
    finally:
        del _pinned[key]


def _check_pinned(out: Path, status: os.stat_result) -> None:
    expected = _pinned.get(out.absolute())
    if expected is not None and expected != (status.st_dev, status.st_ino):
        raise RequestError(f"{out}: was exchanged for another folder under way", "put the former one back")


@contextmanager
def _parent(out: Path, name: str) -> Iterator[int]:
    """Yield a descriptor of the folder that holds the file `name`.

    Each folder is opened below the one before, so that no link that appears meanwhile leads away.
    """
    descriptor = os.open(out, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _check_pinned(out, os.fstat(descriptor))
        path = out
        for part in PurePosixPath(name).parts[:-1]:
            path = path / part
            try:
                flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
                below = os.open(part, flags, dir_fd=descriptor)
            except OSError as error:
                error.filename = str(path)
                raise (link_error(path) if error.errno in _IN_THE_WAY and path.is_symlink() else error) from None
            os.close(descriptor)
            descriptor = below
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def open_own(out: Path, name: str, flags: int) -> Iterator[int]:
    """Yield a descriptor of a plain file; `flags` are those of os.open."""
    with _parent(out, name) as parent:
        descriptor = open_plain(out / name, flags, parent)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def make_folder(out: Path, name: str) -> None:
    """Make a folder directly below `out`, unless it is there. RequestError for a link."""
    with _parent(out, name) as parent, suppress(FileExistsError):
        os.mkdir(name, dir_fd=parent)
    with _parent(out, f"{name}/any"):
        pass


def remove_file(out: Path, name: str) -> None:
    """Remove a file, if it is there."""
    with suppress(FileNotFoundError), _parent(out, name) as parent:
        os.unlink(PurePosixPath(name).name, dir_fd=parent)


def remove_folder(out: Path, name: str) -> None:
    """Remove a folder with all that is in it, as far as that can be done."""
    with suppress(FileNotFoundError), _parent(out, name) as parent:
        shutil.rmtree(PurePosixPath(name).name, ignore_errors=True, dir_fd=parent)


def remove_partial_files(out: Path, names: Iterable[str]) -> None:
    """Remove what killed processes left half-written of files."""
    # examples/test.parquet → {examples: {".test.parquet."}}, for examples/.test.parquet.4711.tmp
    starts: dict[PurePosixPath, set[str]] = {}
    for name in map(PurePosixPath, names):
        starts.setdefault(name.parent, set()).add(f".{name.name}.")
    for folder, wanted in starts.items():
        with suppress(FileNotFoundError), _parent(out, str(folder / "any")) as parent:
            for entry in os.listdir(parent):  # noqa: PTH208 - of a descriptor
                start = entry.removesuffix(".tmp").rpartition(".")[0] + "."
                if entry.endswith(".tmp") and start in wanted:
                    os.unlink(entry, dir_fd=parent)

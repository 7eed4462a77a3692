"""Discover archives, parts of archives and unpacked labels by their file names."""

from __future__ import annotations

import hashlib
import io
import os
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PosixPath
from typing import IO, Any

from jaso_core.errors import RequestError
from jaso_crawl.aihub.paths import NestedPath, file_name, is_archive, is_audio, is_label, join_names, split_of
from jaso_crawl.aihub.split_zip import Part, open_parts, parse_part_name, sort_parts
from jaso_crawl.aihub.zip_member import BadMemberError, open_zip


@dataclass(frozen=True, slots=True)
class Archive:
    """A zip on disk: one file, or several parts in order.

    `where` is its name in messages.
    """

    nested_path: NestedPath
    where: str
    parts: tuple[Part, ...]

    def open(self) -> IO[bytes]:
        """Open the archive's bytes as a seekable file. OSError when unreadable."""
        return self.parts[0].path.open("rb") if len(self.parts) == 1 else open_parts(self.parts)


@dataclass(frozen=True, slots=True)
class LabelFile:
    """A label file outside any archive."""

    nested_path: NestedPath
    where: str
    path: Path


@dataclass
class FileTree:
    """All files found under `root`, sorted by name.

    `audio` and `others` count files that are skipped.
    """

    root: Path
    archives: list[Archive] = field(default_factory=list)
    labels: list[LabelFile] = field(default_factory=list)
    audio: int = 0
    others: int = 0

    def inventory(self) -> Path:
        """Return the root as a stage input with a content fingerprint.

        It changes when a name or a byte of an archive or a label does.
        """
        files = [(part.path, archive.where) for archive in self.archives for part in archive.parts]
        files += [(label.path, label.where) for label in self.labels]
        return _Inventory.of(self.root, "".join(f"{where}\t{_digest(path)}\n" for path, where in files))


def scan(path: Path) -> FileTree:
    """Scan a folder, or check a single zip.

    RequestError: no such path, the file is no zip, or parts do not fit together.
    """
    root = _existing_spelling(path)
    root_names = _root_names(root)
    if root.is_dir():
        tree = FileTree(root)
        _scan_folder(root, root_names, len(root_names), tree, set())
        return tree
    where = file_name(root.name)
    if parse_part_name(where):
        raise RequestError(f"{root}: is one part of a zip", f"give the folder that holds all parts: path={root.parent}")
    if not is_archive((where,)):
        raise RequestError(
            f"{root}: is no zip and no folder", "give path= a zip of AI Hub's or the folder that holds it"
        )
    archive = Archive(root_names, where, (Part(0, root.stat().st_size, root),))
    try:
        open_zip(root).close()
    except BadMemberError as error:
        raise RequestError(f"{root}: not a whole zip ({error})", "download it again") from None
    return FileTree(root, [archive])


def _existing_spelling(path: Path) -> Path:
    """Return the path in the disk's Unicode form (as given, NFC or NFD).

    RequestError when there is none.
    """
    spellings = (str(path), unicodedata.normalize("NFC", str(path)), unicodedata.normalize("NFD", str(path)))
    for spelling in spellings:
        if Path(spelling).exists():
            return Path(spelling)
    raise RequestError(f"{path}: no such file or folder", "check path=")


def _root_names(root: Path) -> NestedPath:
    """Return the root's name, preceded by parent names that are AI Hub's.

    path= may point deep into AI Hub's tree.
    """
    path = root.resolve()
    names = [file_name(path.name)]
    for above in path.parents:
        name = file_name(above.name)
        if not name or (split_of((name, "")) is None and "라벨링" not in name):
            break
        names.insert(0, name)
    return tuple(names)


def _scan_folder(folder: Path, nested_path: NestedPath, depth: int, tree: FileTree, seen: set[tuple[int, int]]) -> None:
    """Add the files in and below a folder to `tree`.

    `depth` is the number of leading names that belong to the root.
    """
    status = folder.stat()
    if (status.st_dev, status.st_ino) in seen:  # a symlink cycle
        return
    seen.add((status.st_dev, status.st_ino))
    with os.scandir(folder) as entries:
        named_entries = sorted(
            ((file_name(entry.name), entry) for entry in entries), key=lambda pair: (pair[0], pair[1].name)
        )
    zips: dict[str, Path] = {}
    parts: dict[str, list[Part]] = {}
    for name, entry in named_entries:
        entry_path = (*nested_path, name)
        if entry.is_dir():
            _scan_folder(Path(entry.path), entry_path, depth, tree, seen)
        elif not entry.is_file():
            tree.others += 1
        elif (name_and_offset := parse_part_name(name)) is not None and not is_audio(
            (*nested_path, name_and_offset[0])
        ):
            parts.setdefault(name_and_offset[0], []).append(
                Part(name_and_offset[1], entry.stat().st_size, Path(entry.path))
            )
        elif is_audio((*nested_path, name_and_offset[0]) if name_and_offset else entry_path):
            tree.audio += 1
        elif is_archive(entry_path):
            zips[name] = Path(entry.path)
        elif is_label(entry_path):
            tree.labels.append(LabelFile(entry_path, join_names(entry_path[depth:]), Path(entry.path)))
        else:
            tree.others += 1
    for name, pieces in sorted(_zips_and_parts(zips, parts, tree)):
        tree.archives.append(Archive((*nested_path, name), join_names((*nested_path, name)[depth:]), pieces))


def _zips_and_parts(
    zips: dict[str, Path], parts: dict[str, list[Part]], tree: FileTree
) -> Iterator[tuple[str, tuple[Part, ...]]]:
    """Yield each zip once, as one file or as its sorted parts.

    A zip beside its own parts was joined from them: completely, wrongly or only in part. The joined file is used if it
    is a zip, else the parts.
    """
    # a.zip, a.zip.part0, a.zip.part9 → the whole a.zip alone; the two parts alone if a.zip is no complete zip
    for name, path in zips.items():
        if name in parts and not zipfile.is_zipfile(path):
            tree.others += 1
            continue
        yield name, (Part(0, path.stat().st_size, path),)
        tree.others += len(parts.pop(name, ()))
    for name, pieces in parts.items():
        yield name, sort_parts(pieces)


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return "unreadable"  # reading it reports the error


class _Inventory(PosixPath):
    """Path whose bytes are the list of the folder's files, for fingerprints.

    Stages know two kinds of inputs: files, and folders with a manifest. A folder that AI Hub's user filled is neither.
    """

    lines = ""

    @classmethod
    def of(cls, folder: Path, lines: str) -> _Inventory:
        inventory = cls(str(folder))
        inventory.lines = lines
        return inventory

    def is_file(self, **_: Any) -> bool:
        return True

    def open(self, *_: Any, **__: Any) -> IO[Any]:  # type: ignore[override]
        return io.BytesIO(self.lines.encode())

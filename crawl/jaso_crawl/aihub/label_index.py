"""Index of all labels in a tree, sorted by id before any of them is read."""

from __future__ import annotations

import shutil
import zipfile
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from jaso_core.errors import RequestError
from jaso_crawl.aihub.discover import Archive, FileTree, LabelFile
from jaso_crawl.aihub.paths import SPLITS, is_archive, is_audio, is_label, join_names, member_parts, split_of
from jaso_crawl.aihub.split_zip import Part
from jaso_crawl.aihub.zip_limits import UnpackBudget, ZipLimits, check_overlap
from jaso_crawl.aihub.zip_member import (
    LARGEST_LABEL,
    BadMemberError,
    cause,
    check_kind,
    check_name,
    open_zip,
    read_blocks,
    read_member,
)
from jaso_crawl.types import (
    Rejection,
    natural_sort_key,
)

MOST_OPEN = 128
"""Archives open at once. AI Hub has 56 of labels; a process may have 1,024 files open."""

LARGEST_INNER_ZIP = 2**31
"""Bytes of a zip within a zip. AI Hub's largest zip of labels has a few million."""


@dataclass(frozen=True, slots=True)
class LabelEntry:
    """An indexed label that is not read yet.

    `archive` is the archive's number in the index; None for a label outside any archive.
    """

    stem: str
    split: str | None
    where: str
    archive: int | None
    source: zipfile.ZipInfo | Path


class LabelIndex:
    """Index of the labels in a tree.

    `rejections` are archives and members that gave no entry.
    """

    def __init__(
        self,
        tree: FileTree,
        scratch: Path,
        limits: ZipLimits = ZipLimits(),  # noqa: B008 - immutable
    ) -> None:
        """Index `tree`; zips within zips are unpacked into `scratch`.

        RequestError when they take too much; nothing unpacked is left then.
        """
        self._budget = UnpackBudget(limits, sum(part.size for archive in tree.archives for part in archive.parts))
        self.audio, self.others = tree.audio, tree.others
        self.rejections: list[Rejection] = []
        self.refused_labels = 0
        self._scratch = scratch
        self._archives: list[Archive] = []
        self._open: OrderedDict[int, tuple[zipfile.ZipFile, IO[bytes]]] = OrderedDict()
        self.entries: list[LabelEntry] = [self._file_entry(label) for label in tree.labels]
        try:
            for archive in tree.archives:
                self._list_archive(archive, depth=1)
        except RequestError:
            self.close()
            shutil.rmtree(scratch, ignore_errors=True)
            raise
        self.entries.sort(key=_sort_key)

    def read(self, entry: LabelEntry) -> bytes:
        """Read the bytes of a label. BadMemberError when they are unreadable."""
        if isinstance(entry.source, Path):
            return _read_file(entry.source)
        assert entry.archive is not None
        return read_member(self._open_archive(entry.archive), entry.source)

    def close(self) -> None:
        """Close the open archives."""
        while self._open:
            self._close_oldest()

    def _file_entry(self, label: LabelFile) -> LabelEntry:
        return LabelEntry(_stem(label.nested_path[-1]), split_of(label.nested_path), label.where, None, label.path)

    def _list_archive(self, archive: Archive, depth: int) -> None:
        number = len(self._archives)
        self._archives.append(archive)
        try:
            members = self._open_archive(number).infolist()
        except BadMemberError as error:
            self.rejections.append(Rejection(archive.where, error.reason, str(error)))
            return
        for info in members:
            if not info.filename.endswith("/"):
                self._list_member(number, info, depth)

    def _list_member(self, number: int, info: zipfile.ZipInfo, depth: int) -> None:
        archive = self._archives[number]
        parts = member_parts(info) or ("",)
        nested_path = (*archive.nested_path, *parts)
        where = f"{archive.where}:{join_names(parts)}"
        try:
            check_name(info)
            if is_label(nested_path):
                check_kind(info)
                self._budget.check_ratio(info)
                self.entries.append(LabelEntry(_stem(parts[-1]), split_of(nested_path), where, number, info))
            elif is_audio(nested_path):
                self.audio += 1
            elif is_archive(nested_path):
                self._list_inner(number, info, Archive(nested_path, where, ()), depth)
            else:
                self.others += 1
        except BadMemberError as error:
            self.rejections.append(Rejection(where, error.reason, str(error)))
            self.refused_labels += is_label(nested_path)

    def _list_inner(self, number: int, info: zipfile.ZipInfo, inner: Archive, depth: int) -> None:
        """Unpack a zip within a zip into the scratch folder and index it.

        Only a file on disk can be read at any position.
        """
        self._budget.check_depth(depth)
        check_kind(info, LARGEST_INNER_ZIP)
        self._budget.check_ratio(info)
        self._scratch.mkdir(parents=True, exist_ok=True)
        self._budget.take(info.file_size, inner.where, self._scratch)
        copy = self._scratch / f"{len(self._archives)}.zip"
        with copy.open("wb") as target:
            for block in read_blocks(self._open_archive(number), info):
                target.write(block)
        self._list_archive(Archive(inner.nested_path, inner.where, (Part(0, copy.stat().st_size, copy),)), depth + 1)

    def _open_archive(self, number: int) -> zipfile.ZipFile:
        if number in self._open:
            self._open.move_to_end(number)
            return self._open[number][0]
        while len(self._open) >= MOST_OPEN:
            self._close_oldest()
        archive = self._archives[number]
        try:
            stream = archive.open()
        except OSError as error:
            raise BadMemberError("unreadable", error.strerror or cause(error)) from None
        try:
            opened = open_zip(stream)
        except BadMemberError as error:
            stream.close()
            raise BadMemberError(error.reason, f"{error}{_hint(archive)}") from None
        try:
            check_overlap(opened, sum(part.size for part in archive.parts))
        except BadMemberError:
            opened.close()
            stream.close()
            raise
        self._open[number] = (opened, stream)
        return opened

    def _close_oldest(self) -> None:
        opened, stream = self._open.popitem(last=False)[1]
        opened.close()
        stream.close()


def _sort_key(entry: LabelEntry) -> tuple[object, ...]:
    """Sort key: natural order of ids, then the split, then the location."""
    split = SPLITS.index(entry.split) if entry.split else len(SPLITS)
    return natural_sort_key(entry.stem), entry.stem, split, entry.where


def _stem(name: str) -> str:
    return name[: -len(".json")]


def _hint(archive: Archive) -> str:
    if not sum(part.size for part in archive.parts):
        return "; it has 0 bytes"
    return f"; the last of its {len(archive.parts)} parts may be missing" if len(archive.parts) > 1 else "; cut off?"


def _read_file(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST_LABEL + 1)
    except OSError as error:
        raise BadMemberError("unreadable", error.strerror or cause(error)) from None
    if len(data) > LARGEST_LABEL:
        raise BadMemberError("too_large", f"{path.stat().st_size:,} bytes are no label")
    return data

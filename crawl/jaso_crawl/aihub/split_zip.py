"""Read AI Hub's `*.zip.part<offset>` files as one seekable file, without a copy."""

from __future__ import annotations

import io
import itertools
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from jaso_core.errors import RequestError

_NAME = re.compile(r"(.+\.zip)\.part(\d{1,18})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """A part of a split file.

    `offset` (bytes) is its position in the whole, which the part's name holds.
    """

    offset: int
    size: int
    path: Path


def parse_part_name(name: str) -> tuple[str, int] | None:
    """Split TL_05.ICT_Male_New.zip.part1048576 into name and offset.

    The result is ("TL_05.ICT_Male_New.zip", 1048576); None for other names.
    """
    match = _NAME.fullmatch(name)
    return (match[1], int(match[2])) if match else None


def sort_parts(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Sort parts by offset. RequestError for a gap or an overlap.

    By number: as text part10485760 would come before part2097152.
    """
    ordered = tuple(sorted(parts))
    if ordered[0].offset:
        what = f"{ordered[0].path}: the {ordered[0].offset:,} bytes before this part are missing"
        raise RequestError(what, f"download the part that ends in .part0, too, into {ordered[0].path.parent}")
    for before, after in itertools.pairwise(ordered):
        end = before.offset + before.size
        if end < after.offset:
            what = f"{after.path}: the {after.offset - end:,} bytes before this part are missing"
            raise RequestError(what, f"{before.path.name} is not whole, or a part between them is lost: download again")
        if end > after.offset:
            what = f"{after.path}: begins {end - after.offset:,} bytes before the end of {before.path.name}"
            raise RequestError(what, "they are of two downloads: remove all parts of this zip and download it again")
    return ordered


class JoinedParts(io.RawIOBase):
    """Sorted parts, read as one file. One of them is open at a time."""

    def __init__(self, parts: Sequence[Part]) -> None:
        super().__init__()
        self._parts = tuple(parts)
        self._offsets = [part.offset for part in self._parts]
        self._size = self._parts[-1].offset + self._parts[-1].size
        self._position = 0
        self._open: tuple[int, IO[bytes]] | None = None

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position in bytes from the beginning of the whole."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move the position, as for any file. ValueError for a negative position."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError(f"negative seek position {base + offset}")
        self._position = base + offset
        return self._position

    def readinto(self, buffer: Any, /) -> int:
        """Fill the buffer from the current part only.

        A reader calls again for the next part's bytes.
        """
        if self._position >= self._size:
            return 0
        # Of parts with equal offsets all but the last are empty.
        # Offsets [0, 4, 4]: positions 0 and 3 → part 0, positions 4 and 5 → part 2.
        number = bisect_right(self._offsets, self._position) - 1
        part = self._parts[number]
        size = min(len(buffer), part.offset + part.size - self._position)
        stream = self._stream(number)
        stream.seek(self._position - part.offset)
        data = stream.read(size)
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def _stream(self, number: int) -> IO[bytes]:
        if self._open is None or self._open[0] != number:
            self._close_part()
            self._open = (number, self._parts[number].path.open("rb"))
        return self._open[1]

    def _close_part(self) -> None:
        if self._open is not None:
            self._open[1].close()
            self._open = None

    def close(self) -> None:
        """Close the open part."""
        self._close_part()
        super().close()


def open_parts(parts: Sequence[Part]) -> io.BufferedReader:
    """Open sorted parts as one buffered file."""
    return io.BufferedReader(JoinedParts(parts), 1 << 16)

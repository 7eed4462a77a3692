"""Limits of a user's table: bytes, rows, cells and text."""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from pathlib import Path

from jaso_core.config import check_positive_options
from jaso_core.errors import RequestError
from jaso_core.io.free_space import free_memory

MB, GB = 2**20, 2**30
# Bytes of memory that a byte of a text file takes: its bytes, its text, and the buffers that it is read through.
_MEMORY_PER_BYTE = 6
# Bytes of a line for each character that a cell may have: Hangul has three, and a line several cells.
_LINE_BYTES = 16
_BLOCK = 4 * MB
# Below this many characters a high ratio is no harm: a column of one word in a million rows has one.
_HARMLESS = GB


@dataclass(frozen=True)
class TableLimits:
    """What a table may cost; the group `limits` of source=csv.

    `table_gb`: of the file, of an xlsx unpacked, of a column in one group of rows of a Parquet. `cell_mb`: millions of
    characters (2^20) of one cell. `cells`: of a sheet, empty ones too. `text_gb`: of all texts together. `ratio`:
    of their characters to the file's bytes, once they have 2^30 of them.
    """

    table_gb: float = 4.0
    cell_mb: float = 10.0
    rows: int = 10_000_000
    cells: int = 300_000_000
    text_gb: float = 20.0
    ratio: float = 1000.0

    def __post_init__(self) -> None:
        check_positive_options(self, "limits")

    @property
    def table_bytes(self) -> int:
        """Largest file, in bytes."""
        return int(self.table_gb * GB)

    @property
    def cell_characters(self) -> int:
        """Longest text of a cell, in characters."""
        return int(self.cell_mb * MB)

    @property
    def text_characters(self) -> int:
        """Characters of all cells together."""
        return int(self.text_gb * GB)

    def check_file(self, path: Path) -> None:
        """Check a file that will be read as a whole.

        RequestError: it is too large, for the limit or for the free memory.
        """
        size = path.stat().st_size
        if size > self.table_bytes:
            raise over(f"{path}: has {size / GB:,.1f} GB", "table_gb", self.table_gb)
        needed, free = _MEMORY_PER_BYTE * size, free_memory()
        if needed > free:
            raise RequestError(
                f"{path}: reading it takes about {needed / GB:,.1f} GB of memory, {free / GB:,.1f} GB are free",
                "split it, or save it as Parquet, which is read in parts",
            )

    def check_lines(self, path: Path) -> None:
        """Raise RequestError for an overlong line of text, before it is in memory."""
        longest = _LINE_BYTES * self.cell_characters
        if path.stat().st_size <= longest:
            return
        begin = line = 0  # of the line under way
        with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            for start in range(0, len(data), _BLOCK):
                block = data[start : start + _BLOCK]
                first, last = _line_ends(block)
                if start + (len(block) if first is None else first) - begin > longest:
                    raise over(f"{path}:{line + 1}: this line has more than {longest:,} bytes", "cell_mb", self.cell_mb)
                if last is not None:
                    begin = start + last + 1
                line += block.count(b"\n")

    def check_rows(self, path: Path, rows: int) -> None:
        """Raise RequestError when there are too many rows."""
        if rows > self.rows:
            raise over(f"{path}: has more than {self.rows:,} rows", "rows", self.rows)

    def check_text(self, path: Path, characters: int, size: int | None = None) -> None:
        """Raise RequestError when the texts are too long together.

        `size`: bytes on the disk, the file's where None.
        """
        if characters > _HARMLESS and characters > self.ratio * (path.stat().st_size if size is None else size):
            raise over(
                f"{path}: its texts are more than {self.ratio:,g} times as long as the file", "ratio", self.ratio
            )
        if characters > self.text_characters:
            raise over(f"{path}: its texts have more than {self.text_characters:,} characters", "text_gb", self.text_gb)


def size_on_disk(path: Path) -> int:
    """Return the bytes of a file or a folder; 2^30 for what is on the hub."""
    if path.is_dir():
        return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return path.stat().st_size if path.is_file() else GB


def over(what: str, key: str, limit: float) -> RequestError:
    """Return the error of a table that passes a limit."""
    now = f"{limit:,.0f}" if limit >= 1000 else f"{limit:g}"
    return RequestError(what, f"limits.{key}= raises the limit (now {now}) if you trust the file")


def _line_ends(block: bytes) -> tuple[int | None, int | None]:
    """Return the first and the last line end of a block, None where there is none."""
    firsts = [place for mark in (b"\n", b"\r") if (place := block.find(mark)) >= 0]
    lasts = [place for mark in (b"\n", b"\r") if (place := block.rfind(mark)) >= 0]
    return min(firsts, default=None), max(lasts, default=None)

"""Read returned .xlsx and .csv files into grids; nothing is trusted or computed."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.parsers import expat
from zipfile import ZipFile

from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.worksheet import Worksheet

from jaso_core.io.file_kinds import kind_of_content, kind_of_name
from jaso_core.io.separator_line import split_separator_line
from jaso_core.io.workbook import one_line, open_workbook
from jaso_core.text.excel_escapes import decode_escapes
from jaso_core.text.invisible import comparable_name
from jaso_evaluate.human.make.instructions import GUIDE, RATER, ROUND
from jaso_evaluate.human.make.workbook import SCORING
from jaso_evaluate.human.problems import Problem, UnreadableFileError
from jaso_evaluate.rubric import CODE

if TYPE_CHECKING:
    from openpyxl import Workbook

_MAX_FILE_SIZE = 50 << 20
_MAX_CONTENT_SIZE = 100 << 20
_MAX_PARTS = 2000
_MAX_ROWS, _MAX_COLUMNS, _MAX_CELLS = 20_000, 500, 1_000_000
_MAX_TAGS = 3 * _MAX_CELLS
_MAX_LINE = 4 << 20
_CSV_SHEET = "CSV"
_HANDED_OUT = "copy the scores into the file that was handed out"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class Formula(str):
    """The text of a cell that a spreadsheet would compute."""


class DateOrError(str):
    """The text of a cell that is a date or an error (#N/A)."""


Value = str | int | float | bool | Formula | DateOrError | None


@dataclass(frozen=True)
class Grid:
    """The cells of one file.

    `rows[i][j]` is in row i + 1, column j + 1. `merged`: {(row, column): "C5:C6"}.
    """

    file: str
    sheet: str
    rows: Sequence[Sequence[Value]]
    merged: dict[tuple[int, int], str] = field(default_factory=dict)
    rater: str = ""
    round: str = ""
    notes: tuple[str, ...] = ()


def read_grid(path: Path) -> Grid:
    """Read the cells of a .xlsx or .csv file.

    UnreadableFileError with a reason and a cure otherwise.
    """
    data = _read_bytes(path)
    if data.startswith(_OLE):
        _refuse(path, *_describe_ole(data))
    if data.startswith(b"PK"):
        return _read_xlsx(path, data)
    if (kind := kind_of_content(data)) is not None:
        _refuse(path, f"is {kind[0]}", kind[1])
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        _refuse(path, "is no .xlsx file, whatever its name says", "save the sheet as .xlsx once more")
    return _read_csv(path, data)


def _read_bytes(path: Path) -> bytes:
    size = path.stat().st_size
    if size == 0:
        _refuse(path, "is empty", "ask the rater for the file once more")
    if size > _MAX_FILE_SIZE:
        _refuse(
            path, f"has {size >> 20} MB, no sheet is that large", "copy the sheet into the file that was handed out"
        )
    return path.read_bytes()


def _refuse(path: Path, what: str, cure: str, sheet: str = "", cell: str = "") -> None:
    raise UnreadableFileError(Problem(path.name, sheet, cell, what, cure))


def _describe_ole(data: bytes) -> tuple[str, str]:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return "is encrypted with a password", "remove the password and save it again"
    if (kind := kind_of_content(data)) is not None:
        return f"is {kind[0]}", kind[1]
    return "is in the old .xls format", "save it as .xlsx"


def _read_xlsx(path: Path, data: bytes) -> Grid:
    _check_zip(path, data)
    try:
        return _read_book(path, open_workbook(data, read_only=False, data_only=False))
    except UnreadableFileError:
        raise
    except Exception as error:  # openpyxl raises whatever its parsers do
        reason = one_line(error)
        _refuse(path, f"cannot be read as a workbook ({reason})", "open it, and save it as .xlsx once more")
        raise  # not reached


def _read_book(path: Path, book: Workbook) -> Grid:
    sheets = [sheet for sheet in book.worksheets if isinstance(sheet, Worksheet)]
    candidates = [s for s in sheets if comparable_name(s.title) == SCORING] or [s for s in sheets if _has_codes(s)]
    if not candidates:
        _refuse(path, "is missing", "hand in the file with all its sheets", sheet=SCORING)
    sheet = candidates[0]
    height, width = sheet.max_row, sheet.max_column
    if height > _MAX_ROWS or width > _MAX_COLUMNS or height * width > _MAX_CELLS:
        what = f"reaches to row {height:,} and column {width:,}"
        _refuse(path, what, "delete what stands below and beside the table", sheet=sheet.title)
    merged = {
        (row, column): str(area)
        for area in sheet.merged_cells.ranges
        for row in range(area.min_row, min(area.max_row, _MAX_ROWS) + 1)
        for column in range(area.min_col, min(area.max_col, _MAX_COLUMNS) + 1)
    }
    rows = [[_value(cell.value, cell.data_type) for cell in row] for row in sheet.iter_rows()]
    guide = next((page for page in sheets if comparable_name(page.title) == GUIDE), None)
    labels = _guide_labels(guide) if guide is not None else {}
    return Grid(path.name, sheet.title, rows, merged, labels.get(RATER, ""), labels.get(ROUND, ""))


def _check_zip(path: Path, data: bytes) -> None:
    """Refuse what would not fit into memory, or is no workbook, before unpacking."""
    cure = "open it, and save it as .xlsx once more"
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            if "content.xml" in names and "mimetype" in names:
                _refuse(path, "is an OpenDocument sheet (.ods)", "save it as .xlsx, or as .csv in UTF-8")
            if "xl/workbook.xml" not in names:
                what, cure = kind_of_content(data) or kind_of_name(path.name) or ("no workbook", cure)
                _refuse(path, f"is {what}", cure)
            # A member never gives more than its declared size; zipfile stops there.
            if len(entries) > _MAX_PARTS or sum(entry.file_size for entry in entries) > _MAX_CONTENT_SIZE:
                _refuse(path, "unpacks to more than a sheet can hold", _HANDED_OUT)
            parts = [archive.read(entry) for entry in entries if entry.filename.endswith((".xml", ".rels"))]
            if any(re.search(rb"<!DOCTYPE|<!ENTITY", part) for part in parts):
                _refuse(path, "defines entities, as no spreadsheet program does", cure)
            if sum(part.count(b"<") for part in parts) > _MAX_TAGS:
                _refuse(path, "holds more cells than a sheet of scores has", _HANDED_OUT)
            if any(_count_area_cells(part) > _MAX_CELLS for part in parts):
                _refuse(path, f"merges or links more than {_MAX_CELLS:,} cells", _HANDED_OUT)
    except UnreadableFileError:
        raise
    except Exception:  # zipfile and zlib raise some ten kinds of errors for damage
        _refuse(path, "is cut off or damaged", "ask the rater for the file once more")


def _count_area_cells(part: bytes) -> int:
    """Return how many cells merged areas and links cover: openpyxl makes each."""
    cells = 0

    def add(tag: str, attributes: dict[str, str]) -> None:
        nonlocal cells
        if tag.rpartition(":")[2] in ("mergeCell", "hyperlink"):
            with suppress(ValueError, TypeError):  # no area: openpyxl says so
                size = CellRange(attributes.get("ref", "")).size
                cells += size["rows"] * size["columns"]

    parser = expat.ParserCreate()
    parser.StartElementHandler = add
    with suppress(expat.ExpatError):
        parser.Parse(part)
    return cells


def _has_codes(sheet: Worksheet) -> bool:
    rows = sheet.iter_rows(max_row=min(10, sheet.max_row), max_col=min(50, sheet.max_column), values_only=True)
    return any(comparable_name(str(value or "")) == CODE for row in rows for value in row)


def _guide_labels(guide: Worksheet) -> dict[str, str]:
    """Return the text beside each label of the first page."""
    rows = guide.iter_rows(max_row=min(12, guide.max_row), max_col=2, values_only=True)
    return {str(row[0]).strip(): str(row[1]).strip() for row in rows if len(row) > 1 and row[0] and row[1] is not None}


def _value(value: Any, kind: str) -> Value:
    if kind == "f":
        return Formula(getattr(value, "text", None) or str(value))
    if kind == "e" or isinstance(value, date | time | timedelta):
        return DateOrError(str(value))
    if isinstance(value, str):
        return decode_escapes(value)
    return value if isinstance(value, int | float | bool) else None if value is None else str(value)


def _read_csv(path: Path, data: bytes) -> Grid:
    text, notes = _decode(path, data)
    separator, text = split_separator_line(text)
    tables, faults = [], []
    for delimiter in dict.fromkeys((*([separator] if separator else []), ",", ";", "\t")):
        try:
            tables.append(_parse_csv(text, delimiter))
        except csv.Error as error:  # a quotation mark that the wrong delimiter leaves open
            faults.append(error)
    rows = max(tables, key=_header_width, default=[])
    if faults and not _header_width(rows):
        _refuse(path, f"cannot be read as CSV ({faults[0]})", "save it as CSV in UTF-8 once more", sheet=_CSV_SHEET)
    if not _header_width(rows):
        cure = f"hand in the table with its header, columns apart by commas; its first column is '{CODE}'"
        _refuse(path, f"has no header with '{CODE}'", cure, sheet=_CSV_SHEET, cell="A1")
    if len(rows) > _MAX_ROWS:
        _refuse(path, f"has more than {_MAX_ROWS:,} rows", "delete what stands below the table", sheet=_CSV_SHEET)
    if _header_width(rows) > _MAX_COLUMNS:
        what = f"has {_header_width(rows):,} columns"
        _refuse(path, what, "delete what stands beside the table", sheet=_CSV_SHEET)
    return Grid(path.name, _CSV_SHEET, rows, notes=notes)


def _decode(path: Path, data: bytes) -> tuple[str, tuple[str, ...]]:
    """Decode the text, with a note where the encoding is not the one handed out."""
    candidates = ["utf-16"] if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "cp949"]
    for encoding in candidates:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8-sig" or CODE in text[:500]:
            return text, () if encoding == "utf-8-sig" else (f"{path.name}: read as {encoding.upper()}",)
    _refuse(path, "is neither UTF-8 nor CP949", "save it as 'CSV UTF-8', or hand in the .xlsx", sheet=_CSV_SHEET)
    raise AssertionError


def _parse_csv(text: str, delimiter: str) -> list[list[Value]]:
    """Return the rows, one more than there may be at most."""
    records = csv.reader(_lines(text), delimiter=delimiter)
    return [list(row) for row in itertools.islice(records, _MAX_ROWS + 1)]


def _lines(text: str) -> Iterator[str]:
    for line in io.StringIO(text, newline=""):
        if len(line) > _MAX_LINE:
            raise csv.Error(f"a line of {len(line):,} characters")
        yield line


def _header_width(rows: Sequence[Sequence[Value]]) -> int:
    """Columns of the header, 0 where there is none."""
    return max(
        (len(row) for row in rows[:10] if len(row) > 1 and CODE in [comparable_name(str(v)) for v in row]), default=0
    )

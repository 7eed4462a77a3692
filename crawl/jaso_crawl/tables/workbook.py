"""Read a table from an xlsx sheet; cells without a value are named."""

from __future__ import annotations

import io
import re
import zipfile
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from jaso_core.compat.openpyxl import worksheet_part
from jaso_core.console import say
from jaso_core.errors import RequestError, did_you_mean
from jaso_core.io.workbook import (
    TooLargeWorkbookError,
    TooManyTextsError,
    UnreadableWorkbookError,
    one_line,
    open_workbook,
)
from jaso_core.text.excel_escapes import decode_escapes
from jaso_core.text.invisible import comparable_name
from jaso_crawl.tables.table import Choose, Row, Table, choose_none, header_of, row_of
from jaso_crawl.tables.table_limits import TableLimits, over

_CURE = "open it in a spreadsheet program, and save it as xlsx once more"
# What a spreadsheet shows where a formula has failed.
ERROR_VALUE = re.compile(r"#(?:N/A|REF!|NAME\?|VALUE!|DIV/0!|NUM!|NULL!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|BUSY!)")
_LAST_ROW = 1_048_576  # ECMA-376, and every spreadsheet program
_AREA = re.compile(rb"<(?:\w+:)?mergeCell\b[^<>]*\bref=[\"']([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})[\"']")


def read_xlsx_table(
    path: Path,
    sheet: str | None,
    used_columns: Collection[str],
    needed_columns: Collection[str] = (),
    limits: TableLimits = TableLimits(),  # noqa: B008 - immutable
    choose: Choose = choose_none,
) -> Table:
    """Read an xlsx sheet: the first visible one unless `sheet` names one.

    Formulas give their last value. Empty rows are skipped. A needed cell that is empty because its formula was never
    computed, or because it is merged with another, is a problem of the row that names the cell. RequestError when it is
    no xlsx, the sheet is unknown or damaged, or it has no row of column names.
    """
    try:
        data = path.read_bytes()
        book = open_workbook(data, read_only=True, largest=limits.table_bytes, most_texts=limits.rows)
    except TooManyTextsError as error:
        raise over(f"{path}: {error}", "rows", limits.rows) from None
    except TooLargeWorkbookError as error:
        raise over(f"{path}: {error}", "table_gb", limits.table_gb) from None
    except (UnreadableWorkbookError, OSError) as error:
        cure = "save it as xlsx without a password, or as CSV"
        raise RequestError(f"{path}: not an xlsx file ({one_line(error)})", cure) from None
    page = _choose(book, path, sheet)
    where = f"{path}: sheet '{page.title}'"
    rows = _numbered_rows(page, where, limits)
    first = next(rows, None)
    if first is None:
        raise RequestError(f"{where} is empty", "give a sheet with column names and rows below them")
    header = header_of(str(path), first[1])
    empty_cells = EmptyCells(data, page.title, worksheet_part(page), len(header), limits)
    location = f"{path.name}[{page.title}]"
    further = choose(header)
    return Table(
        header,
        (
            _row(f"{location}:{n}", n, header, values, used_columns, needed_columns, empty_cells, further)
            for n, values in rows
        ),
    )


def _choose(book: Any, path: Path, sheet: str | None) -> Any:
    """Return the sheet called `sheet`, else the first visible one with cells."""
    pages = book.worksheets
    names = [page.title for page in pages]
    if sheet is not None:
        same = [page for page in pages if page.title == sheet] or [
            page for page in pages if comparable_name(page.title) == comparable_name(sheet)
        ]
        if not same:
            raise RequestError(f"{path}: has no sheet '{sheet}'", did_you_mean(sheet, names))
        return same[0]
    visible = [page for page in pages if page.sheet_state == "visible"] or pages
    chosen = visible[0]
    if len(names) > 1:
        others = ", ".join(page.title for page in pages if page is not chosen)
        say(f"crawl: {path.name}: reading sheet '{chosen.title}', not {others} (sheet=… chooses)")
    return chosen


def _numbered_rows(page: Any, where: str, limits: TableLimits) -> Iterator[tuple[int, tuple[object, ...]]]:
    """Yield numbered rows that hold text. RequestError for a damaged or endless part."""
    number = 0
    width: int | None = None  # of the first row, which names the columns
    try:
        for number, values in _all_rows(page, where, limits):
            if any(str(value).strip() for value in [value for value in values if value is not None]):
                # Not beyond the column names: a row may reach to column 16,384.
                width = len(values) if width is None else width
                named = values[:width]
                yield number, tuple(decode_escapes(value) if isinstance(value, str) else value for value in named)
    except RequestError:
        raise
    except Exception as error:  # openpyxl and its XML parser raise whatever damage makes them
        raise RequestError(f"{where} cannot be read behind row {number} ({one_line(error)})", _CURE) from None


def _all_rows(page: Any, where: str, limits: TableLimits) -> Iterator[tuple[int, tuple[object, ...]]]:
    """Yield all rows, numbered. RequestError for too many rows or cells.

    Rows that are left out in the file come too, one by one: a row number alone can make a sheet endless.
    """
    page.reset_dimensions()  # some programs write wrong ones, and rows would be lost
    cells = 0
    for number, values in enumerate(page.iter_rows(values_only=True), 1):
        if number > _LAST_ROW:
            raise RequestError(f"{where} has a row behind row {_LAST_ROW:,}, the last that a sheet can have", _CURE)
        cells += len(values)
        if cells > limits.cells:
            raise over(f"{where} has more than {limits.cells:,} cells", "cells", limits.cells)
        yield number, values


def _row(
    where: str,
    number: int,
    header: tuple[str, ...],
    values: tuple[object, ...],
    used_columns: Collection[str],
    needed_columns: Collection[str],
    empty_cells: EmptyCells,
    further: Collection[str],
) -> Row:
    for place, name in enumerate(header, start=1):
        if name in needed_columns:
            value = values[place - 1] if place <= len(values) else None
            problem = empty_cells.problem(number, place, value)
            if problem is not None:
                return Row(where, {}, problem)
    by_column = {name: value for name, value in zip(header, values, strict=False) if name}
    return row_of(where, by_column, used_columns, further)


class EmptyCells:
    """Why cells of a sheet hold no text. The sheet is read once more when first asked."""

    def __init__(self, data: bytes, sheet: str, part: str, width: int, limits: TableLimits) -> None:
        self._data, self._sheet, self._part, self._width, self._limits = data, sheet, part.lstrip("/"), width, limits
        self._areas_by_column: dict[int, list[tuple[int, int, str]]] = {}

    def problem(self, row: int, column: int, value: object) -> tuple[str, str] | None:
        """Return reason and detail for a cell; None when it has text or is blank."""
        if isinstance(value, str) and (error := ERROR_VALUE.fullmatch(value.strip())):
            return "error_value", f"cell {_name(row, column)} holds {error[0]}: its formula failed; write its text"
        if value is not None and str(value).strip():
            return None
        if (row, column) in self._formulas:
            formula = self._formulas[row, column]
            cure = "open the file in a spreadsheet program and save it"
            return "formula", f"cell {_name(row, column)} holds a formula without a saved value ({formula}); {cure}"
        if (area := self._merged_area(row, column)) is not None:
            first = area.partition(":")[0]
            detail = f"cell {_name(row, column)} is merged ({area}), the text is in {first} alone; split the cells"
            return "merged_cell", detail
        return None

    @cached_property
    def _formulas(self) -> Mapping[tuple[int, int], str]:
        try:
            book = open_workbook(
                self._data,
                read_only=True,
                data_only=False,
                largest=self._limits.table_bytes,
                most_texts=self._limits.rows,
            )
            return {
                (n, place): _formula_text(value)
                for n, values in _all_rows(book[self._sheet], self._sheet, self._limits)
                for place, value in enumerate(values[: self._width], 1)
                if _is_formula(value)
            }
        except Exception:  # the values could be read, and are what counts
            return {}

    @cached_property
    def _areas(self) -> list[tuple[tuple[Any, ...], str]]:
        from openpyxl.utils import range_boundaries

        try:
            with zipfile.ZipFile(io.BytesIO(self._data)) as archive:
                part = archive.read(self._part)
        except Exception:
            return []
        areas = [area.decode() for area in _AREA.findall(part)]
        return [(range_boundaries(area), area) for area in areas]

    def _merged_area(self, row: int, column: int) -> str | None:
        if column not in self._areas_by_column:
            self._areas_by_column[column] = self._areas_in(column)
        areas = self._areas_by_column[column]
        place = bisect_right(areas, row, key=lambda area: area[0])
        # the last that begins at or above the row
        return areas[place - 1][2] if place and areas[place - 1][1] >= row else None

    def _areas_in(self, column: int) -> list[tuple[int, int, str]]:
        """Return first row, last row and name of a column's merged areas, in order.

        Without those that lie within the one before, as they do in no sheet of a spreadsheet program.
        """
        areas: list[tuple[int, int, str]] = []
        for (left, top, right, bottom), area in sorted(self._areas, key=lambda entry: entry[0][1]):
            if left <= column <= right and (not areas or bottom > areas[-1][1]):
                areas.append((top, bottom, area))
        return areas


def _name(row: int, column: int) -> str:
    from openpyxl.utils import get_column_letter

    return f"{get_column_letter(column)}{row}"


def _is_formula(value: object) -> bool:
    return (isinstance(value, str) and value.startswith("=")) or type(value).__name__.endswith("Formula")


def _formula_text(value: object) -> str:
    return str(getattr(value, "text", None) or value)[:40]

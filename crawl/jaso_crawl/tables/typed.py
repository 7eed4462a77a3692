"""Read tables with typed cells: JSONL, Parquet and xlsx, used columns as text."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from jaso_core.console import say
from jaso_core.errors import RequestError, did_you_mean
from jaso_crawl.tables.table import Row, Table, header_of, row_of


def read_jsonl_table(text: str, where: str, name: str, used_columns: Collection[str]) -> Table:
    """Read one JSON object per line; the columns are all keys of all lines.

    RequestError names the first bad line.
    """
    objects = [(f"{name}:{line}", _parse_object(f"{where}:{line}", raw)) for line, raw in _json_lines(text)]
    if not objects:
        raise RequestError(f"{where}: is empty", "give a file with one JSON object a line")
    columns = tuple(dict.fromkeys(key for _, values in objects for key in values))
    return Table(columns, (row_of(location, values, used_columns) for location, values in objects))


def _json_lines(text: str) -> Iterator[tuple[int, str]]:
    # Not splitlines(), which also splits at U+2028; JSON strings may contain that.
    return ((number, raw) for number, raw in enumerate(text.split("\n"), start=1) if raw.strip())


def _parse_object(where: str, raw: str) -> dict[str, Any]:
    try:
        value = json.loads(raw)
    except json.JSONDecodeError as error:
        raise RequestError(
            f"{where}: not JSON (column {error.colno}: {error.msg})", "mend or remove this line"
        ) from None
    if not isinstance(value, dict):
        raise RequestError(f"{where}: not a JSON object", "each line must be one object, as {…}")
    return value


def read_parquet_table(path: Path, used_columns: Collection[str]) -> Table:
    """Read a Parquet table. RequestError when it is none or has no rows."""
    try:
        file = pq.ParquetFile(path)
        if file.metadata.num_rows == 0:
            raise RequestError(f"{path}: has no rows", "give a file with rows")
        return Table(tuple(file.schema_arrow.names), _parquet_rows(file, path.name, used_columns))
    except (pa.ArrowException, OSError) as error:
        raise RequestError(f"{path}: not a Parquet file ({error})", "check that it is whole") from None


def _parquet_rows(file: pq.ParquetFile, name: str, used_columns: Collection[str]) -> Iterator[Row]:
    number = 0
    for batch in file.iter_batches(columns=list(used_columns)):
        for values in batch.to_pylist():
            number += 1
            yield row_of(f"{name}:{number}", values, used_columns)


def read_xlsx_table(path: Path, sheet: str | None, used_columns: Collection[str]) -> Table:
    """Read an xlsx sheet: the first one unless `sheet` names one.

    Formulas give their last value. Empty rows are skipped. RequestError when it is no xlsx, the sheet is unknown, or it
    has no row of column names.
    """
    import openpyxl  # slow to import, and only needed here
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, OSError) as error:
        cure = "save it as xlsx without a password, or as CSV"
        raise RequestError(f"{path}: not an xlsx file ({error})", cure) from None
    names = book.sheetnames
    if sheet is not None and sheet not in names:
        raise RequestError(f"{path}: has no sheet '{sheet}'", did_you_mean(sheet, names))
    chosen = sheet or names[0]
    if sheet is None and len(names) > 1:
        say(f"crawl: {path.name}: reading sheet '{chosen}', not {', '.join(names[1:])} (sheet=… chooses)")
    page: Any = book[chosen]
    page.reset_dimensions()  # some programs write wrong ones, and rows would be lost
    rows = ((n, values) for n, values in enumerate(page.iter_rows(values_only=True), 1) if _has_text(values))
    first = next(rows, None)
    if first is None:
        raise RequestError(f"{path}: sheet '{chosen}' is empty", "give a sheet with column names and rows below them")
    header = header_of(str(path), first[1])
    location = f"{path.name}[{chosen}]"
    return Table(header, (row_of(f"{location}:{n}", _by_column(header, values), used_columns) for n, values in rows))


def _has_text(values: tuple[object, ...]) -> bool:
    return any(value is not None and str(value).strip() for value in values)


def _by_column(header: tuple[str, ...], values: tuple[object, ...]) -> dict[str, object]:
    return {name: value for name, value in zip(header, values, strict=False) if name}

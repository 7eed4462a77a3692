"""Read tables with typed cells: JSONL and Parquet, used columns as text."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from jaso_core.errors import RequestError, first_line
from jaso_core.io.parquet import read_parquet_schema
from jaso_core.text.invisible import comparable_name
from jaso_crawl.tables.parquet_size import cells_of, check_column_sizes, repeated_texts
from jaso_crawl.tables.table import Choose, Row, Table, choose_none, row_of
from jaso_crawl.tables.table_limits import TableLimits


class _WithRepeatedKeys(dict[str, Any]):
    """A JSON object in which a key occurs twice; `keys_as_written` has them all."""

    keys_as_written: Sequence[str] = ()


def _to_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        values = _WithRepeatedKeys(values)
        values.keys_as_written = [key for key, _ in pairs]
    return values


def read_jsonl_table(
    text: str, where: str, name: str, used_columns: AbstractSet[str], choose: Choose = choose_none
) -> Table:
    """Read one JSON object per line; the columns are all keys of all lines.

    `choose` names further columns to read.
    RequestError names the first bad line.
    """
    objects = [
        (f"{name}:{line}", _parse_object(f"{where}:{line}", raw, used_columns)) for line, raw in _json_lines(text)
    ]
    if not objects:
        raise RequestError(f"{where}: is empty", "give a file with one JSON object a line")
    columns = tuple(dict.fromkeys(key for _, values in objects for key in values))
    further = choose(columns)
    return Table(columns, (row_of(location, values, used_columns, further) for location, values in objects))


def first_columns(text: str, where: str, lines: int = 1000) -> list[str]:
    """Return the keys of the first objects of a JSONL text, as names are compared."""
    first = list(islice(_json_lines(text), lines))
    objects = [_parse_object(f"{where}:{line}", raw, frozenset()) for line, raw in first]
    return list(dict.fromkeys(comparable_name(key) for values in objects for key in values))


def parquet_columns(path: Path) -> list[str]:
    """Return the column names of a Parquet, as names are compared."""
    return [comparable_name(name) for name in read_parquet_schema(path).names]


def _json_lines(text: str) -> Iterator[tuple[int, str]]:
    # Not splitlines(), which also splits at U+2028; JSON strings may contain that.
    return ((number, raw) for number, raw in enumerate(text.split("\n"), start=1) if raw.strip())


def _parse_object(where: str, raw: str, used_columns: AbstractSet[str]) -> dict[str, Any]:
    try:
        value = json.loads(raw)
        if isinstance(value, dict) and any(raw.count(f'"{name}"') != 1 for name in used_columns & value.keys()):
            value = json.loads(raw, object_pairs_hook=_to_object)  # a key twice, or as an escape
    except json.JSONDecodeError as error:
        raise RequestError(
            f"{where}: not JSON (column {error.colno}: {error.msg})", "mend or remove this line"
        ) from None
    except RecursionError:
        raise RequestError(f"{where}: nested too deep", "mend or remove this line") from None
    except ValueError as error:  # a number with thousands of digits
        raise RequestError(f"{where}: not JSON ({error})", "mend or remove this line") from None
    if not isinstance(value, dict):
        raise RequestError(f"{where}: not a JSON object", "each line must be one object, as {…}")
    if used_columns <= value.keys() and not isinstance(value, _WithRepeatedKeys):
        return value
    keys = [comparable_name(key) for key in getattr(value, "keys_as_written", value)]
    if len(set(keys)) < len(keys):
        _refuse_repeated(where, keys, used_columns)
    return {comparable_name(key): cell for key, cell in value.items()}


def _refuse_repeated(where: str, names: Collection[str], used_columns: Collection[str]) -> None:
    """Raise RequestError when a used column occurs twice."""
    for name, count in Counter(names).items():
        if count > 1 and name in used_columns:
            raise RequestError(f"{where}: two columns are called '{name}'", "rename one")


def read_parquet_table(
    path: Path,
    used_columns: Collection[str],
    limits: TableLimits = TableLimits(),  # noqa: B008 - immutable
    choose: Choose = choose_none,
) -> Table:
    """Read a Parquet table; `choose` names further columns to read.

    RequestError when it is none, is damaged, has no rows, or passes a limit.
    """
    try:
        file = pq.ParquetFile(path)
        rows, names = file.metadata.num_rows, list(file.schema_arrow.names)
    except Exception as error:  # pyarrow raises OSError, ValueError or its own for damage
        raise RequestError(f"{path}: not a Parquet file ({error})", "check that it is whole") from None
    if rows == 0:
        raise RequestError(f"{path}: has no rows", "give a file with rows")
    columns = [comparable_name(name) for name in names]
    _refuse_repeated(str(path), columns, used_columns)
    further = set(choose([name for name in columns if columns.count(name) == 1]))
    wanted = {*used_columns, *further}
    name_by_column = {column: name for column, name in zip(columns, names, strict=True) if column in wanted}
    limits.check_rows(path, rows)
    used = list(name_by_column.values())
    check_column_sizes(file, path, used, limits)
    texts, at_once = repeated_texts(file, path, used)
    if texts:
        file = pq.ParquetFile(path, read_dictionary=texts)
    return Table(tuple(columns), _parquet_rows(file, path, name_by_column, at_once, further))


def _parquet_rows(
    file: pq.ParquetFile, path: Path, name_by_column: dict[str, str], rows_at_once: int, further: Collection[str]
) -> Iterator[Row]:
    """Yield the rows. RequestError for a damaged page, or a value beyond Python's."""
    number = 0
    try:
        names = list(name_by_column.values())
        for batch in file.iter_batches(batch_size=rows_at_once, columns=names):
            cells = [cells_of(batch.column(name)) for name in names]
            for values in zip(*cells, strict=True):
                number += 1
                row = dict(zip(name_by_column, values, strict=True))
                yield row_of(f"{path.name}:{number}", row, name_by_column.keys() - further, further)
    except Exception as error:
        cure = "check that it is whole; write dates and times as text"
        raise RequestError(f"{path}: cannot be read behind row {number} ({first_line(error)})", cure) from None

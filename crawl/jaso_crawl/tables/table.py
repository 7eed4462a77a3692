"""Table of text rows, the result of every table reader."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from jaso_core.errors import RequestError
from jaso_core.text.invisible import comparable_name


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    `where` is its location in messages (file:line); `problem` says why its cells cannot be used. `is_short`: it has
    fewer cells than columns. `is_continuation`: it has the row number of the row before.
    """

    where: str
    cells: Mapping[str, str | None]
    problem: tuple[str, str] | None = None  # reason, detail
    is_short: bool = False
    is_continuation: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Column names and rows; `rows` can be iterated once.

    `encoding` is None where the format has its own; `replaced`: see Decoded.
    """

    columns: tuple[str, ...]
    rows: Iterator[Row]
    encoding: str | None = None
    replaced: bool = False


def as_text(value: object) -> str | None:
    """Convert a typed cell to text. TypeError for lists and objects.

    7.0 of a sheet is "7", a date ISO 8601, a duration 1:30:00.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else (None if value != value else str(value))
    if isinstance(value, int | Decimal | timedelta):
        return str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode()
    raise TypeError(f"{type(value).__name__} is no text")


Choose = Callable[[Sequence[str]], Collection[str]]
"""A function that returns which of a table's columns travel along besides the used ones."""


def choose_none(columns: Sequence[str]) -> Collection[str]:
    """Let no further column travel along."""
    del columns
    return ()


def further_text(value: object) -> str | None:
    """Convert a value of a further column to text: a list or an object as JSON.

    None for bytes that are no text.
    """
    try:
        if isinstance(value, list | dict):
            return json.dumps(value, ensure_ascii=False, default=as_text)
        return as_text(value)
    except (TypeError, ValueError, RecursionError):
        return None


def row_of(
    where: str, values: Mapping[str, object], used_columns: Collection[str], further: Collection[str] = ()
) -> Row:
    """Convert the used columns of typed values to a row of text.

    A list or an object in one of them is a problem of the row, in one of the `further` columns it is JSON; other
    columns are ignored.
    """
    cells: dict[str, str | None] = {}
    for name, value in values.items():
        if name not in used_columns:
            if name in further:
                cells[name] = further_text(value)
            continue
        try:
            cells[name] = as_text(value)
        except (TypeError, UnicodeDecodeError):
            return Row(where, {}, ("not_text", f"column '{name}' holds a {type(value).__name__}, not a text"))
    return Row(where, cells)


def header_of(where: str, names: Sequence[object]) -> tuple[str, ...]:
    """Normalise column names. RequestError when there are none or two are equal."""
    header = tuple("" if name is None else comparable_name(name) for name in names)
    if not any(header):
        raise RequestError(f"{where}: the first row holds no column names", "write the names of the columns there")
    known: set[str] = set()
    for name in filter(None, header):
        if name in known:
            raise RequestError(f"{where}: two columns are called '{name}'", "rename one")
        known.add(name)
    return header

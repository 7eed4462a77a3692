"""Read one JSON text as a table: a list of objects, or {"data": [...]}."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from jaso_core.errors import RequestError
from jaso_core.text.invisible import comparable_name
from jaso_crawl.tables.table import Choose, Table, choose_none, row_of

_CURE = 'write a list of objects, as [{"question": "…", "answer": "…"}], or {"data": [...]}'


def parse_json_rows(text: str, where: str) -> list[dict[str, Any]]:
    """Return the objects of a JSON text, their keys as names are compared.

    RequestError: no JSON, nested too deep, or neither a list of objects nor an object with one under `data`.
    """
    try:
        body = json.loads(text)
    except json.JSONDecodeError as error:
        raise RequestError(f"{where}:{error.lineno}: not JSON ({error.msg})", "mend the file") from None
    except RecursionError:
        raise RequestError(f"{where}: nested too deep", "mend the file") from None
    except ValueError as error:  # a number with thousands of digits
        raise RequestError(f"{where}: not JSON ({error})", "mend the file") from None
    rows = body.get("data") if isinstance(body, dict) else body
    if not isinstance(rows, list):
        kind = "an object without a list under 'data'" if isinstance(body, dict) else "no list"
        raise RequestError(f"{where}: is {kind}", _CURE)
    if not rows:
        raise RequestError(f"{where}: has no rows", _CURE)
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise RequestError(f"{where}: entry {number} is no object", _CURE)
    return [{comparable_name(key): value for key, value in row.items()} for row in rows]


def read_json_table(
    rows: list[dict[str, Any]], name: str, used_columns: Collection[str], choose: Choose = choose_none
) -> Table:
    """Return the table of parsed objects; the columns are all keys of all of them."""
    columns = tuple(dict.fromkeys(key for row in rows for key in row))
    further = choose(columns)
    return Table(
        columns, (row_of(f"{name}[{number}]", row, used_columns, further) for number, row in enumerate(rows, 1))
    )

"""Further columns of examples in Parquet, as JSON: a user's own, and messages."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import pyarrow as pa

from jaso_core.errors import RequestError
from jaso_core.records import Example, Turn

FURTHER_COLUMNS = ("meta", "messages")
"""Columns that are written only where the corpus has them."""
EXAMPLE_SCHEMA = pa.schema(
    [(name, pa.string()) for name in Example.__dataclass_fields__ if name not in FURTHER_COLUMNS]
)


def example_schema(further: Iterable[str]) -> pa.Schema:
    """Return the schema of examples with those of `FURTHER_COLUMNS` that are named."""
    wanted = set(further)
    return pa.schema([*EXAMPLE_SCHEMA, *((name, pa.string()) for name in FURTHER_COLUMNS if name in wanted)])


def example_row(example: Example, schema: pa.Schema) -> list[str | None]:
    """Return the cells of an example in the order of a schema."""
    return [_cell(example, name) for name in schema.names]


def _cell(example: Example, name: str) -> str | None:
    if name == "meta":
        return json.dumps(dict(example.meta), ensure_ascii=False)
    if name == "messages":
        return json.dumps([asdict(turn) for turn in example.messages], ensure_ascii=False)
    text: str | None = getattr(example, name)
    return text


def example_from_row(row: dict[str, Any], where: str) -> Example:
    """Return the example of a row; `where` begins the message of a RequestError."""
    if row.keys().isdisjoint(FURTHER_COLUMNS):
        return Example(**row)
    further = {name: row.pop(name, None) for name in FURTHER_COLUMNS}
    try:
        meta, turns = json.loads(further["meta"] or "{}"), json.loads(further["messages"] or "[]")
        if not all(isinstance(text, str) for text in meta.values()):
            raise TypeError("a column holds no text")
        messages = tuple(Turn(turn["role"], turn["content"]) for turn in turns)
        if not all(isinstance(turn.role, str) and isinstance(turn.content, str) for turn in messages):
            raise TypeError("a turn holds no text")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        what = f"{where}: example '{row.get('id')}': its meta or messages are not as jaso writes them"
        raise RequestError(what, "run `jaso preprocess` again") from None
    return Example(**row, meta=meta, messages=messages)

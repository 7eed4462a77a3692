"""Read pairs of texts with human scores from JSON, JSONL, CSV or TSV."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaso_core.errors import RequestError
from jaso_core.io.files import read_json, read_jsonl

_TEXT_COLUMNS = (
    ("sentence1", "sentence2"),
    ("prediction", "reference"),
    ("text1", "text2"),
    ("hypothesis", "reference"),
)
_SCORE_COLUMNS = ("score", "human", "labels.real-label", "label", "rating", "similarity")
_FORMATS = (".json", ".jsonl", ".csv", ".tsv")

Rows = Iterator[tuple[str, Mapping[str, Any]]]


@dataclass(frozen=True)
class Columns:
    """Names of the columns; null: the usual names are tried.

    A dot leads into an object: labels.real-label. `first` is taken for the prediction, `second` for the reference.
    Texts of the same `group` are drawn together.
    """

    first: str | None = None
    second: str | None = None
    score: str | None = None
    group: str | None = None


@dataclass(frozen=True)
class Pairs:
    """Pairs of texts with human scores.

    `first`, `second`, `scores` and `groups` (what is drawn together) have one entry per pair. `columns`: those that
    were read.
    """

    first: Sequence[str]
    second: Sequence[str]
    scores: Sequence[float]
    groups: Sequence[str]
    columns: Columns


def read_pairs(file: Path, columns: Columns) -> Pairs:
    """Read all pairs of a file.

    RequestError with file and row: no such column, no text, no finite number as a score; and when there are fewer than
    3 pairs, or all scores are the same.
    """
    rows = list(_read_rows(file))
    if not rows:
        raise RequestError(f"{file}: holds no pairs", "give a file with a pair and its score in each row")
    chosen = _choose_columns(rows[0], columns)
    first = [_text(row, str(chosen.first), where) for where, row in rows]
    second = [_text(row, str(chosen.second), where) for where, row in rows]
    scores = [_score(row, str(chosen.score), where) for where, row in rows]
    if len(rows) < 3 or len(set(scores)) < 2:
        what = "fewer than 3 pairs" if len(rows) < 3 else f"the same score ({scores[0]:g}) for all pairs"
        raise RequestError(f"{file}: has {what}", "agreement can be told from several scores that differ")
    groups = [str(i) if chosen.group is None else str(_lookup(row, chosen.group)) for i, (_, row) in enumerate(rows)]
    return Pairs(first, second, scores, groups, chosen)


def _read_rows(file: Path) -> Rows:
    suffix = file.suffix.lower()
    if suffix == ".jsonl":
        rows: Iterator[tuple[str, Any]] = read_jsonl(file)
    elif suffix == ".json":
        rows = _json_rows(file)
    elif suffix in (".csv", ".tsv"):
        rows = _table_rows(file, suffix)
    else:
        raise RequestError(f"{file}: the format is not known by its name", f"name it {', '.join(_FORMATS)}")
    for where, row in rows:
        if not isinstance(row, Mapping):
            raise RequestError(f"{where}: is no object with named values", "give an object for each pair")
        yield where, row


def _json_rows(file: Path) -> Iterator[tuple[str, Any]]:
    body = read_json(file)
    if isinstance(body, Mapping):  # {"data": [...]}, as many corpora have it
        lists = [value for value in body.values() if isinstance(value, list)]
        body = lists[0] if len(lists) == 1 else body
    if not isinstance(body, list):
        raise RequestError(f"{file}: holds no list of pairs", "give a list of objects, or JSONL")
    return ((f"{file}: pair {i}", row) for i, row in enumerate(body, 1))


def _table_rows(file: Path, suffix: str) -> Iterator[tuple[str, Any]]:
    """Read CSV or TSV. In CSV a text may be quoted, in TSV a quotation mark is one.

    KorSTS and the like have single quotation marks in texts.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise RequestError(f"{file}: no such file", "check the path") from None
    except UnicodeDecodeError as error:
        raise RequestError(f"{file}: byte {error.start + 1} is not UTF-8", "save the file as UTF-8") from None
    stream = io.StringIO(text, newline="")
    old_limit = csv.field_size_limit(1 << 30)
    try:
        if suffix == ".tsv":
            table = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        else:
            table = csv.DictReader(stream, strict=True)
        return iter([(f"{file}:{table.line_num}", row) for row in table])
    except csv.Error as error:
        raise RequestError(f"{file}: not {suffix[1:].upper()} ({error})", "mend the file") from None
    finally:
        csv.field_size_limit(old_limit)


def _choose_columns(row: tuple[str, Mapping[str, Any]], columns: Columns) -> Columns:
    """Return the requested columns, and for others the usual ones.

    The first usual ones that the first row has.
    """
    where, values = row
    usual = next(
        (pair for pair in _TEXT_COLUMNS if all(_lookup(values, name) is not None for name in pair)), (None, None)
    )
    score = next((name for name in _SCORE_COLUMNS if _is_number(_lookup(values, name))), None)
    chosen = Columns(columns.first or usual[0], columns.second or usual[1], columns.score or score, columns.group)
    for key in ("first", "second", "score", "group"):
        name = getattr(chosen, key)
        if (name is None and key != "group") or (name is not None and _lookup(values, name) is None):
            what = f"no column '{name}'" if name else f"no column is known as the {key}"
            raise RequestError(
                f"{where}: {what}", f"give columns.{key}=<name>; there are: {', '.join(map(str, values))}"
            )
    return chosen


def _lookup(row: Mapping[str, Any], path: str) -> Any:
    if path in row:
        return row[path]
    value: Any = row
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _text(row: Mapping[str, Any], column: str, where: str) -> str:
    value = _lookup(row, column)
    if not isinstance(value, str):
        raise RequestError(f"{where}: '{column}' is no text", "give a text, an empty one where there is none")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise RequestError(f"{where}: '{column}' holds a lone surrogate", "remove it") from None
    return value


def _is_number(value: Any) -> bool:
    try:
        return not isinstance(value, bool | None) and math.isfinite(float(value))
    except (TypeError, ValueError, OverflowError):
        return False


def _score(row: Mapping[str, Any], column: str, where: str) -> float:
    value = _lookup(row, column)
    if not _is_number(value):
        raise RequestError(f"{where}: '{column}' is no finite number ({value!r:.40})", "give a score for each pair")
    return float(value)

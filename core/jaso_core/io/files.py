"""Atomic file writing; JSON, JSON lines and Parquet.

A file is whole or absent: it is written beside its destination, synced, then renamed in one step.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from jaso_core.errors import RequestError
from jaso_core.io.further_columns import EXAMPLE_SCHEMA, FURTHER_COLUMNS, example_from_row
from jaso_core.io.parquet import read_parquet_batches, read_parquet_schema
from jaso_core.records import Document, Example, Sentence

NOT_EXPORTED = ("role", "company")
"""Columns of examples that `jaso export` leaves out: they are not masked."""
SENTENCE_SCHEMA = pa.schema(
    [(name, pa.int32() if name in ("item", "start", "end") else pa.string()) for name in Sentence.__dataclass_fields__]
)


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path in the same folder; rename it to `path` on success.

    It is removed when the block fails.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)  # of a killed process with this number; never written through, if it is a link
    try:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


@contextmanager
def atomic_text(path: Path, *, private: bool = False) -> Iterator[IO[str]]:
    """Yield a UTF-8 text file with "\\n" line ends, written atomically.

    `private`: only its owner may read it, from its first byte on.
    """
    with atomic_path(path) as temporary:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        descriptor = os.open(temporary, flags, 0o600 if private else 0o666)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
            yield stream


def json_line(obj: object) -> str:
    """Return an object as one JSON line, Hangul readable."""
    return json.dumps(obj, ensure_ascii=False, allow_nan=False) + "\n"


def write_json(path: Path, obj: object) -> None:
    """Write an indented JSON file, for people."""
    with atomic_text(path) as stream:
        stream.write(json.dumps(obj, ensure_ascii=False, allow_nan=False, indent=2) + "\n")


def read_json(path: Path) -> Any:
    """Return the parsed file. RequestError (file and line) if it is absent or no JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RequestError(f"{path}: no such file", "check the path") from None
    except json.JSONDecodeError as error:
        raise RequestError(f"{path}:{error.lineno}: not JSON ({error.msg})", "mend or remove the file") from None
    except RecursionError:
        raise RequestError(f"{path}: nested too deep", "mend or remove the file") from None
    except UnicodeDecodeError:
        raise RequestError(f"{path}: is no UTF-8 text, so no JSON", "give another file") from None
    except ValueError as error:  # a number with thousands of digits
        raise RequestError(f"{path}: not JSON ({error})", "mend or remove the file") from None


def write_jsonl(path: Path, rows: Iterable[object], *, private: bool = False) -> int:
    """Write one JSON object a line; return the number of lines.

    `private` as in `atomic_text`.
    """
    count = 0
    with atomic_text(path, private=private) as stream:
        for row in rows:
            stream.write(json_line(row))
            count += 1
    return count


def read_jsonl(
    path: Path, start: int = 0, end: int | None = None, first: int = 1, mend: bool = False
) -> Iterator[tuple[str, Any]]:
    """Yield ("file:line", object) of a JSON lines file; blank lines are skipped.

    RequestError on a line that is no JSON or no UTF-8. `start` and `end` are byte offsets at line borders, for a part
    of a file; `first` is the number of the part's first line. With `mend` half a surrogate pair, which no UTF-8 file
    can hold, becomes U+FFFD, and NaN is refused.
    """
    if not path.is_file():
        raise RequestError(f"{path}: no such file", "check the path")
    with path.open("rb") as stream:
        stream.seek(start)
        for number, raw in enumerate(stream, start=first):
            where = f"{path}:{number}"
            try:
                line = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip()
            except UnicodeDecodeError as error:
                raise RequestError(f"{where}: byte {error.start + 1} is not UTF-8", "save the file as UTF-8") from None
            if line:
                yield where, _parse_json(line, where, mend)
            if end is not None and stream.tell() >= end:
                return


def _reject_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")


_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def _parse_json(line: str, where: str, mend: bool) -> Any:
    try:
        parsed = json.loads(line, parse_constant=_reject_constant if mend else None)
    except json.JSONDecodeError as error:
        raise RequestError(
            f"{where}: not JSON (column {error.colno}: {error.msg})", "mend or remove this line"
        ) from None
    except RecursionError:
        raise RequestError(f"{where}: nested too deep", "mend or remove this line") from None
    except ValueError as error:  # NaN, or a number with thousands of digits
        raise RequestError(f"{where}: not JSON ({error})", "mend or remove this line") from None
    if not mend or not _SURROGATE.search(line):
        return parsed
    # "\ud83d b" → "\ufffd b": encoding lets half a surrogate pair pass, decoding replaces it.
    repaired = json.dumps(parsed, ensure_ascii=False).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return json.loads(repaired)


def read_documents(path: Path, start: int = 0, end: int | None = None, first: int = 1) -> Iterator[Document]:
    """Yield the documents of a documents.jsonl, or of a part of it, validated.

    The byte range is that of `read_jsonl`.
    """
    for where, obj in read_jsonl(path, start, end, first, mend=True):
        yield Document.from_json(obj, where)


def write_parquet(path: Path, rows: Sequence[Example] | Sequence[Sentence], schema: pa.Schema) -> int:
    """Write records as one Parquet file with exactly `schema`; return the row count."""
    table = pa.Table.from_pylist([asdict(row) for row in rows], schema=schema)
    with atomic_path(path) as temporary:
        pq.write_table(table, temporary)
    return len(rows)


@contextmanager
def parquet_writer(path: Path, schema: pa.Schema, group: int = 20_000) -> Iterator[Callable[[Sequence[Any]], None]]:
    """Yield a function that appends one row to a Parquet file, written atomically.

    A row is a sequence of values in the schema's order. Rows are written in row groups of `group`; no more are held
    in memory.
    """
    pending: list[Sequence[Any]] = []

    def flush() -> None:
        columns = zip(*pending, strict=True) if pending else ([] for _ in schema)
        arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
        writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
        pending.clear()

    def add(row: Sequence[Any]) -> None:
        pending.append(row)
        if len(pending) >= group:
            flush()

    with atomic_path(path) as temporary, pq.ParquetWriter(temporary, schema) as writer:
        yield add
        if pending:
            flush()


def read_examples(path: Path) -> list[Example]:
    """Return the examples of one split. RequestError when file or column is missing."""
    names = read_parquet_schema(path).names
    missing = [name for name in EXAMPLE_SCHEMA.names if name not in (*names, *NOT_EXPORTED)]
    if missing:
        raise RequestError(f"{path}: column '{missing[0]}' is missing", "run `jaso preprocess` again")
    there = [name for name in (*EXAMPLE_SCHEMA.names, *FURTHER_COLUMNS) if name in names]
    rows = (row for batch in read_parquet_batches(path, there) for row in batch.to_pylist())
    return [example_from_row(row, str(path)) for row in rows]


def sha256_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sha256_json(obj: object) -> str:
    """Return the SHA-256 of an object's canonical JSON, hexadecimal."""
    return hashlib.sha256(json.dumps(obj, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

"""Read a Parquet of a stage folder in batches, and refuse a bomb."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from jaso_core.errors import RequestError, first_line

_CURE = "run `jaso preprocess` again"
# A text that repeats is stored once: 1 KB can hold a million times a text of a million characters. So few rows at once,
# and no more than a file could hold that is written by jaso, where texts differ.
_ROWS = 256
_HARMLESS_BYTES = 1 << 30
_RATIO = 1000


def read_parquet_batches(path: Path, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a Parquet file, all columns or some, in batches of up to 256.

    RequestError: no such file, no Parquet, a column is missing, or the file unpacks to more than 2^30 bytes and a
    thousand times its own.
    """
    most = max(_HARMLESS_BYTES, _RATIO * _size(path))
    with _named_errors(path), pq.ParquetFile(path) as file:
        missing = [name for name in columns or () if name not in file.schema_arrow.names]
        if missing:
            raise RequestError(f"{path}: column '{missing[0]}' is missing", _CURE)
        total = 0
        for batch in file.iter_batches(_ROWS, columns=columns):
            total += batch.nbytes
            if total > most:
                raise RequestError(f"{path}: unpacks to more than {most / 2**20:,.0f} MB", _CURE)
            yield batch


def read_parquet_schema(path: Path) -> pa.Schema:
    """Return the columns of a Parquet file. RequestError when it is none."""
    _size(path)
    with _named_errors(path):
        return pq.read_schema(path)


def _size(path: Path) -> int:
    if not path.is_file():
        raise RequestError(f"{path}: no such file", "give a folder that `jaso preprocess` wrote")
    return path.stat().st_size


@contextmanager
def _named_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except RequestError:
        raise
    except (OSError, ValueError, pa.ArrowException) as error:
        raise RequestError(f"{path}: not a Parquet file ({first_line(error)})", _CURE) from None

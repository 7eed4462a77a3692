"""Size of a Parquet's columns in memory, where texts repeat by reference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from jaso_crawl.tables.table_limits import GB, TableLimits, over

_MOST_ROWS, _FEW_ROWS = 65_536, 64
_BATCH_BYTES = 2**26
# Writers end a dictionary at 1 MiB; Arrow lets it grow by one page more.
_USUAL_DICTIONARY = 2 * 2**20
_I32, _DICTIONARY_PAGE = 0x15, 2


def check_column_sizes(file: pq.ParquetFile, path: Path, names: Sequence[str], limits: TableLimits) -> None:
    """Raise RequestError for a column that is too large in one group of rows."""
    for number, chunk in _chunks(file, names):
        if chunk.total_uncompressed_size > limits.table_bytes:
            size = chunk.total_uncompressed_size / GB
            what = f"{path}: a column of row group {number} unpacks to {size:,.1f} GB"
            raise over(what, "table_gb", limits.table_gb)


def repeated_texts(file: pq.ParquetFile, path: Path, names: Sequence[str]) -> tuple[list[str], int]:
    """Return columns to read as dictionaries, and how many rows to read at once.

    A dictionary larger than any writer's is not spread out over the rows. With others, and where a value may repeat the
    one before it (DELTA_BYTE_ARRAY), few rows at once are bounded.
    """
    # A dictionary of 1 MiB may hold one text of 1 MiB → 64 rows take at most 64 MiB.
    sizes: dict[str, int] = {}
    rows = _MOST_ROWS
    with path.open("rb") as stream:
        for _, chunk in _chunks(file, names):
            name = chunk.path_in_schema.partition(".")[0]
            sizes[name] = max(sizes.get(name, 0), _dictionary_bytes(stream, chunk))
            rows = _FEW_ROWS if "DELTA_BYTE_ARRAY" in chunk.encodings else rows
    schema = file.schema_arrow
    as_dictionary = [name for name, size in sizes.items() if size > _USUAL_DICTIONARY and _is_text(schema, name)]
    for name in names:
        kind = schema.field(name).type
        width = kind.byte_width if pa.types.is_fixed_size_binary(kind) else sizes.get(name, 0)
        if name not in as_dictionary and width:
            rows = min(rows, max(1 if width > _USUAL_DICTIONARY else _FEW_ROWS, _BATCH_BYTES // width))
    return as_dictionary, rows


def cells_of(column: Any) -> list[Any]:
    """Return a column's values; those of a dictionary once, however often they occur."""
    if not pa.types.is_dictionary(column.type):
        return list(column.to_pylist())
    places = column.indices.to_pylist()
    wanted = sorted({place for place in places if place is not None})
    values = dict(zip(wanted, column.dictionary.take(pa.array(wanted, pa.int64())).to_pylist(), strict=True))
    return [None if place is None else values[place] for place in places]


def _chunks(file: pq.ParquetFile, names: Sequence[str]) -> Iterator[tuple[int, Any]]:
    """Yield each group's number with the metadata of each chunk of these columns."""
    metadata = file.metadata
    # A column with parts has several leaves: "texts" → texts.list.element
    leaves = [file.schema.column(place).path.partition(".")[0] for place in range(metadata.num_columns)]
    places = [place for place, name in enumerate(leaves) if name in names]
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        for place in places:
            yield number, group.column(place)


def _is_text(schema: pa.Schema, name: str) -> bool:
    kind = schema.field(name).type
    return bool(pa.types.is_string(kind) or pa.types.is_binary(kind) or pa.types.is_large_string(kind))


def _dictionary_bytes(stream: IO[bytes], chunk: Any) -> int:
    """Return the unpacked size of a chunk's dictionary, 0 without one.

    By the header of its first page (Parquet's PageHeader in Thrift's compact protocol), by which it is unpacked.
    """
    offsets = [offset for offset in (chunk.dictionary_page_offset, chunk.data_page_offset) if offset]
    stream.seek(max(0, min(offsets, default=0)))
    header = stream.read(32)
    # Fields 1 and 2, both i32 as zigzag varints: 15 04 15 80 02 … → type 2 (dictionary), 128 bytes
    kind, behind = _zigzag(header, 0)
    size, _ = _zigzag(header, behind)
    if kind is None or size is None:
        return int(chunk.total_uncompressed_size)
    return size if kind == _DICTIONARY_PAGE else 0


def _zigzag(data: bytes, start: int) -> tuple[int | None, int]:
    """Return an i32 field behind its mark, and the place behind it."""
    if data[start : start + 1] != bytes([_I32]):
        return None, start
    value = shift = 0
    for place in range(start + 1, min(len(data), start + 6)):
        value |= (data[place] & 0x7F) << shift
        shift += 7
        if not data[place] & 0x80:
            return (value >> 1) ^ -(value & 1), place + 1
    return None, start

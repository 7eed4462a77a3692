"""Read a table of any of the known formats, by the suffix of its name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from jaso_core.errors import RequestError
from jaso_core.io.file_kinds import kind_of_content, refuse_foreign
from jaso_core.stage.runner import implied
from jaso_crawl.tables.decode import decode
from jaso_crawl.tables.delimited import read_delimited
from jaso_crawl.tables.table import Choose, Table, choose_none
from jaso_crawl.tables.table_limits import TableLimits
from jaso_crawl.tables.typed import read_jsonl_table, read_parquet_table
from jaso_crawl.tables.workbook import read_xlsx_table

# First bytes of the tables that are no text.
_BINARY = ((b"PK\x03\x04", ".xlsx"), (b"PAR1", ".parquet"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls"))
_TEXT_SUFFIXES = (".csv", ".tsv", ".tab", ".txt", ".jsonl", ".ndjson")
SUFFIXES = (*_TEXT_SUFFIXES, ".parquet", ".xlsx")


@dataclass(frozen=True)
class TableOptions:
    """How a table is read, and what it may cost."""

    encoding: str = "auto"
    encoding_errors: str = "strict"
    delimiter: str = "auto"
    quote: str = "auto"
    sheet: str | None = None
    limits: TableLimits = implied(TableLimits())  # noqa: RUF009 - immutable


def check_table_file(path: Path) -> None:
    """Raise RequestError when a table is absent or of an unknown format."""
    if not path.exists():
        raise RequestError(f"{path}: no such file", "check path=")
    if path.suffix.lower() != ".xls":
        refuse_foreign(path, ", ".join(SUFFIXES))
    if path.suffix.lower() not in SUFFIXES:
        cure = "; save it as .xlsx" if path.suffix.lower() == ".xls" else ""
        raise RequestError(f"{path}: '{path.suffix}' cannot be read", f"known: {', '.join(SUFFIXES)}{cure}")


def read_table(
    path: Path,
    used_columns: set[str],
    needed: Collection[str],
    options: TableOptions,
    choose: Choose = choose_none,
) -> Table:
    """Read the `used_columns` of a table, whose rows are texts.

    `needed`: columns without which a row is none. `choose`: further columns to read, of those that the table has.
    RequestError for a file that cannot be read, or costs too much.
    """
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        return read_parquet_table(path, used_columns, options.limits, choose)
    options.limits.check_file(path)
    if suffix == ".xlsx":
        return read_xlsx_table(path, options.sheet, used_columns, needed, options.limits, choose)
    options.limits.check_lines(path)
    data = path.read_bytes()
    _check_content(path, data)
    decoded = decode(data, str(path), options.encoding, options.encoding_errors)
    if not decoded.text.strip():
        raise RequestError(f"{path}: is empty", "give a file with rows")
    if suffix in (".jsonl", ".ndjson"):
        table = read_jsonl_table(decoded.text, str(path), path.name, used_columns, choose)
    else:
        options_of_text = (options.delimiter, options.quote, used_columns, suffix in (".tsv", ".tab"), needed)
        table = read_delimited(decoded.text, str(path), path.name, *options_of_text, options.limits.cell_characters)
        choose(table.columns)
    return Table(table.columns, table.rows, decoded.encoding, decoded.replaced)


def _check_content(path: Path, data: bytes) -> None:
    """Raise RequestError for a file that is no text, whatever its name says."""
    for beginning, suffix in _BINARY:
        if data.startswith(beginning):
            what, cure = kind_of_content(data) or (f"a {suffix} file", f"call it {path.stem}{suffix}")
            raise RequestError(f"{path}: its content is {what}", cure)
    if (kind := kind_of_content(data)) is not None:
        raise RequestError(f"{path}: its content is {kind[0]}", kind[1])

"""Source of a user's table: CSV, TSV, JSONL, Parquet or xlsx; document per row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jaso_core.config import REQUIRED
from jaso_core.errors import RequestError, did_you_mean
from jaso_core.io.file_kinds import existing_path, kind_of_content, refuse_foreign
from jaso_core.records import KINDS, Document
from jaso_core.stage.runner import StageRun, implied
from jaso_crawl.source_registry import SOURCES
from jaso_crawl.sources.table_columns import ALL, Columns, MetaColumns, check_columns
from jaso_crawl.sources.table_documents import TableDocuments
from jaso_crawl.tables.decode import decode
from jaso_crawl.tables.delimited import read_delimited
from jaso_crawl.tables.table import Table
from jaso_crawl.tables.table_limits import TableLimits
from jaso_crawl.tables.typed import read_jsonl_table, read_parquet_table
from jaso_crawl.tables.workbook import read_xlsx_table
from jaso_crawl.types import Rejection

# First bytes of the tables that are no text.
_BINARY = ((b"PK\x03\x04", ".xlsx"), (b"PAR1", ".parquet"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls"))
_TEXT_SUFFIXES = (".csv", ".tsv", ".tab", ".txt", ".jsonl", ".ndjson")
_SUFFIXES = (*_TEXT_SUFFIXES, ".parquet", ".xlsx")
# Kinds whose answers are trained on; other kinds may lack a question or an answer.
_ANSWERED = ("letter", "interview", "dialogue")


@dataclass(frozen=True)
class CsvOptions:
    """Options: the table's `path`, how to read it, and what it may cost."""

    path: str = REQUIRED
    columns: Columns = field(default_factory=Columns)
    meta_columns: list[str] = field(default_factory=lambda: [ALL])
    kind: str = "dialogue"
    licence: str | None = None
    encoding: str = "auto"
    encoding_errors: str = "strict"
    delimiter: str = "auto"
    quote: str = "auto"
    sheet: str | None = None
    limits: TableLimits = implied(TableLimits())  # noqa: RUF009 - immutable

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise RequestError(f"config key 'kind': '{self.kind}' is unknown", did_you_mean(self.kind, list(KINDS)))
        if self.columns.question is None and self.columns.answer is None:
            raise RequestError("columns.question and columns.answer are both null", "name at least one column")
        if self.columns.answer is None and self.kind in _ANSWERED:
            raise RequestError(
                f"config key 'columns.answer': is null, but kind={self.kind} is learnt from its answers",
                "write columns.answer=<the column of the answers>, or kind=posting or kind=message",
            )


@SOURCES.register("csv", CsvOptions)
class Csv:
    """A table of your own (CSV, TSV, JSONL, Parquet, xlsx): path=… columns.question=… columns.answer=…"""

    def __init__(self, options: CsvOptions) -> None:
        self._options = options
        self._path = existing_path(Path(options.path))
        self._column_by_field = options.columns.column_by_field()
        self._needed = {
            self._column_by_field[name] for name in ("question", "answer", "id") if name in self._column_by_field
        }
        self._further = MetaColumns(self._path, options.meta_columns, self._column_by_field.values())

    def inputs(self) -> Mapping[str, Path]:
        """Return the table. RequestError when it is absent or of an unknown format."""
        if not self._path.exists():
            raise RequestError(f"{self._path}: no such file", "check path=")
        if self._path.suffix.lower() != ".xls":
            refuse_foreign(self._path, ", ".join(_SUFFIXES))
        if self._path.suffix.lower() not in _SUFFIXES:
            cure = "; save it as .xlsx" if self._path.suffix.lower() == ".xls" else ""
            raise RequestError(
                f"{self._path}: '{self._path.suffix}' cannot be read", f"known: {', '.join(_SUFFIXES)}{cure}"
            )
        return {"path": self._path}

    def collect(self, run: StageRun) -> Iterator[Document | Rejection]:
        """Yield a document or rejection for every row, in the file's order.

        RequestError: a bad file, a wrong column, an id used twice.
        """
        table = self._read()
        check_columns(self._path, self._column_by_field, table.columns)
        self._further.report()
        options = self._options
        documents = TableDocuments(
            self._path, "csv", options.kind, options.licence, self._column_by_field, self._further, options.limits
        )
        yield from documents.of(table, run)

    def _read(self) -> Table:
        options, path, suffix = self._options, self._path, self._path.suffix.lower()
        used_columns = set(self._column_by_field.values())
        if suffix == ".parquet":
            return read_parquet_table(path, used_columns, options.limits, self._further.choose)
        options.limits.check_file(path)
        if suffix == ".xlsx":
            return read_xlsx_table(
                path, options.sheet, used_columns, self._needed, options.limits, self._further.choose
            )
        options.limits.check_lines(path)
        data = path.read_bytes()
        self._check_content(data)
        decoded = decode(data, str(path), options.encoding, options.encoding_errors)
        if not decoded.text.strip():
            raise RequestError(f"{path}: is empty", "give a file with rows")
        if suffix in (".jsonl", ".ndjson"):
            table = read_jsonl_table(decoded.text, str(path), path.name, used_columns, self._further.choose)
        else:
            options_of_text = (options.delimiter, options.quote, used_columns, suffix in (".tsv", ".tab"), self._needed)
            table = read_delimited(decoded.text, str(path), path.name, *options_of_text, options.limits.cell_characters)
            self._further.choose(table.columns)
        return Table(table.columns, table.rows, decoded.encoding, decoded.replaced)

    def _check_content(self, data: bytes) -> None:
        """Raise RequestError for a file that is no text, whatever its name says."""
        for beginning, suffix in _BINARY:
            if data.startswith(beginning):
                what, cure = kind_of_content(data) or (f"a {suffix} file", f"call it {self._path.stem}{suffix}")
                raise RequestError(f"{self._path}: its content is {what}", cure)
        if (kind := kind_of_content(data)) is not None:
            raise RequestError(f"{self._path}: its content is {kind[0]}", kind[1])

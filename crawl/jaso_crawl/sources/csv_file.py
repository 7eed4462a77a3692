"""Source of a user's table: CSV, TSV, JSONL, Parquet or xlsx; document per row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jaso_core.config import REQUIRED
from jaso_core.errors import RequestError
from jaso_core.io.file_kinds import existing_path
from jaso_core.records import Document
from jaso_core.stage.runner import StageRun
from jaso_crawl.source_registry import SOURCES, check_kind
from jaso_crawl.sources.table_columns import ALL, Columns, MetaColumns, check_columns
from jaso_crawl.sources.table_documents import TableDocuments
from jaso_crawl.tables.read_table import TableOptions, check_table_file, read_table
from jaso_crawl.types import Rejection

# Kinds whose answers are trained on; other kinds may lack a question or an answer.
_ANSWERED = ("letter", "interview", "dialogue")


@dataclass(frozen=True)
class CsvOptions(TableOptions):
    """Options: the table's `path`, how to read it, and what it may cost."""

    path: str = REQUIRED
    columns: Columns = field(default_factory=Columns)
    meta_columns: list[str] = field(default_factory=lambda: [ALL])
    kind: str = "dialogue"
    licence: str | None = None

    def __post_init__(self) -> None:
        check_kind(self.kind)
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
        check_table_file(self._path)
        return {"path": self._path}

    def collect(self, run: StageRun) -> Iterator[Document | Rejection]:
        """Yield a document or rejection for every row, in the file's order.

        RequestError: a bad file, a wrong column, an id used twice.
        """
        used_columns = set(self._column_by_field.values())
        table = read_table(self._path, used_columns, self._needed, self._options, self._further.choose)
        check_columns(self._path, self._column_by_field, table.columns)
        self._further.report()
        options = self._options
        documents = TableDocuments(
            self._path, "csv", options.kind, options.licence, self._column_by_field, self._further, options.limits
        )
        yield from documents.of(table, run)

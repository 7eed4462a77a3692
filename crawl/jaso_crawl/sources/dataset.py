"""Source of a data set: a save_to_disk folder, JSON, Parquet, or a hub name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jaso_core.config import REQUIRED
from jaso_core.console import say
from jaso_core.errors import RequestError, did_you_mean
from jaso_core.io.file_kinds import existing_path, refuse_foreign
from jaso_core.records import Document
from jaso_core.stage.runner import StageRun, implied
from jaso_crawl.source_registry import SOURCES, check_kind
from jaso_crawl.sources.guess_columns import guess_columns
from jaso_crawl.sources.table_columns import ALL, Columns, MetaColumns, check_columns
from jaso_crawl.sources.table_documents import TableDocuments
from jaso_crawl.tables.arrow_dataset import LoadedDataset, is_saved, load_from_hub, load_saved, read_arrow_table
from jaso_crawl.tables.decode import decode
from jaso_crawl.tables.json_text import parse_json_rows, read_json_table
from jaso_crawl.tables.table import Table
from jaso_crawl.tables.table_limits import TableLimits
from jaso_crawl.tables.typed import first_columns, parquet_columns, read_jsonl_table, read_parquet_table
from jaso_crawl.types import Rejection

_FILES = (".json", ".jsonl", ".ndjson", ".parquet")
_TABLES = (".csv", ".tsv", ".tab", ".txt", ".xlsx", ".xls")


@dataclass(frozen=True)
class DatasetColumns(Columns):
    """The data set's column names; question and answer are guessed where null.

    `messages`: conversations as lists of {role, content}, whose first question and answer are the item.
    """

    question: str | None = None
    answer: str | None = None
    messages: str | None = None


@dataclass(frozen=True)
class DatasetOptions:
    """Options: the data set's `path` or hub name, which part of it, and its columns."""

    path: str = REQUIRED
    columns: DatasetColumns = field(default_factory=DatasetColumns)
    meta_columns: list[str] = field(default_factory=lambda: [ALL])
    splits: list[str] = field(default_factory=lambda: [ALL])
    subset: str | None = None
    dataset_revision: str | None = None
    kind: str = "dialogue"
    licence: str | None = None
    limits: TableLimits = implied(TableLimits())  # noqa: RUF009 - immutable

    def __post_init__(self) -> None:
        check_kind(self.kind)


@SOURCES.register("dataset", DatasetOptions)
class Dataset:
    """A data set: a folder of save_to_disk, JSON, JSONL, Parquet, or a hub name."""

    def __init__(self, options: DatasetOptions) -> None:
        self._options = options
        self._path = existing_path(Path(options.path))
        self._where_by_id: dict[str, str] = {}

    def inputs(self) -> Mapping[str, Path]:
        """Return the files that are read; none for a hub name. RequestError for others."""
        path = self._path
        if path.is_dir():
            if not is_saved(path):
                cure = "give a folder of save_to_disk, or .json, .jsonl, .parquet; source=letter_files reads letters"
                raise RequestError(f"{path}: is no data set's folder", cure)
            files = sorted(file for file in path.rglob("*") if file.is_file())
            return {f"path/{file.relative_to(path).as_posix()}": file for file in files}
        suffix = path.suffix.lower()
        if not path.exists():
            if suffix in (*_FILES, *_TABLES) or path.is_absolute():
                raise RequestError(f"{path}: no such file", "check path=")
            return {}
        if suffix in _TABLES:
            raise RequestError(f"{path}: is a table", "source=csv reads it")
        if suffix != ".json":
            refuse_foreign(path, ", ".join(_FILES))
        if suffix not in _FILES:
            raise RequestError(f"{path}: '{path.suffix}' cannot be read", f"known: {', '.join(_FILES)}")
        return {"path": path}

    def collect(self, run: StageRun) -> Iterator[Document | Rejection]:
        """Yield a document or rejection for every row, split by split."""
        if not self._path.is_file():
            yield from self._splits(run)
            return
        documents = self._documents(self._column_names())
        table = self._read_file(documents)
        check_columns(self._path, dict(documents.column_by_field), table.columns)
        documents.further.report()
        yield from documents.of(table, run)

    def _splits(self, run: StageRun) -> Iterator[Document | Rejection]:
        options = self._options
        loaded = (
            load_saved(self._path)
            if self._path.is_dir()
            else load_from_hub(options.path, options.subset, options.dataset_revision)
        )
        if loaded.revision is not None:
            run.counts["revision"] = loaded.revision
        names = _chosen_splits(options.path, options.splits, list(loaded.splits))
        shown = ", ".join(f"{name} ({len(loaded.splits[name]):,} rows)" for name in names if name)
        if shown:
            say(f"crawl: {self._path.name}: splits read: {shown}")
            run.counts["splits"] = {name: len(loaded.splits[name]) for name in names}
        names = [name for name in names if len(loaded.splits[name])]
        if not names:
            raise RequestError(f"{options.path}: has no rows", "give a data set with rows")
        for place, name in enumerate(names):
            yield from self._split(loaded, name, run, is_first=place == 0)

    def _split(
        self, loaded: LoadedDataset, name: str, run: StageRun, *, is_first: bool
    ) -> Iterator[Document | Rejection]:
        data = loaded.splits[name]
        documents = self._documents(data.column_names, name or None, loaded.licence)
        where = f"{self._path.name}/{name}" if name else self._path.name
        table = read_arrow_table(data, where, set(documents.column_by_field.values()), documents.choose)
        check_columns(self._path, dict(documents.column_by_field), table.columns)
        if is_first:
            documents.further.report()
        yield from documents.of(table, run)

    def _documents(
        self, columns: Sequence[str], split: str | None = None, licence: str | None = None
    ) -> TableDocuments:
        """Return the maker of documents; its columns are printed where they are guesses."""
        options = self._options
        given = options.columns.column_by_field()
        by_field = guess_columns(given, columns, self._path)
        guesses = {name: column for name, column in by_field.items() if name not in given}
        if guesses and split in (None, "train"):
            listing = ", ".join(f"columns.{name}={column}" for name, column in guesses.items())
            say(f"crawl: {self._path.name}: taken by their names: {listing}")
        messages = by_field.pop("messages", None)
        used = [*by_field.values(), *([messages] if messages is not None else [])]
        further = MetaColumns(self._path, options.meta_columns, used)
        return TableDocuments(
            self._path, "dataset", options.kind, options.licence or licence, by_field, further, options.limits,
            messages, split, self._where_by_id,
        )  # fmt: skip

    def _column_names(self) -> Sequence[str]:
        if self._path.suffix.lower() == ".parquet":
            return parquet_columns(self._path)
        self._options.limits.check_file(self._path)
        self._text = decode(self._path.read_bytes(), str(self._path)).text
        if not self._text.strip():
            raise RequestError(f"{self._path}: is empty", "give a file with rows")
        if self._path.suffix.lower() == ".json":
            self._rows = parse_json_rows(self._text, str(self._path))
            return list(dict.fromkeys(key for row in self._rows for key in row))
        return first_columns(self._text, str(self._path))

    def _read_file(self, documents: TableDocuments) -> Table:
        path, used = self._path, set(documents.column_by_field.values())
        if path.suffix.lower() == ".parquet":
            return read_parquet_table(path, used, self._options.limits, documents.choose)
        if path.suffix.lower() == ".json":
            return read_json_table(self._rows, path.name, used, documents.choose)
        return read_jsonl_table(self._text, str(path), path.name, used, documents.choose)


def _chosen_splits(where: str, wanted: Sequence[str], names: Sequence[str]) -> list[str]:
    if list(wanted) == [ALL]:
        return list(names)
    for name in wanted:
        if name not in names:
            known = [split for split in names if split] or ["none"]
            raise RequestError(f"{where}: has no split '{name}'", did_you_mean(name, known))
    return list(wanted)

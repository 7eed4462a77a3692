"""Source of a user's table: CSV, TSV, JSONL, Parquet or xlsx; document per row."""

from __future__ import annotations

import re
import shlex
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path

from jaso_core.config import REQUIRED
from jaso_core.console import say
from jaso_core.errors import RequestError, did_you_mean
from jaso_core.io.file_kinds import existing_path
from jaso_core.records import KINDS, Document, Item
from jaso_core.stage.runner import StageRun
from jaso_core.text.invisible import comparable_name
from jaso_core.text.mojibake import is_mojibake, suspicious_pattern
from jaso_crawl.source_registry import (
    REPLACED,
    SOURCES,
)
from jaso_crawl.tables.read_table import TableOptions, check_table_file, read_table
from jaso_crawl.tables.table import Row
from jaso_crawl.tables.workbook import ERROR_VALUE
from jaso_crawl.types import Rejection

# What a shell does not hand on as it is.
_SHELL = re.compile(r"[^\w.,:/@%+-]")
# Half of a surrogate pair, as "\\ud83d" alone in JSON: UTF-8 cannot encode it.
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
# Fields of sentences: only these can be told from mojibake.
_TEXTS = ("question", "answer", "summary")
# What a cell of the column `spoken` says; blank: as its kind says.
_YES_NO = {
    **dict.fromkeys(("true", "1", "yes", "y", "o", "예", "네", "구어", "말"), True),
    **dict.fromkeys(("false", "0", "no", "n", "x", "아니오", "아니요", "문어", "글"), False),
}
# Kinds whose answers are trained on; other kinds may lack a question or an answer.
_ANSWERED = ("letter", "interview", "dialogue")


@dataclass(frozen=True)
class Columns:
    """The user's column names for jaso's fields; null where there is no such column."""

    question: str | None = "question"
    answer: str | None = "answer"
    summary: str | None = None
    occupation: str | None = None
    experience: str | None = None
    role: str | None = None
    company: str | None = None
    season: str | None = None
    spoken: str | None = None
    id: str | None = None

    def column_by_field(self) -> dict[str, str]:
        """Return {field: the user's column}, as names are compared."""
        names = {f.name: getattr(self, f.name) for f in fields(self)}
        return {field_name: comparable_name(name) for field_name, name in names.items() if name is not None}


@dataclass(frozen=True)
class CsvOptions(TableOptions):
    """Options: the table's `path`, how to read it, and what it may cost."""

    path: str = REQUIRED
    columns: Columns = field(default_factory=Columns)
    kind: str = "dialogue"
    licence: str | None = None

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
        self._stem = _id_part(self._path.stem)

    def inputs(self) -> Mapping[str, Path]:
        """Return the table. RequestError when it is absent or of an unknown format."""
        check_table_file(self._path)
        return {"path": self._path}

    def collect(self, run: StageRun) -> Iterator[Document | Rejection]:
        """Yield a document or rejection for every row, in the file's order.

        RequestError: a bad file, a wrong column, an id used twice.
        """
        table = read_table(self._path, set(self._column_by_field.values()), self._needed, self._options)
        self._check(table.columns)
        where_by_id: dict[str, str] = {}
        limits, characters = self._options.limits, 0
        rows = number = replaced = short = 0
        for row in table.rows:
            rows += 1
            limits.check_rows(self._path, rows)
            characters += sum(len(text) for text in row.cells.values() if text is not None)
            limits.check_text(self._path, characters)
            number += not row.is_continuation
            short += row.is_short
            replaced += table.replaced and any("\ufffd" in (text or "") for text in row.cells.values())
            result = self._document(number, row)
            if isinstance(result, Document):
                if result.id in where_by_id:
                    what = f"{self._path}: id '{result.id}' stands at {where_by_id[result.id]} and at {row.where}"
                    raise RequestError(what, "make the ids unique, or leave columns.id out")
                where_by_id[result.id] = row.where
            yield result
        if rows == 0:
            raise RequestError(f"{self._path}: has column names but no rows", "give a file with rows")
        run.counts.update(rows=rows, listed=rows, fetched=rows, parsed=len(where_by_id), **{REPLACED: replaced})
        if table.encoding is not None:
            run.counts["encoding"] = table.encoding
        if short:
            run.counts["short_rows"] = short
            say(f"crawl: {self._path.name}: {short:,} rows have fewer cells than columns; their last ones are empty")

    def _check(self, columns: tuple[str, ...]) -> None:
        for field_name, name in self._column_by_field.items():
            if name not in columns:
                known = [column for column in columns if column]
                free = [column for column in known if column not in self._column_by_field.values()]
                cure = f"{did_you_mean(name, known)}; {_write_column(field_name, name, free)}"
                raise RequestError(f"{self._path}: has no column '{name}'", cure)

    def _document(self, number: int, row: Row) -> Document | Rejection:
        if row.problem is not None:
            reason, detail = row.problem
            return Rejection(row.where, reason, f"row {number}: {detail}")
        texts = {field_name: _none_if_blank(row.cells.get(name)) for field_name, name in self._column_by_field.items()}
        for field_name, text in texts.items():
            if (
                text is not None
                and text[0] == "#"
                and field_name not in (*_TEXTS, "id")
                and ERROR_VALUE.fullmatch(text)
            ):
                texts[field_name] = None  # a row can do without it
        for field_name, text in texts.items():
            if text is not None and len(text) > self._options.limits.cell_characters:
                name = self._column_by_field[field_name]
                detail = (
                    f"row {number}: column '{name}' holds {len(text):,} characters; limits.cell_mb= raises the limit"
                )
                return Rejection(row.where, "too_large", detail)
        for needed in ("question", "answer", "id"):
            if needed in texts and texts[needed] is None:
                detail = f"row {number}: column '{self._column_by_field[needed]}' is empty"
                return Rejection(row.where, f"missing_{needed}", detail)
        for field_name, text in texts.items():
            problem = None if text is None else _text_problem(field_name, text)
            if problem is not None:
                reason, detail = problem
                return Rejection(
                    row.where, reason, f"row {number}: column '{self._column_by_field[field_name]}' {detail}"
                )
        cell = texts.get("spoken")
        spoken = None if cell is None else _YES_NO.get(cell.strip().lower())
        if cell is not None and spoken is None:
            detail = f"row {number}: column '{self._column_by_field['spoken']}' holds '{cell}'; write true or false"
            return Rejection(row.where, "unknown_value", detail)
        meta: dict[str, object] = {"row": number, "file": self._path.name}
        meta |= {} if spoken is None else {"spoken": spoken}
        meta |= {name: texts[name] for name in ("occupation", "experience") if name in texts}
        return Document(
            id=f"csv:{texts.get('id') or f'{self._stem}:{number}'}",
            source="csv",
            kind=self._options.kind,
            items=(Item(texts.get("question"), texts.get("answer"), texts.get("summary")),),
            company=texts.get("company"),
            role=texts.get("role"),
            season=texts.get("season"),
            meta=meta,
            licence=self._options.licence,
        )


def _write_column(field_name: str, name: str, free: list[str]) -> str:
    """Return how to name the column of a field: the nearest or first one that is free."""
    column = next(iter([*get_close_matches(name, free, n=1), *free]), "<one of these>")
    return f"write {_column_override(field_name, column)}"


def _column_override(field_name: str, column: str) -> str:
    """Return the override that names a field's column, quoted where a shell needs it."""
    override = f"columns.{field_name}={column}"
    return shlex.quote(override) if _SHELL.search(column) and column[0] != "<" else override


def _text_problem(field_name: str, text: str) -> tuple[str, str] | None:
    """Return reason and detail where a cell's text cannot be used."""
    is_text = field_name in _TEXTS
    if is_text and text[0] == "#" and (error := ERROR_VALUE.fullmatch(text.strip())):
        return "error_value", f"holds {error[0]}, the mark of a formula that failed"
    if suspicious_pattern().search(text) is None:
        return None
    if (surrogate := _LONE_SURROGATE.search(text)) is not None:
        return "bad_character", f"holds half a character (\\u{ord(surrogate[0]):04x})"
    if is_text and is_mojibake(text):
        return "mojibake", "was read in a wrong encoding before it was saved; save it once more from its source"
    return None


def _id_part(stem: str) -> str:
    """Convert a file's name for use in ids: NFC, hyphens for odd characters."""
    return re.sub(r"[^\w.]+", "-", unicodedata.normalize("NFC", stem)).strip("-") or "table"


def _none_if_blank(text: str | None) -> str | None:
    """Return the text unchanged; None when it is blank."""
    return text if text is not None and text.strip() else None

"""Documents of a user's table: one a row, or a rejection with its reason."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jaso_core.console import say
from jaso_core.errors import RequestError
from jaso_core.records import Document, Item
from jaso_core.stage.runner import StageRun
from jaso_core.text.mojibake import is_mojibake, suspicious_pattern
from jaso_crawl.source_registry import REPLACED
from jaso_crawl.sources.conversations import ConversationError, first_pair, read_turns
from jaso_crawl.sources.table_columns import MetaColumns
from jaso_crawl.tables.table import Row, Table
from jaso_crawl.tables.table_limits import TableLimits, size_on_disk
from jaso_crawl.tables.workbook import ERROR_VALUE
from jaso_crawl.types import Rejection

# Half of a surrogate pair, as "\\ud83d" alone in JSON: UTF-8 cannot encode it.
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
# Fields of sentences: only these can be told from mojibake.
_TEXTS = ("question", "answer", "summary")
# What a cell of the column `spoken` says; blank: as its kind says.
_YES_NO = {
    **dict.fromkeys(("true", "1", "yes", "y", "o", "예", "네", "구어", "말"), True),
    **dict.fromkeys(("false", "0", "no", "n", "x", "아니오", "아니요", "문어", "글"), False),
}
_LONGEST_META = 100_000


@dataclass
class TableDocuments:
    """Maker of documents from the rows of one table.

    `column_by_field`: the user's column of each field. `messages`: a column of conversations, whose first question and
    answer are the item. `split`: kept in `meta`, where the data have splits. `where_by_id`: of the documents so far,
    for all splits of a data set.
    """

    path: Path
    source: str
    kind: str
    licence: str | None
    column_by_field: Mapping[str, str]
    further: MetaColumns
    limits: TableLimits
    messages: str | None = None
    split: str | None = None
    where_by_id: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        stem = id_part(self.path.stem)
        self._stem = f"{stem}:{self.split}" if self.split is not None else stem
        self._size = size_on_disk(self.path)
        self._characters = self._long_cells = 0

    def choose(self, columns: Sequence[str]) -> set[str]:
        """Return the columns to read besides the fields' own: further ones, and messages."""
        return {*self.further.choose(columns), *([self.messages] if self.messages is not None else [])}

    def of(self, table: Table, run: StageRun) -> Iterator[Document | Rejection]:
        """Yield a document or rejection for every row, in the table's order.

        RequestError: an id used twice, no rows, a limit.
        """
        rows = number = replaced = short = parsed = 0
        for row in table.rows:
            rows += 1
            self.limits.check_rows(self.path, rows)
            self._characters += sum(len(text) for text in row.cells.values() if text is not None)
            self.limits.check_text(self.path, self._characters, self._size)
            number += not row.is_continuation
            short += row.is_short
            replaced += table.replaced and any("\ufffd" in (text or "") for text in row.cells.values())
            result = self._document(number, row)
            if isinstance(result, Document):
                if result.id in self.where_by_id:
                    where = self.where_by_id[result.id]
                    what = f"{self.path}: id '{result.id}' stands at {where} and at {row.where}"
                    raise RequestError(what, "make the ids unique, or leave columns.id out")
                self.where_by_id[result.id] = row.where
                parsed += 1
            yield result
        if rows == 0:
            raise RequestError(f"{self.path}: has column names but no rows", "give a file with rows")
        for name, count in {
            "rows": rows, "listed": rows, "fetched": rows, "parsed": parsed, REPLACED: replaced,
        }.items():  # fmt: skip
            run.counts[name] = run.counts.get(name, 0) + count
        if table.encoding is not None:
            run.counts["encoding"] = table.encoding
        if short:
            run.counts["short_rows"] = short
            say(f"crawl: {self.path.name}: {short:,} rows have fewer cells than columns; their last ones are empty")
        if self._long_cells:
            run.counts["long_meta_cells"] = self._long_cells
            say(
                f"crawl: {self.path.name}: {self._long_cells:,} cells of further columns hold more than "
                f"{_LONGEST_META:,} characters and are left out"
            )

    def _document(self, number: int, row: Row) -> Document | Rejection:
        if row.problem is not None:
            reason, detail = row.problem
            return Rejection(row.where, reason, f"row {number}: {detail}")
        texts = {field_name: _none_if_blank(row.cells.get(name)) for field_name, name in self.column_by_field.items()}
        meta: dict[str, object] = {"row": number, "file": self.path.name}
        meta |= {} if self.split is None else {"split": self.split}
        if self.messages is not None:
            try:
                turns = read_turns(row.cells.get(self.messages))
            except ConversationError as error:
                return Rejection(row.where, "bad_messages", f"row {number}: column '{self.messages}' {error}")
            texts |= first_pair(turns)
            meta["messages"] = turns
        rejection = self._rejection(number, row, texts)
        if rejection is not None:
            return rejection
        cell = texts.get("spoken")
        spoken = None if cell is None else _YES_NO.get(cell.strip().lower())
        if cell is not None and spoken is None:
            detail = f"row {number}: column '{self.column_by_field['spoken']}' holds '{cell}'; write true or false"
            return Rejection(row.where, "unknown_value", detail)
        meta |= {} if spoken is None else {"spoken": spoken}
        meta |= {name: texts[name] for name in ("occupation", "experience") if name in texts}
        columns = self._further_texts(row)
        meta |= {"columns": columns} if columns else {}
        return Document(
            id=f"{self.source}:{texts.get('id') or f'{self._stem}:{number}'}",
            source=self.source,
            kind=self.kind,
            items=(Item(texts.get("question"), texts.get("answer"), texts.get("summary")),),
            company=texts.get("company"),
            role=texts.get("role"),
            season=texts.get("season"),
            meta=meta,
            licence=self.licence,
        )

    def _rejection(self, number: int, row: Row, texts: dict[str, str | None]) -> Rejection | None:
        """Return why a row's texts cannot be used; blanks error values of optional fields."""
        for field_name, text in texts.items():
            if (
                text is not None
                and text[0] == "#"
                and field_name not in (*_TEXTS, "id")
                and ERROR_VALUE.fullmatch(text)
            ):
                texts[field_name] = None  # a row can do without it
        for field_name, text in texts.items():
            if text is not None and len(text) > self.limits.cell_characters:
                column = self._column(field_name)
                detail = f"row {number}: {column} holds {len(text):,} characters; limits.cell_mb= raises the limit"
                return Rejection(row.where, "too_large", detail)
        for needed in ("question", "answer", "id"):
            if needed in texts and texts[needed] is None:
                return Rejection(row.where, f"missing_{needed}", f"row {number}: {self._column(needed)} is empty")
        for field_name, text in texts.items():
            problem = None if text is None else _text_problem(field_name, text)
            if problem is not None:
                reason, detail = problem
                return Rejection(row.where, reason, f"row {number}: {self._column(field_name)} {detail}")
        return None

    def _column(self, field_name: str) -> str:
        return f"column '{self.column_by_field.get(field_name, self.messages)}'"

    def _further_texts(self, row: Row) -> dict[str, str]:
        texts = {name: text for name in self.further.chosen if (text := _none_if_blank(row.cells.get(name)))}
        self._long_cells += sum(len(text) > _LONGEST_META for text in texts.values())
        return {name: _LONE_SURROGATE.sub("\ufffd", text) for name, text in texts.items() if len(text) <= _LONGEST_META}


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


def id_part(stem: str) -> str:
    """Convert a file's name for use in ids: NFC, hyphens for odd characters."""
    return re.sub(r"[^\w.]+", "-", unicodedata.normalize("NFC", stem)).strip("-") or "table"


def _none_if_blank(text: str | None) -> str | None:
    """Return the text unchanged; None when it is blank."""
    return text if text is not None and text.strip() else None

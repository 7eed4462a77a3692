"""Read CSV and TSV; an unmatched quote is an error, never a swallowed row.

Quoted line ends are kept. Rows that were joined by a quote or cut by a line end become problems with their lines.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from jaso_core.console import say
from jaso_core.errors import RequestError, did_you_mean
from jaso_core.io.separator_line import split_separator_line
from jaso_core.text.invisible import comparable_name
from jaso_crawl.tables.broken_rows import CUT, JOINED, Record, group_cut, looks_joined
from jaso_crawl.tables.table import Row, Table, header_of
from jaso_crawl.tables.table_limits import TableLimits

if TYPE_CHECKING:
    from _csv import Reader

AUTO = "auto"
QUOTES = (AUTO, "double", "none")
_DELIMITERS = (",", "\t", ";", "|")
_NAMED_DELIMITERS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}


def read_delimited(
    text: str,
    where: str,
    name: str,
    delimiter: str,
    quote: str,
    used_columns: Collection[str],
    is_tsv: bool,
    needed_columns: Collection[str] = (),
    largest_cell: int = TableLimits().cell_characters,
) -> Table:
    """Read a CSV or TSV table.

    `where` begins error messages, `name` the rows' locations. `used_columns` decide between possible delimiters;
    `needed_columns` are filled in every row, which tells a row from a piece of one. A first line `sep=;` names the
    delimiter. With quote=auto a tab-separated file whose quotes do not match is read without quoting: there, they are
    text. RequestError: no header, a delimiter of several characters, an unmatched quote, a cell of more than
    `largest_cell` characters.
    """
    csv.field_size_limit(largest_cell)
    if quote not in QUOTES:
        raise RequestError(f"quote={quote} is unknown", did_you_mean(quote, list(QUOTES)))
    separator, text = split_separator_line(text)
    first_line = 1 if separator is None else 2
    delimiter = separator if separator is not None and delimiter == AUTO else delimiter
    chosen = _find_delimiter(text, where, delimiter, used_columns, is_tsv)
    is_quoted = quote != "none"
    if quote == AUTO and chosen == "\t" and _quote_error(text, chosen) is not None:
        say(f"crawl: {name}: its quotes do not match, so they are read as text (quote=double insists on them)")
        is_quoted = False
    records = _records(text, where, chosen, is_quoted, first_line)
    header_record = next(records, None)
    if header_record is None:
        raise RequestError(f"{where}: is empty", "give a file with a row of column names and rows below it")
    header = header_of(where, header_record.cells)
    lines = _LineReader(text, first_line) if quote == AUTO else None
    return Table(header, _rows(records, name, header, chosen, lines, needed_columns))


def _rows(
    records: Iterator[Record],
    name: str,
    header: tuple[str, ...],
    delimiter: str,
    lines: _LineReader | None,
    needed_columns: Collection[str],
) -> Iterator[Row]:
    """Yield the rows. With `lines`, look for rows that a quote joined."""
    for group in group_cut(records, header, needed_columns):
        record = group[0]
        if len(group) > 1:
            yield from _cut_rows(group, name)
        elif (
            lines is not None
            and record.last_line > record.line
            and looks_joined(lines.between(record.line, record.last_line), delimiter, len(header))
        ):
            yield from _joined_rows(record, name)
        else:
            yield _to_row(f"{name}:{record.line}", header, record.cells)


def _cut_rows(group: Sequence[Record], name: str) -> Iterator[Row]:
    detail = (
        f"line {group[0].line} to line {group[-1].line} are pieces of one row, cut at a line end; "
        "put quotes around a text with line ends"
    )
    for record in group:
        yield Row(f"{name}:{record.line}", {}, (CUT, detail))


def _joined_rows(record: Record, name: str) -> Iterator[Row]:
    """Yield a problem for each line; they are one row by their number."""
    detail = (
        f"a quote joins line {record.line} to line {record.last_line}, each of which looks like a row; "
        "double the quotes inside the text, or give quote=none when quotes are just text, quote=double when it is one"
    )
    for line in range(record.line, record.last_line + 1):
        yield Row(f"{name}:{line}", {}, (JOINED, detail), is_continuation=line > record.line)


def _to_row(where: str, header: tuple[str, ...], cells: Sequence[str]) -> Row:
    if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
        detail = f"{len(cells)} cells, but {len(header)} columns; is a comma in a text that has no quotes around it?"
        return Row(where, {}, ("too_many_cells", detail))
    padded = [*cells, *[""] * (len(header) - len(cells))]
    return Row(where, dict(zip(header, padded, strict=False)), is_short=len(cells) < len(header))


def _records(text: str, where: str, delimiter: str, is_quoted: bool, first_line: int = 1) -> Iterator[Record]:
    """Yield the records, without blank lines.

    `first_line` is the number of the text's first line.
    """
    reader = _csv_reader(io.StringIO(text, newline=""), delimiter, is_quoted)
    begin = first_line
    try:
        for cells in reader:
            last = first_line + reader.line_num - 1
            if cells:
                yield Record(begin, last, cells)
            begin = last + 1
    except csv.Error as error:
        cure = "double the quotes inside the text, or give quote=none when quotes are just text"
        if "field limit" in str(error):
            cure += "; limits.cell_mb= raises the limit if it is one text"
        last = first_line + reader.line_num - 1
        raise RequestError(f"{where}:{begin}: a quote does not match ({error} in line {last})", cure) from None


class _LineReader:
    """The lines of a text by number, in ascending order."""

    def __init__(self, text: str, first_line: int) -> None:
        self._lines = io.StringIO(text, newline="")
        self._next = first_line

    def between(self, first: int, last: int) -> list[str]:
        """Return the lines from `first` to `last`."""
        skipped = islice(self._lines, first - self._next, first - self._next + last - first + 1)
        self._next = last + 1
        return list(skipped)


def _quote_error(text: str, delimiter: str) -> csv.Error | None:
    try:
        for _ in _csv_reader(io.StringIO(text, newline=""), delimiter, is_quoted=True):
            pass
    except csv.Error as error:
        return error
    return None


def _csv_reader(lines: io.StringIO, delimiter: str, is_quoted: bool) -> Reader:
    if is_quoted:
        return csv.reader(lines, delimiter=delimiter, strict=True)
    return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)


def _find_delimiter(text: str, where: str, delimiter: str, used_columns: Collection[str], is_tsv: bool) -> str:
    if delimiter != AUTO:
        chosen = _NAMED_DELIMITERS.get(delimiter, delimiter)
        if len(chosen) != 1:
            raise RequestError(
                f"delimiter={delimiter} is not one character", f"known: {', '.join(_NAMED_DELIMITERS)}, or one"
            )
        return chosen
    candidates = ("\t", *_DELIMITERS) if is_tsv else _DELIMITERS
    return max(candidates, key=lambda candidate: _delimiter_score(text, where, candidate, used_columns))


def _delimiter_score(text: str, where: str, delimiter: str, used_columns: Collection[str]) -> tuple[int, int]:
    """Score a delimiter: number of used columns that it gives, then of all columns."""
    # "질문;답변,비고" with used columns 질문 and "답변,비고": comma (0, 2), semicolon (2, 2)
    try:
        cells = next(_records(text, where, delimiter, is_quoted=True)).cells
    except (StopIteration, RequestError):
        return (0, 0)
    return (len({comparable_name(cell) for cell in cells} & set(used_columns)), len(cells))

"""Read CSV and TSV; an unmatched quote is an error, never a swallowed row.

Quoted line ends are kept.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from jaso_core.console import say
from jaso_core.errors import RequestError, did_you_mean
from jaso_crawl.tables.table import Row, Table, header_of

if TYPE_CHECKING:
    from _csv import Reader

AUTO = "auto"
QUOTES = (AUTO, "double", "none")
_DELIMITERS = (",", "\t", ";", "|")
_NAMED_DELIMITERS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
_LARGEST_CELL = 10 * 2**20


def read_delimited(
    text: str, where: str, name: str, delimiter: str, quote: str, used_columns: Collection[str], is_tsv: bool
) -> Table:
    """Read a CSV or TSV table.

    `where` begins error messages, `name` the rows' locations. `used_columns` decide between possible delimiters. With
    quote=auto a tab-separated file whose quotes do not match is read without quoting: there, they are text.
    RequestError: no header, a delimiter of several characters, an unmatched quote.
    """
    if quote not in QUOTES:
        raise RequestError(f"quote={quote} is unknown", did_you_mean(quote, list(QUOTES)))
    chosen = _find_delimiter(text, where, delimiter, used_columns, is_tsv)
    is_quoted = quote != "none"
    if quote == AUTO and chosen == "\t" and _quote_error(text, chosen) is not None:
        say(f"crawl: {name}: its quotes do not match, so they are read as text (quote=double insists on them)")
        is_quoted = False
    lines = _rows_with_lines(text, where, chosen, is_quoted)
    header_row = next(lines, None)
    if header_row is None:
        raise RequestError(f"{where}: is empty", "give a file with a row of column names and rows below it")
    header = header_of(where, header_row[1])
    return Table(header, (_to_row(f"{name}:{line}", header, cells) for line, cells in lines))


def _to_row(where: str, header: tuple[str, ...], cells: list[str]) -> Row:
    if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
        detail = f"{len(cells)} cells, but {len(header)} columns; is a comma in a text that has no quotes around it?"
        return Row(where, {}, ("too_many_cells", detail))
    padded = [*cells, *[""] * (len(header) - len(cells))]
    return Row(where, dict(zip(header, padded, strict=False)))


def _rows_with_lines(text: str, where: str, delimiter: str, is_quoted: bool) -> Iterator[tuple[int, list[str]]]:
    """Yield (line on which the row begins, cells), without blank lines."""
    reader = _csv_reader(text, delimiter, is_quoted)
    first_line = 1
    try:
        for cells in reader:
            if cells:
                yield first_line, cells
            first_line = reader.line_num + 1
    except csv.Error as error:
        cure = "double the quotes inside the text, or give quote=none when quotes are just text"
        raise RequestError(f"{where}:{first_line}: a quote does not match ({error})", cure) from None


def _quote_error(text: str, delimiter: str) -> csv.Error | None:
    try:
        for _ in _csv_reader(text, delimiter, is_quoted=True):
            pass
    except csv.Error as error:
        return error
    return None


def _csv_reader(text: str, delimiter: str, is_quoted: bool) -> Reader:
    csv.field_size_limit(_LARGEST_CELL)
    stream = io.StringIO(text, newline="")
    if is_quoted:
        return csv.reader(stream, delimiter=delimiter, strict=True)
    return csv.reader(stream, delimiter=delimiter, quoting=csv.QUOTE_NONE)


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
        cells = next(_rows_with_lines(text, where, delimiter, is_quoted=True))[1]
    except (StopIteration, RequestError):
        return (0, 0)
    return (len({cell.strip() for cell in cells} & set(used_columns)), len(cells))

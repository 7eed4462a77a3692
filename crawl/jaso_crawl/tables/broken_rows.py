"""Detect rows that a stray quote joined, or that an unquoted line end cut."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

JOINED = "unmatched_quote"
CUT = "cut_text"
# 1,000: a comma within a number, no border of cells.
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")


class Record(NamedTuple):
    """A record of a delimited file: its first and last line, and its cells."""

    line: int
    last_line: int
    cells: list[str]


def looks_joined(lines: Sequence[str], delimiter: str, columns: int) -> bool:
    """Whether a stray quote has joined several rows to one record of these lines.

    One cell of it is quoted, over several lines, and most of the lines have as many cells as a row, the first and the
    last among them. A quoted answer has its line ends elsewhere, or blanks behind its commas.
    """
    # Q,A⏎가,"나⏎다,라" → two lines of two cells each: joined; 가,"나, 다⏎라" → three and one: a text of two lines
    if len(lines) < 2 or columns < 2 or "".join(lines).replace('""', "").count('"') != 2:
        return False
    rowlike = [_is_rowlike(line.rstrip("\r\n"), delimiter, columns) for line in lines]
    return rowlike[0] and rowlike[-1] and 3 * sum(rowlike) >= 2 * len(rowlike)


def _is_rowlike(line: str, delimiter: str, columns: int) -> bool:
    plain = _THOUSANDS.sub("", line)
    return plain.count(delimiter) == columns - 1 and not (delimiter in ",;" and f"{delimiter} " in plain)


def group_cut(
    records: Iterator[Record], header: Sequence[str], needed_columns: Collection[str]
) -> Iterator[list[Record]]:
    """Yield records; those that are pieces of one row in one list.

    A piece has too few cells, and lacks a needed column when taken as a row. Pieces have together no more cells than a
    row. A row that quotes line ends is not continued by the next line: its writer knows how to quote them.
    """
    # Q,A⏎가,나⏎다⏎ → [[가,나 and 다]]: 다 alone has no answer, and 2 + 1 - 1 cells are one row
    columns = len(header)
    places = [index for index, name in enumerate(header) if name in needed_columns]
    group: list[Record] = []
    cells = 0
    for record in records:
        width = len(record.cells)
        if group and cells + width - 1 <= columns and _may_continue(group, record, places, columns):
            group.append(record)
            cells += width - 1
            continue
        if group:
            yield group
        group, cells = [record], width
    if group:
        yield group


def _may_continue(group: Sequence[Record], record: Record, places: Sequence[int], columns: int) -> bool:
    before = group[-1]
    if before.last_line > before.line:
        return False
    return _lacks(record, places, columns) or (len(group) == 1 and _lacks(before, places, columns))


def _lacks(record: Record, places: Sequence[int], columns: int) -> bool:
    """Whether a record has too few cells, and no text in one that every row needs."""
    cells = record.cells
    return len(cells) < columns and any(place >= len(cells) or not cells[place].strip() for place in places)

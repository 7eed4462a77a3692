"""Tables of a report, rendered as Markdown, CSV, LaTeX (booktabs) and HTML."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup, escape

from jaso_core.report.escape import Escape, escape_latex, escape_markdown, one_line, raise_latex

Layout = Literal["spaced", "compact", "padded"]
Value = str | int | float | bool | None


@dataclass(frozen=True)
class Cell:
    """A table cell: bold if `strong`, `mark` raised after it, `small` following."""

    text: str
    small: str = ""
    strong: bool = False
    mark: str = ""


@dataclass(frozen=True)
class Table:
    """Table with aligned columns.

    `align`: "l" or "r" for the first columns; the others hold numbers, "r".
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str | Cell]]
    caption: str = ""
    align: str = "l"

    @property
    def columns(self) -> str:
        """Return the alignment of all columns, as a LaTeX column specification."""
        return self.align.ljust(len(self.head), "r")[: len(self.head)]


def markdown(table: Table, escape_text: Escape = escape_markdown, layout: Layout = "spaced") -> str:
    """Render a table as GitHub-flavoured Markdown.

    `escape_text` is applied to each part of a cell.

    layout: how the source looks. "padded" fills the columns with blanks, "compact" has no blanks in the rule.
    """
    head = [escape_text(name) for name in table.head]
    rows = [[_markdown_cell(cell, escape_text) for cell in row] for row in table.rows]
    match layout:
        case "spaced":
            rule = ["---" if side == "l" else "---:" for side in table.columns]
            lines = [_markdown_row(row) for row in (head, rule, *rows)]
        case "compact":
            rule = ["---" if side == "l" else "--:" for side in table.columns]
            titles = "|".join(f" {name} " if name else " " for name in head)
            lines = [f"|{titles}|", f"|{'|'.join(rule)}|", *map(_markdown_row, rows)]
        case "padded":
            lines = [_markdown_row(row) for row in _padded(head, rows, table.columns)]
    return "\n".join([*([escape_text(table.caption), ""] if table.caption else []), *lines])


def _markdown_row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _markdown_cell(cell: str | Cell, escape_text: Escape) -> str:
    if isinstance(cell, str):
        return escape_text(cell)
    text = f"**{escape_text(cell.text)}**" if cell.strong else escape_text(cell.text)
    return f"{text}{cell.mark} {escape_text(cell.small)}".strip()


def _padded(head: list[str], rows: list[list[str]], columns: str) -> list[list[str]]:
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [head, ["-" * width for width in widths], *rows]
    return [
        [
            cell.ljust(width) if side == "l" else cell.rjust(width)
            for cell, width, side in zip(line, widths, columns, strict=True)
        ]
        for line in lines
    ]


def csv_text(rows: Iterable[Iterable[Value]], *, quote_all: bool = False) -> str:
    """Render rows, the head first, as CSV with "\\n" after each; None is an empty cell."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL)
    writer.writerows(rows)
    return stream.getvalue()


def latex(
    table: Table,
    row_comments: Sequence[str] = (),
    escape_text: Escape = escape_latex,
    escape_name: Escape | None = None,
) -> str:
    r"""Render a booktabs table in LaTeX.

    `row_comments`, where given, are a comment below each row.

    `escape_name`: for the head and for cells that are plain strings, where other than `escape_text`.
    It needs \usepackage{booktabs} and, for Hangul, kotex.
    """
    escape_name = escape_name or escape_text
    lines = [
        *([f"% {one_line(table.caption)}"] if table.caption else []),
        rf"\begin{{tabular}}{{{table.columns}}}",
        r"\toprule",
        " & ".join(map(escape_name, table.head)) + r" \\",
        r"\midrule",
    ]
    for index, row in enumerate(table.rows):
        cells = (escape_name(cell) if isinstance(cell, str) else _latex_cell(cell, escape_text) for cell in row)
        lines.append(" & ".join(cells) + r" \\")
        lines += [f"% {one_line(row_comments[index])}"] if row_comments else []
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"])


def _latex_cell(cell: Cell, escape_text: Escape) -> str:
    text = rf"\textbf{{{escape_text(cell.text)}}}" if cell.strong else escape_text(cell.text)
    text += raise_latex(cell.mark)
    return f"{text} {{\\small {escape_text(cell.small)}}}" if cell.small else text


def html(table: Table, row_name: Callable[[Markup], Markup] = Markup) -> Markup:
    """Render HTML: the caption, and a <table> that scrolls sideways.

    The first column heads its row, and `row_name` is applied to its escaped texts; columns of numbers have the class
    "n".
    """
    head = Markup("").join(
        Markup('<th scope="col"{}>{}</th>').format(_html_class(side), name)
        for side, name in zip(table.columns, table.head, strict=True)
    )
    body = Markup("\n").join(
        Markup("<tr>{}</tr>").format(_html_row(row, table.columns, row_name)) for row in table.rows
    )
    return Markup(
        '<p class="note">{}</p><div class="scroll" role="region" tabindex="0" aria-label="{}"><table><thead>'
        "<tr>{}</tr></thead><tbody>\n{}\n</tbody></table></div>"
    ).format(table.caption, table.caption or table.head[0], head, body)


def _html_row(row: Sequence[str | Cell], columns: str, row_name: Callable[[Markup], Markup]) -> Markup:
    cells = []
    for index, (value, side) in enumerate(zip(row, columns, strict=True)):
        cell = Cell(value) if isinstance(value, str) else value
        text = Markup("<b>{}</b>").format(cell.text) if cell.strong else escape(cell.text)
        text += Markup("<sup>{}</sup>").format(cell.mark) if cell.mark else Markup("")
        text = text if index else row_name(text)
        small = Markup(" <small>{}</small>").format(cell.small) if cell.small else Markup("")
        tag = Markup("td") if index else Markup("th")
        cells.append(Markup("<{}{}>{}{}</{}>").format(tag, _html_class(side), text, small, tag))
    return Markup("").join(cells)


def _html_class(side: str) -> Markup:
    return Markup(' class="n"') if side == "r" else Markup("")

"""One rater's sheet as .xlsx and .csv; no cell is a formula, whatever the text."""

from __future__ import annotations

import csv
import io
import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from jaso_core.report.escape import escape_cell, escape_formula, is_formula
from jaso_evaluate.human.make.instructions import GUIDE, write_guide
from jaso_evaluate.rubric import ANSWER, CODE, COMMENT, QUESTION, Criterion, Rubric

SCORING = "평가"
MAX_ROW_HEIGHT = 409.0
"""Greatest height of a row in Excel, in points."""

_FONT = "맑은 고딕"
_LAYOUTS = ((70, 10), (100, 10), (120, 9))
"""Width of the answer column (digits) and font size (points).

Tried in this order until the longest answer fits.
"""

_LINE_HEIGHT = 1.4
"""In units of the font size."""

_WIDTHS = {CODE: 10.0, QUESTION: 28.0, COMMENT: 28.0}
_SCORE_WIDTH = 23.0
_THIN_LINE = Side(style="thin", color="C9CED8")
_INPUT_FILL = PatternFill("solid", fgColor="FFF8DC")
_HEADER_FILL = PatternFill("solid", fgColor="E3E8F2")
_TIMESTAMP = datetime(2000, 1, 1)
"""Fixed time of creation: equal requests give equal files.

When a sheet was made is not for its rater to know.
"""


@dataclass(frozen=True)
class SheetRow:
    """What a rater sees of a text; all three are sanitized (cell_text.sanitize)."""

    code: str
    question: str
    answer: str


@dataclass(frozen=True)
class SheetFiles:
    """The two files of a rater.

    `overflowing`: number of answers longer than the tallest row that a spreadsheet can show.
    """

    xlsx: bytes
    csv: bytes
    overflowing: int


def make_sheet(rows: Sequence[SheetRow], rubric: Rubric, rater: str, round_id: str) -> SheetFiles:
    """Build both files of one sheet. Equal arguments give equal bytes."""
    book = Workbook()
    guide = book.active
    assert isinstance(guide, Worksheet)
    guide.title = GUIDE
    write_guide(guide, rubric, rater, round_id, len(rows), put)
    overflowing = _write_scoring(book.create_sheet(SCORING), rows, rubric)
    book.properties.creator = "jaso"
    book.properties.created = book.properties.modified = _TIMESTAMP
    return SheetFiles(_to_bytes(book), to_csv(rows, rubric), overflowing)


def headers(rubric: Rubric) -> list[str]:
    """Return the header cells in their order."""
    return [CODE, QUESTION, ANSWER, *(c.header for c in rubric.criteria), COMMENT]


def to_csv(rows: Sequence[SheetRow], rubric: Rubric) -> bytes:
    """Encode the sheet as CSV: UTF-8 with a byte order mark, which Excel needs."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(map(escape_formula, headers(rubric)))
    for row in rows:
        blank = [""] * (len(rubric.criteria) + 1)
        writer.writerow([row.code, escape_cell(row.question), escape_cell(row.answer), *blank])
    return stream.getvalue().encode("utf-8-sig")


def put(sheet: Worksheet, row: int, column: int, text: str, size: float = 10, bold: bool = False) -> Cell:
    """Write a locked, wrapped cell that is text and nothing else."""
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)
    cell.value = text
    cell.data_type = "s"  # openpyxl makes a formula of "=…" and an error of "#N/A"
    cell.number_format = "@"
    cell.quotePrefix = is_formula(text)  # so that it stays text when a user confirms the cell unchanged
    cell.font = Font(name=_FONT, size=size, bold=bold)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def count_lines(text: str, width: float, size: float) -> int:
    """Count the lines of a text in a column of `width` digits.

    Digits of the standard font (11 points).
    """
    # Width 70, size 10 → 74.8 digits a line, 37 Hangul syllables: 37 take one line, 38 two, 100 three.
    digits_per_line = max(1.0, (width - 2) * 11 / size)
    return sum(max(1, math.ceil(_display_width(line) / digits_per_line)) for line in text.split("\n"))


def _display_width(line: str) -> int:
    """Width in digits; Hangul and other wide characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in line)


def _write_scoring(sheet: Worksheet, rows: Sequence[SheetRow], rubric: Rubric) -> int:
    width, size = _layout(rows)
    widths = [_WIDTHS[CODE], _WIDTHS[QUESTION], width, *[_SCORE_WIDTH] * len(rubric.criteria), _WIDTHS[COMMENT]]
    for column, column_width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = column_width
    _write_header(sheet, rubric, widths)
    overflowing = 0
    for number, row in enumerate(rows, start=2):
        for column, text in enumerate((row.code, row.question, row.answer), start=1):
            put(sheet, number, column, text, size).border = Border(bottom=_THIN_LINE)
        for column in range(4, len(widths) + 1):
            _unlock_cell(sheet, number, column, comment=column == len(widths))
        height = max(_row_height(row.answer, width, size), _row_height(row.question, _WIDTHS[QUESTION], size))
        sheet.row_dimensions[number].height = min(MAX_ROW_HEIGHT, max(36.0, height))
        overflowing += height > MAX_ROW_HEIGHT
    last = len(rows) + 1
    for column, criterion in enumerate(rubric.criteria, start=4):
        letter = get_column_letter(column)
        check = _validation(criterion)
        check.add(f"{letter}2:{letter}{last}")
        sheet.add_data_validation(check)
    _set_page(sheet, f"A1:{get_column_letter(len(widths))}{last}")
    return overflowing


def _layout(rows: Sequence[SheetRow]) -> tuple[float, float]:
    """Choose the narrowest layout in which every answer fits that fits in any."""
    # From 1,048 syllables on an answer is too tall for the first layout, from 1,510 on for the second.
    heights_by_layout = [[_row_height(row.answer, *layout) for row in rows] for layout in _LAYOUTS]
    fitting = [index for index, heights in enumerate(heights_by_layout[-1]) if heights <= MAX_ROW_HEIGHT]
    for layout, heights in zip(_LAYOUTS, heights_by_layout, strict=True):
        if all(heights[index] <= MAX_ROW_HEIGHT for index in fitting):
            return layout
    return _LAYOUTS[-1]


def _row_height(text: str, width: float, size: float) -> float:
    return 6 + count_lines(text, width, size) * size * _LINE_HEIGHT


def _write_header(sheet: Worksheet, rubric: Rubric, widths: Sequence[float]) -> None:
    tallest = 0.0
    for column, (text, width) in enumerate(zip(headers(rubric), widths, strict=True), start=1):
        cell = put(sheet, 1, column, text, 10, bold=True)
        cell.fill = _HEADER_FILL
        cell.border = Border(bottom=Side(style="medium", color="8893A7"))
        tallest = max(tallest, _row_height(text, width * 0.95, 10))  # bold is wider
    sheet.row_dimensions[1].height = min(MAX_ROW_HEIGHT, tallest)
    sheet.freeze_panes = "B2"


def _unlock_cell(sheet: Worksheet, row: int, column: int, *, comment: bool) -> None:
    cell = sheet.cell(row, column)
    cell.protection = Protection(locked=False)
    cell.fill = _INPUT_FILL
    cell.border = Border(bottom=_THIN_LINE, left=_THIN_LINE, right=_THIN_LINE)
    cell.font = Font(name=_FONT, size=10 if comment else 14, bold=not comment)
    cell.number_format = "@" if comment else "0"
    side = "left" if comment else "center"
    cell.alignment = Alignment(wrap_text=comment, vertical="top" if comment else "center", horizontal=side)


def _validation(criterion: Criterion) -> DataValidation:
    """Build the cell's validation: a drop-down, or a range where levels are too many."""
    is_list = criterion.highest - criterion.lowest <= 20
    # A list is written out in the formula, which Excel limits to 255 characters.
    scores = range(criterion.lowest, criterion.highest + 1)
    words = "\n".join(f"{score}: {text}" for score, text in criterion.levels.items())
    return DataValidation(
        type="list" if is_list else "whole",
        operator=None if is_list else "between",
        formula1=f'"{",".join(map(str, scores))}"' if is_list else str(criterion.lowest),
        formula2=None if is_list else str(criterion.highest),
        allow_blank=True,
        showErrorMessage=True,
        errorStyle="stop",
        errorTitle="점수를 확인해 주세요",
        error=f"{criterion.scale} 가운데 하나를 숫자로 넣어 주세요.",
        showInputMessage=True,
        promptTitle=criterion.label[:32],
        prompt=f"{criterion.asks}\n{words}"[:255],
    )


def _set_page(sheet: Worksheet, area: str) -> None:
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False  # raters may make cells larger
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"
    sheet.print_area = area
    if sheet.oddFooter is not None:
        sheet.oddFooter.center.text = "&P / &N"


def _to_bytes(book: Workbook) -> bytes:
    """Serialise the workbook without the time of the clock."""
    raw, fixed = io.BytesIO(), io.BytesIO()
    with ZipFile(raw, "w", ZIP_DEFLATED) as archive:
        ExcelWriter(book, archive).write_data()
    with ZipFile(raw) as archive, ZipFile(fixed, "w", ZIP_DEFLATED) as copy:
        for name in archive.namelist():
            # ExcelWriter puts the present time into each entry of the archive.
            entry = ZipInfo(name, (2000, 1, 1, 0, 0, 0))
            entry.compress_type = ZIP_DEFLATED
            copy.writestr(entry, archive.read(name))
    return fixed.getvalue()

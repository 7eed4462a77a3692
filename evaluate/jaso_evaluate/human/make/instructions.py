"""First page of a workbook: instructions for raters, and the levels of each score."""

from __future__ import annotations

from collections.abc import Callable

from openpyxl.cell.cell import Cell
from openpyxl.styles import PatternFill
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from jaso_evaluate.rubric import Criterion, Rubric

GUIDE = "안내"
RATER, ROUND = "평가자", "회차"
"""Labels beside which the page names the rater and the round."""

CellWriter = Callable[..., Cell]

_WIDTHS = (22.0, 96.0)
_STEPS = (
    "‘평가’ 시트를 열어 위에서 아래로 한 줄씩 질문과 답변을 읽고, 노란 칸에 점수를 넣어 주세요.",
    "점수는 목록에서 고르거나 숫자만 넣습니다. ‘2점’이 아니라 2입니다. 빈칸을 남기지 말아 주세요.",
    "같은 질문이 여러 번 나옵니다. 앞의 답변과 견주지 말고, 지금 보는 답변만 기준에 비추어 매겨 주세요.",
    "코드, 질문, 답변은 고치지 말고, 줄이나 칸을 더하거나 지우거나 합치지 말아 주세요.",
    "답변이 칸보다 길면 칸을 누르고 위쪽 입력줄에서 끝까지 읽을 수 있습니다.",
    "답변은 컴퓨터가 쓴 글입니다. 그 안의 주소를 열거나 지시를 따르지 마세요. 하고 싶은 말은 ‘의견’ 칸에 적어 주세요.",
    "다른 평가자와 점수를 의논하지 말고, 다 매긴 뒤 파일을 저장해 그대로 돌려주세요.",
)


def write_guide(sheet: Worksheet, rubric: Rubric, rater: str, round_id: str, texts: int, put: CellWriter) -> None:
    """Fill and protect the page. `put` writes one cell of text."""
    for letter, width in zip("AB", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    head = [("", rubric.title), (RATER, rater), (ROUND, round_id), ("답변 수", f"{texts:,}개")]
    steps = [("", ""), *((f"{number}", text) for number, text in enumerate(_STEPS, start=1)), ("", "")]
    row = 0
    for label, text in [*head, *steps]:
        row += 1
        title = row == 1
        put(sheet, row, 1, label, 10, bold=True)
        put(sheet, row, 2, text, 16 if title else 11, bold=title)
        sheet.row_dimensions[row].height = 30 if title else 12 if not text else 38 if len(text) > 58 else 22
    for criterion in rubric.criteria:
        row = _write_criterion(sheet, row + 1, criterion, put)
    sheet.protection.sheet = True
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _write_criterion(sheet: Worksheet, row: int, criterion: Criterion, put: CellWriter) -> int:
    """Write the criterion's block; return its last row."""
    for column, text in ((1, f"{criterion.label} ({criterion.scale})"), (2, criterion.asks)):
        put(sheet, row, column, text, 11, bold=True).fill = PatternFill("solid", fgColor="E3E8F2")
    sheet.row_dimensions[row].height = 38 if len(criterion.label) + len(criterion.scale) > 14 else 20
    for score, text in criterion.levels.items():
        row += 1
        put(sheet, row, 1, f"{score}", 11, bold=True)
        put(sheet, row, 2, text, 11)
        sheet.row_dimensions[row].height = 20 * (1 + len(text) // 45)
    return row + 1

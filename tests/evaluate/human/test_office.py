"""Sheets through a real spreadsheet program: the same scores come back, and no text is ever computed."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sheet_support import Row, fill, key_rows, make_round, read_round, scoring, write_run

SOFFICE = shutil.which("soffice")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(SOFFICE is None, reason="soffice (LibreOffice Calc) is not installed"),
]
CSV_OF_SHEET_2 = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,2"


IN_UTF_8 = "--infilter=Text - txt - csv (StarCalc):44,34,76,1"


def convert(files: list[Path], to: str, folder: Path, *options: str) -> list[Path]:
    """Files of the other format, of the same names."""
    assert SOFFICE is not None
    profile = f"-env:UserInstallation={(folder.parent / 'profile').as_uri()}"
    command = [SOFFICE, profile, "--headless", *options, "--convert-to", to, "--outdir", str(folder), *map(str, files)]
    subprocess.run(command, check=True, capture_output=True, timeout=200)
    return sorted(folder.iterdir())


def score(row: Row) -> list[int]:
    number = int(row["sha256"][:6], 16) + len(row["rater"]) + int(row["rater"][-1])
    return [number % 3, number // 3 % 3, number // 9 % 3]


def numbers(found: Row) -> Row:
    """Without the texts that are shown: .ods loses their tabs."""
    return {key: value for key, value in found.items() if key not in ("notes", "least_agreed")}


def test_five_raters_and_sixty_items_come_back_the_same(tmp_path: Path) -> None:
    words = [
        "저는 고객의 말을 먼저 듣습니다.",
        "기록을 다시 살펴\n오류를 찾았습니다.",
        "  앞뒤 빈칸과\t탭  ",
        "🙂 회의를 열었습니다.",
    ]
    texts = {f"item-{i}": " ".join(words[(i + k) % 4] for k in range(1 + i % 5)) + f" ({i})" for i in range(60)}
    made = make_round(tmp_path, [write_run(tmp_path / "run.jsonl", texts)], raters=5, duplicates=3)
    filled = fill(made, tmp_path / "filled", score)
    expected = numbers(read_round(filled, made, tmp_path / "direct"))
    assert expected["n"]["scored_rows"] == 300

    ods = convert(sorted(filled.glob("*.xlsx")), "ods", tmp_path / "ods")
    again = convert(ods, "xlsx", tmp_path / "xlsx")
    assert [p.name for p in again] == [f"rater{n}.xlsx" for n in range(1, 6)]
    assert numbers(read_round(tmp_path / "xlsx", made, tmp_path / "from-xlsx")) == expected
    tables = convert(again, CSV_OF_SHEET_2, tmp_path / "csv")
    assert len(tables) == 5
    assert numbers(read_round(tables, made, tmp_path / "from-csv")) == expected

    filled_csv = sorted((made / "sheets").glob("*.csv"))  # as handed out, opened and saved by the program
    opened = convert(filled_csv, "xlsx", tmp_path / "opened", IN_UTF_8)
    codes = key_rows(made)
    for file in opened:
        book = load_workbook(file)
        sheet = book.worksheets[0]
        for line in sheet.iter_rows(min_row=2):
            for cell, value in zip(line[3:], score(codes[str(line[0].value)]), strict=False):
                cell.value = value
        book.save(file)
    assert numbers(read_round(tmp_path / "opened", made, tmp_path / "from-opened")) == expected


FORMULAS = {
    "hyperlink": '=HYPERLINK("http://example.invalid","눌러요")',
    "sum": "=1+1",
    "plus": "+SUM(1)",
    "at": "@x",
    "minus": "-1+1",
    "pipe": "|cmd",
    "tab": "\t=1+1",
    "dde": "=cmd|'/C calc'!A0",
    "wide": "＝1+1",
    "blank": " =1+1",
    "line": "=1+1\n둘째 줄",
    "error": "#N/A",
    "apostrophe": "'=1+1",
    "script": "<script>alert(1)</script>",
    "escape": "_x003D_1+1",
}


def test_no_text_is_ever_computed(tmp_path: Path) -> None:
    made = make_round(tmp_path, [write_run(tmp_path / "run.jsonl", FORMULAS)], raters=1)
    shown = {
        str(r[0].value): str(r[2].value)
        for r in scoring(load_workbook(made / "sheets/rater1.xlsx")).iter_rows(min_row=2)
    }
    by_example = {row["example"]: shown[code] for code, row in key_rows(made).items()}
    assert all(by_example[name] == text for name, text in FORMULAS.items() if name != "escape")

    xlsx, listed = made / "sheets/rater1.xlsx", made / "sheets/rater1.csv"
    (table,) = convert([xlsx], CSV_OF_SHEET_2, tmp_path / "csv")
    content = table.read_text(encoding="utf-8")
    (page,) = convert([xlsx], "html:HTML (StarCalc)", tmp_path / "html")
    markup = page.read_text(encoding="utf-8", errors="replace")
    visible = html.unescape(re.sub(r"<[^>]*>", "", markup.replace("<br>", "\n").replace("\n\t", "")))
    for text in by_example.values():
        assert text.replace('"', '""') in content
        assert "".join(text.split()) in "".join(visible.split())
    assert "<script>" not in markup
    assert "example.invalid" not in re.sub(r">[^<]*<", "><", markup), "no link was made of the text"

    (opened,) = convert([listed], "xlsx", tmp_path / "opened", IN_UTF_8)
    for row in load_workbook(opened).worksheets[0].iter_rows(min_row=2):
        assert [cell.data_type for cell in row[:3]] == ["s", "s", "s"]
        assert str(row[2].value).removeprefix("'") in (shown[str(row[0].value)], shown[str(row[0].value)].lstrip("'"))

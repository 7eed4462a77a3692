"""Every way to spoil a sheet gives one line with file, sheet, cell and cure, and nothing is written."""

from __future__ import annotations

import datetime
import io
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from sheet_support import Row, fill, key_rows, make_round, read_round, scoring, write_run

from jaso_core.errors import RequestError


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A round of two runs, three items and two raters, in folder/round; filled in folder/filled."""
    folder = tmp_path_factory.mktemp("spoiled")
    runs = [write_run(folder / f"{n}.jsonl", {i: f"답변 {i} {n}" for i in "abc"}) for n in "xy"]
    made = make_round(folder, runs)
    fill(made, folder / "filled", lambda row: [0, 1, 2])
    return folder


def edited(change: Callable[[Worksheet], object]) -> Callable[[Path], None]:
    """Changes the scoring page of rater1.xlsx."""

    def spoil(folder: Path) -> None:
        book = load_workbook(folder / "rater1.xlsx")
        change(scoring(book))
        book.save(folder / "rater1.xlsx")

    return spoil


def cell(place: str, value: object) -> Callable[[Path], None]:
    def put(sheet: Worksheet) -> None:
        sheet[place].value = value

    return edited(put)


def booked(change: Callable[[Workbook], object]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        book = load_workbook(folder / "rater1.xlsx")
        change(book)
        book.save(folder / "rater1.xlsx")

    return spoil


def raw(change: Callable[[bytes], bytes], name: str = "rater1.xlsx") -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        content = change((folder / "rater1.xlsx").read_bytes())
        (folder / "rater1.xlsx").unlink()
        (folder / name).write_bytes(content)

    return spoil


def as_csv(change: Callable[[str], str | bytes]) -> Callable[[Path], None]:
    """Puts a filled rater1.csv in place of rater1.xlsx; `change` gets its text."""

    def spoil(folder: Path) -> None:
        sheet = scoring(load_workbook(folder / "rater1.xlsx"))
        lines = [",".join(f'"{v}"' if v is not None else "" for v in row) for row in sheet.iter_rows(values_only=True)]
        made = change("\r\n".join(lines))
        (folder / "rater1.xlsx").unlink()
        (folder / "rater1.csv").write_bytes(made if isinstance(made, bytes) else made.encode("utf-8-sig"))

    return spoil


def copied(sheet: Worksheet, source: int, target: int) -> None:
    for column in range(1, 8):
        sheet.cell(target, column).value = sheet.cell(source, column).value


def swapped_codes(folder: Path) -> None:
    """A row of rater2 is pasted below rater1's."""
    other = scoring(load_workbook(folder / "rater2.xlsx"))
    book = load_workbook(folder / "rater1.xlsx")
    for column in range(1, 8):
        scoring(book).cell(8, column).value = other.cell(2, column).value
    book.save(folder / "rater1.xlsx")


def second_sheet(folder: Path) -> None:
    shutil.copy(folder / "rater1.xlsx", folder / "rater1 (1).xlsx")


def other_round(folder: Path) -> None:
    runs = [write_run(folder.parent / f"o{n}.jsonl", {i: f"다른 답변 {i} {n}" for i in "abc"}) for n in "xy"]
    made = make_round(folder.parent / "other", runs)
    fill(made, folder, lambda row: [0, 0, 0], raters=["rater1"])


def bomb(content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr("xl/worksheets/sheet9.xml", b" " * (101 << 20))
    return made.getvalue()


def entities(content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, b'<!DOCTYPE a [<!ENTITY b "c">]>' + part if name == "xl/workbook.xml" else part)
    return made.getvalue()


def broken_part(content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name)[:-40] if name == "xl/worksheets/sheet2.xml" else old.read(name))
    return made.getvalue()


def zipped(**parts: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("_", "."), content)
    return made.getvalue()


def scoring_part(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == "xl/worksheets/sheet2.xml" else old.read(name))
    return made.getvalue()


def behind_rows(added: bytes) -> Callable[[Path], None]:
    """Adds XML behind the rows of the scoring page."""
    return raw(lambda b: scoring_part(b, lambda xml: xml.replace(b"</sheetData>", b"</sheetData>" + added, 1)))


def in_rows(added: bytes) -> Callable[[Path], None]:
    return raw(lambda b: scoring_part(b, lambda xml: xml.replace(b"</sheetData>", added + b"</sheetData>", 1)))


WHOLE_PAGE = b'ref="A1:XFD1048576"'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
SHEET = "rater1.xlsx: sheet '평가', cell "
SPOILED: dict[str, tuple[Callable[[Path], None], str, str]] = {
    # name: (what happens, the line begins with, the cure)
    "above the scale": (cell("D3", 3), f"{SHEET}D3: holds 3, outside 0 to 2", "write one of 0, 1, 2 as a number alone"),
    "below the scale": (cell("E4", -1), f"{SHEET}E4: holds -1, outside 0 to 2", "write one of 0, 1, 2"),
    "a huge number": (cell("E4", 10**30), f"{SHEET}E4: holds the text '1", "write one of 0, 1, 2"),
    "a half": (cell("F2", 1.5), f"{SHEET}F2: holds 1.5, which is no whole number", "write one of 0, 1, 2"),
    "a unit": (cell("D2", "2점"), f"{SHEET}D2: holds the text '2점'", "as a number alone"),
    "a word": (cell("D2", "좋음"), f"{SHEET}D2: holds the text '좋음'", "as a number alone"),
    "a digit-like sign": (cell("D2", "²"), f"{SHEET}D2: holds the text '²'", "as a number alone"),
    "a truth value": (cell("D2", True), f"{SHEET}D2: holds TRUE", "as a number alone"),
    "blank": (cell("D5", None), f"{SHEET}D5: no score for '문장 정확도'", "read with missing=skip"),
    "blanks only": (cell("D5", "  "), f"{SHEET}D5: no score for '문장 정확도'", "read with missing=skip"),
    "a formula": (cell("D5", "=1+1"), f"{SHEET}D5: holds a formula (=1+1)", "as a number alone"),
    "an error value": (cell("D5", "#N/A"), f"{SHEET}D5: holds a date or an error (#N/A)", "format the cell as a number"),
    "a date": (cell("D5", datetime.date(2026, 1, 2)), f"{SHEET}D5: holds a date", "format the cell as a number"),
    "merged": (edited(lambda s: s.merge_cells("E3:E4")), f"{SHEET}E3: cells are merged (E3:E4)", "split them"),
    "edited answer": (cell("C4", "고친 답변"), f"{SHEET}C4: the answer of ", "put the text back"),
    "edited question": (cell("B4", "고친 질문"), f"{SHEET}B4: the question of ", "put the text back"),
    "formula in the answer": (cell("C4", "=1+1"), f"{SHEET}C4: the answer of ", "put the text back"),
    "edited code": (cell("A4", "ABCDEF"), f"{SHEET}A4: 'ABCDEF' in place of a code", "write "),
    "deleted code": (cell("A4", None), f"{SHEET}A4: a blank in place of a code", "write "),
    "deleted row": (edited(lambda s: s.delete_rows(7)), f"{SHEET}A7: the row with code ", "put it back"),
    "row twice": (edited(lambda s: copied(s, 3, 8)), f"{SHEET}A8: code ", "delete one of them"),
    "added row": (edited(lambda s: s.cell(8, 3, "제가 쓴 답변")), f"{SHEET}A8: a blank is no code", "delete this row"),
    "another rater's row": (swapped_codes, f"{SHEET}A8: code ", "delete the row here"),
    "deleted column": (edited(lambda s: s.delete_cols(6)), f"{SHEET}F1: column '문맥 일관성 및 풍부함' is missing", "put it"),
    "renamed column": (cell("E1", "관련성"), f"{SHEET}E1: column '관련성' is unknown", "call it '질문 관련성' again"),
    "column twice": (edited(lambda s: s.cell(1, 8, "답변")), f"{SHEET}H1: column '답변' stands there twice", "delete the"),
    "no header": (edited(lambda s: s.delete_rows(1)), f"{SHEET}A1: no header with '코드'", "write it back"),
    "far cell": (cell("D90000", 1), "rater1.xlsx: sheet '평가': reaches to row 90,000", "delete what stands below"),
    "no scoring page": (booked(lambda b: b.remove(b["평가"])), "rater1.xlsx: sheet '평가': is missing", "all its sheets"),
    "another rater's name": (
        booked(lambda b: b["안내"].cell(2, 2, "rater9")),
        "rater1.xlsx: sheet '안내', cell B2: the first page names rater 'rater9'", "write 'rater1' again",
    ),
    "two sheets of a rater": (second_sheet, "rater1.xlsx: the whole file: is a second sheet of rater 'rater1'", "keep the"),
    "another round": (other_round, "rater1.xlsx: sheet '평가': is of round ", "give key= the folder"),
    "no sheet came back": (lambda f: (f / "rater1.xlsx").unlink(), "rater1.xlsx: the whole file: no sheet of", "give it"),
    "empty file": (raw(lambda b: b""), "rater1.xlsx: the whole file: is empty", "once more"),
    "cut off": (raw(lambda b: b[: len(b) // 2]), "rater1.xlsx: the whole file: is cut off or damaged", "once more"),
    "no workbook": (raw(lambda b: b"\x89PNG" * 9), "rater1.xlsx: the whole file: is no .xlsx file", "save the sheet"),
    "another zip": (raw(lambda b: zipped(a_txt=b"a")), "rater1.xlsx: the whole file: is no workbook", "save it as .xlsx"),
    "OpenDocument": (
        raw(lambda b: zipped(mimetype=b"", content_xml=b""), "rater1.ods"),
        "rater1.ods: the whole file: is an OpenDocument sheet", "save it as .xlsx",
    ),
    "encrypted": (
        raw(lambda b: OLE + "EncryptedPackage".encode("utf-16-le")),
        "rater1.xlsx: the whole file: is encrypted with a password", "remove the password",
    ),
    "old format": (raw(lambda b: OLE, "rater1.xls"), "rater1.xls: the whole file: is in the old .xls", "save it as .xlsx"),
    "zip bomb": (raw(bomb), "rater1.xlsx: the whole file: unpacks to more", "copy the scores"),
    "the whole page merged": (
        behind_rows(b"<mergeCells><mergeCell %s/></mergeCells>" % WHOLE_PAGE),
        "rater1.xlsx: the whole file: merges or links more than 1,000,000 cells", "copy the scores",
    ),
    "the whole page a link": (
        behind_rows(b'<hyperlinks><hyperlink %s location="a"/></hyperlinks>' % WHOLE_PAGE),
        "rater1.xlsx: the whole file: merges or links more than 1,000,000 cells", "copy the scores",
    ),
    "millions of cells": (
        in_rows(b'<row r="9">' + b"<c/>" * 3_000_000 + b"</row>"),
        "rater1.xlsx: the whole file: holds more cells than a sheet of scores has", "copy the scores",
    ),
    "a wide and long page": (cell("SA19000", 1), "rater1.xlsx: sheet '평가': reaches to row 19,000", "delete what"),
    "entities": (raw(entities), "rater1.xlsx: the whole file: defines entities", "save it as .xlsx"),
    "damaged page": (raw(broken_part), "rater1.xlsx: the whole file: cannot be read as a workbook", "save it as .xlsx"),
    "CSV: a date": (
        as_csv(lambda t: t.replace('"0","1","2"', '"01월 02일","1","2"', 1)),
        "rater1.csv: sheet 'CSV', cell D2: holds '01월 02일', which looks like a date", "as a number alone",
    ),
    "CSV: not UTF-8": (as_csv(lambda t: b"\xff" + t.encode("utf-8")), "rater1.csv: sheet 'CSV': is neither", "CSV UTF-8"),
    "CSV: lost letters": (
        as_csv(lambda t: t.replace("번 질문", "번 ??", 1)), "rater1.csv: sheet 'CSV', cell B2: the question of", "put the",
    ),
    "CSV: no table": (as_csv(lambda t: "안녕하세요\n감사합니다"), "rater1.csv: sheet 'CSV', cell A1: has no header", "hand in"),
    "CSV: very many columns": (
        as_csv(lambda t: t.replace("\r\n", "," * 600 + "\r\n", 1)),
        "rater1.csv: sheet 'CSV': has 607 columns", "delete what stands beside",
    ),
    "CSV: very many rows": (
        as_csv(lambda t: t + ",,\r\n" * 30_000), "rater1.csv: sheet 'CSV': has more than 20,000 rows", "delete what",
    ),
    "CSV: a line without an end": (
        as_csv(lambda t: t + "," * 5_000_000), "rater1.csv: sheet 'CSV': cannot be read as CSV (a line of", "once more",
    ),
    "CSV: other delimiter": (
        as_csv(lambda t: t.replace('","', '"#"')), "rater1.csv: sheet 'CSV', cell A1: has no header", "commas",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILED)
def test_a_spoiled_sheet(filled: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    spoil, begins, cure = SPOILED[name]
    shutil.copytree(filled / "filled", tmp_path / "filled")
    spoil(tmp_path / "filled")
    capsys.readouterr()
    with pytest.raises(RequestError) as raised:
        read_round(tmp_path / "filled", filled / "round", tmp_path / "out")
    line = str(raised.value)
    assert line.startswith(begins)
    assert cure in line.removeprefix(begins)
    assert "\n" not in line
    assert capsys.readouterr().err == ""
    assert not (tmp_path / "out").exists()


def test_every_fault_is_told_not_only_the_first(
    filled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(filled / "filled", tmp_path / "filled")
    for place, value in (("D2", 7), ("E3", "2점"), ("F4", None), ("C5", "고침")):
        cell(place, value)(tmp_path / "filled")
    (tmp_path / "filled/rater2.xlsx").write_bytes(b"")
    capsys.readouterr()
    with pytest.raises(RequestError, match="5 faults in 2 of 2 sheets"):
        read_round(tmp_path / "filled", filled / "round", tmp_path / "out")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 5
    assert [next((c for c in ("D2", "E3", "F4", "C5", "whole file") if c in line), None) for line in lines] == [
        "whole file", "D2", "E3", "F4", "C5",
    ]  # fmt: skip


def rated(found: Row) -> dict[str, float]:
    return {row["run"]: row["final"]["value"] for row in found["runs"]}


def reordered(sheet: Worksheet) -> None:
    """Columns and rows in another order, and a column of the rater's own."""
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    sheet.delete_rows(1, 99)
    for number, row in enumerate([rows[0], *reversed(rows[1:])], start=1):
        for column, value in enumerate([row[6], *row[3:6], row[0], row[2], row[1], "나의 표시"], start=1):
            sheet.cell(number, column).value = value


HARMLESS: dict[str, tuple[Callable[[Path], None], str]] = {
    "other order": (edited(reordered), "column '나의 표시' is not of the sheet"),
    "decimals": (cell("E2", 1.0), ""),
    "text digits": (cell("E2", " 1.0 "), ""),
    "full-width digits": (cell("E2", "１"), ""),
    "another file name": (lambda f: (f / "rater1.xlsx").rename(f / "평가 완료 (최종).xlsx") and None, ""),
    "a lock file beside it": (lambda f: (f / "~$rater1.xlsx").write_bytes(b"x") and None, ""),
    "CSV": (as_csv(lambda t: t), ""),
    "CSV with semicolons": (as_csv(lambda t: t.replace(",", ";")), ""),
    "CSV with tabs in UTF-16": (as_csv(lambda t: t.replace(",", "\t").encode("utf-16")), "read as UTF-16"),
    "CSV in CP949": (as_csv(lambda t: t.encode("cp949")), "read as CP949"),
    "CSV with quotation marks": (as_csv(lambda t: t.replace(",\r\n", ',"화면 5"" 크기; 둘째"\r\n', 1)), ""),
    "CSV with sep=": (as_csv(lambda t: "sep=;\r\n" + t.replace(",", ";")), ""),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_programs_do_to_a_sheet_is_no_fault(filled: Path, tmp_path: Path, name: str) -> None:
    spoil, note = HARMLESS[name]
    shutil.copytree(filled / "filled", tmp_path / "filled")
    spoil(tmp_path / "filled")
    found = read_round(tmp_path / "filled", filled / "round", tmp_path / "out")
    assert rated(found) == {"x.jsonl": 3, "y.jsonl": 3}
    assert len(found["notes"]) == bool(note)
    assert note in "".join(found["notes"])


def test_an_untouched_csv_beside_the_filled_xlsx_is_passed_over(filled: Path, tmp_path: Path) -> None:
    shutil.copytree(filled / "filled", tmp_path / "filled")
    shutil.copy(filled / "round/sheets/rater1.csv", tmp_path / "filled/rater1.csv")
    with pytest.raises(RequestError) as raised:  # its blank cells are no fault, for another sheet is there
        read_round(tmp_path / "filled/rater1.csv", filled / "round", tmp_path / "out")
    assert "faults in 1 of 1 sheets" in str(raised.value)
    found = read_round(tmp_path / "filled", filled / "round", tmp_path / "out")
    assert found["notes"] == ["rater1.csv: has no scores, rater1.xlsx is taken for rater 'rater1'"]


def test_blanks_and_absent_sheets_can_be_skipped(filled: Path, tmp_path: Path) -> None:
    shutil.copytree(filled / "filled", tmp_path / "filled")
    (tmp_path / "filled/rater2.xlsx").unlink()
    cell("D2", None)(tmp_path / "filled")
    found = read_round(tmp_path / "filled", filled / "round", tmp_path / "out", missing="skip")
    assert found["notes"] == ["no sheet of rater 'rater2' came back", "1 blank scores are left out"]
    assert (found["n"]["raters"], found["n"]["missing_scores"], found["n"]["scored_rows"]) == (1, 1, 5)
    assert set(rated(found).values()) == {3}


def test_sheets_without_a_single_score_are_refused(filled: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no sheet holds a score"):
        read_round(filled / "round/sheets", filled / "round", tmp_path / "out", missing="skip")


def test_a_sheet_with_misread_scores_only_is_not_taken_for_an_untouched_one(filled: Path, tmp_path: Path) -> None:
    shutil.copytree(filled / "filled", tmp_path / "filled")
    shutil.copy(filled / "filled/rater1.xlsx", tmp_path / "filled/copy.xlsx")

    def in_words(sheet: Worksheet) -> None:
        for row in range(2, 8):
            for column in "DEF":
                sheet[f"{column}{row}"].value = "좋음"

    edited(in_words)(tmp_path / "filled")
    with pytest.raises(RequestError, match=r"is a second sheet of rater 'rater1', beside copy\.xlsx"):
        read_round(tmp_path / "filled", filled / "round", tmp_path / "out")


def test_a_fault_leaves_what_an_earlier_reading_wrote(filled: Path, tmp_path: Path) -> None:
    shutil.copytree(filled / "filled", tmp_path / "filled")
    read_round(tmp_path / "filled", filled / "round", tmp_path / "out")
    before = (tmp_path / "out/human.json").read_bytes()
    cell("D2", 7)(tmp_path / "filled")
    with pytest.raises(RequestError, match="D2: holds 7"):
        read_round(tmp_path / "filled", filled / "round", tmp_path / "out")
    assert (tmp_path / "out/human.json").read_bytes() == before


def test_codes_are_the_key_to_everything(filled: Path) -> None:
    rows = key_rows(filled / "round")
    assert len(rows) == 12
    assert all(len(code) == 6 and code.isalpha() and code.isupper() for code in rows)

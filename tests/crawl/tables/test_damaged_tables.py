"""Tables as other programs write and damage them: they are read, or refused in one line that names the file."""

from __future__ import annotations

import datetime
import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl.chart import BarChart

from jaso_core.errors import RequestError

Lines = Callable[[Path], list[dict[str, Any]]]
Crawl = Callable[..., Path]
QA = {"question": "Q", "answer": "A"}
STRICT = [
    (b"http://schemas.openxmlformats.org/spreadsheetml/2006/", b"http://purl.oclc.org/ooxml/spreadsheetml/"),
    (b"http://schemas.openxmlformats.org/officeDocument/2006/", b"http://purl.oclc.org/ooxml/officeDocument/"),
    (b"http://schemas.openxmlformats.org/drawingml/2006/", b"http://purl.oclc.org/ooxml/drawingml/"),
]


def book(change: Callable[[Any], object] = lambda book: None) -> bytes:
    """A workbook with two rows below its header, changed."""
    made = openpyxl.Workbook()
    sheet: Any = made.active
    for row in (["Q", "A"], ["질문1", "답1"], ["질문2", datetime.datetime(2023, 5, 1)]):
        sheet.append(row)
    change(made)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def parts(change: Callable[[str, bytes], bytes | None], data: bytes | None = None) -> bytes:
    """The workbook with its parts changed; None leaves one out."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data or book())) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return file.getvalue()


def part(wanted: str, pattern: bytes, put: bytes) -> bytes:
    return parts(lambda name, data: re.sub(pattern, put, data, flags=re.DOTALL) if name == wanted else data)


def strict(name: str, data: bytes) -> bytes:
    for usual, other in STRICT:
        data = data.replace(usual, other)
    return data


def parquet(table: pa.Table, **options: Any) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file, **options)
    return file.getvalue()


def pages_damaged() -> bytes:
    data = bytearray(parquet(pa.table({"Q": ["질문"] * 400, "A": ["답변입니다" * 9] * 400}), compression="zstd"))
    data[30:90] = b"\xff" * 60
    return bytes(data)


def instant(unit: str, value: int, zone: str | None = None) -> bytes:
    return parquet(pa.table({"Q": ["질문"], "A": pa.array([value], pa.timestamp(unit, zone))}))


def chart_first(made: Any) -> None:
    made.create_chartsheet("차트", 0).add_chart(BarChart())


def hidden_first(made: Any) -> None:
    made.create_sheet("숨김", 0).append(["X", "Y"])
    made["숨김"].sheet_state = "hidden"


STYLES, SHEET, WORKBOOK = "xl/styles.xml", "xl/worksheets/sheet1.xml", "xl/workbook.xml"
DAY = "2023-05-01T00:00:00"
# File, and the answers that come out.
READ: dict[str, tuple[str, Callable[[], bytes], list[str]]] = {
    "empty fill": ("t.xlsx", lambda: part(STYLES, rb"<fill><patternFill ?/></fill>", b"<fill/>"), ["답1", DAY]),
    "unknown fill": ("t.xlsx", lambda: part(STYLES, rb"<fill>.*?</fill>", b"<fill><foo/></fill>"), ["답1", DAY]),
    "unknown pattern": ("t.xlsx", lambda: part(STYLES, rb"gray125", b"plaid"), ["답1", DAY]),
    "bad font": ("t.xlsx", lambda: part(STYLES, rb'<sz val="11" ?/>', b'<sz val="big"/>'), ["답1", DAY]),
    "bad border": ("t.xlsx", lambda: part(STYLES, rb"<left ?/>", b'<left style="wavy"/>'), ["답1", DAY]),
    "bad colour": ("t.xlsx", lambda: part(STYLES, rb'rgb="00000000"', b'rgb="black"'), ["답1", DAY]),
    "no styles": ("t.xlsx", lambda: part(STYLES, rb"<fonts.*</borders>", b""), ["답1", DAY]),
    "bad alignment": ("t.xlsx", lambda: part(STYLES, rb"</cellXfs>", b'<xf numFmtId="0"><alignment horizontal="x"/></xf></cellXfs>'), ["답1", DAY]),
    "chart sheet first": ("t.xlsx", lambda: book(chart_first), ["답1", DAY]),
    "hidden sheet first": ("t.xlsx", lambda: book(hidden_first), ["답1", DAY]),
    "strict": ("t.xlsx", lambda: parts(strict), ["답1", DAY]),
    "strict with a chart sheet": ("t.xlsx", lambda: parts(strict, book(chart_first)), ["답1", DAY]),
    "bad properties": ("t.xlsx", lambda: part("docProps/core.xml", rb"\d{4}-\d\d-\d\dT", b"yesterday "), ["답1", DAY]),
    "bad theme": ("t.xlsx", lambda: part("xl/theme/theme1.xml", rb".*", b"<a"), ["답1", DAY]),
    "bad names": ("t.xlsx", lambda: part(WORKBOOK, rb"<definedNames ?/>", b"<definedNames><definedName/></definedNames>"), ["답1", DAY]),
    "wrong dimensions": ("t.xlsx", lambda: part(SHEET, rb'<dimension ref="[^"]*" ?/>', b'<dimension ref="A1"/>'), ["답1", DAY]),
    "day beyond all calendars": ("t.xlsx", lambda: part(SHEET, rb"<v>4\d+</v>", b"<v>9e99</v>"), ["답1"]),
    "unused list": ("t.parquet", lambda: parquet(pa.table({"Q": ["q"], "A": ["답1"], "L": [[1]]})), ["답1"]),
    "seconds": ("t.parquet", lambda: instant("s", 1682899200), [DAY]),
}  # fmt: skip
# Refused, with these words in the line.
REFUSED: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "cut off": ("t.xlsx", lambda: book()[:3000], "not an xlsx file"),
    "first half": ("t.xlsx", lambda: book()[: len(book()) // 2], "not an xlsx file"),
    "sheet cut off": ("t.xlsx", lambda: part(SHEET, rb"</sheetData>.*", b""), "sheet 'Sheet' cannot be read behind row"),
    "sheet is no XML": ("t.xlsx", lambda: part(SHEET, rb".*", b"\xff\xfe<"), "not an xlsx file"),
    "sheet is absent": ("t.xlsx", lambda: parts(lambda name, data: None if name == SHEET else data), "t.xlsx"),
    "number that is none": ("t.xlsx", lambda: part(SHEET, rb"<v>4\d+</v>", b"<v>4e</v>"), "cannot be read behind row"),
    "string out of the table": ("t.xlsx", lambda: part(SHEET, rb't="inlineStr"><is><t>&#45813;1</t></is>', b't="s"><v>999</v>'), "cannot be read behind row"),
    "no workbook part": ("t.xlsx", lambda: parts(lambda name, data: None if name == WORKBOOK else data), "not an xlsx file"),
    "long number": ("t.jsonl", lambda: b'{"Q": "q", "A": ' + b"9" * 5000 + b"}", "t.jsonl:1: not JSON"),
    "many brackets": ("t.jsonl", lambda: b'{"Q": "q", "A": "a"}\n{"Q": ' + b"[" * 100_000, "t.jsonl:2: nested too deep"),
    "many braces": ("t.jsonl", lambda: b'{"a":' * 100_000, "t.jsonl:1: nested too deep"),
    "two values of one key": ("t.jsonl", lambda: b'{"Q": "q", "A": "a", "A": "b"}', "t.jsonl:1: two columns are called 'A'"),
    "damaged page": ("t.parquet", pages_damaged, "t.parquet: cannot be read behind row"),
    "unknown time zone": ("t.parquet", lambda: instant("s", 0, "Moon/Base"), "t.parquet: cannot be read behind row 0"),
    "year above 9999": ("t.parquet", lambda: instant("s", 10**12), "t.parquet: cannot be read behind row 0"),
    "two columns of one name": ("t.parquet", lambda: parquet(pa.Table.from_arrays([pa.array(["q"]), pa.array(["a"]), pa.array(["b"])], ["Q", "A", "A"])), "t.parquet: two columns are called 'A'"),
    "cut off Parquet": ("t.parquet", lambda: parquet(pa.table({"Q": ["q"], "A": ["a"]}))[:-9], "t.parquet: not a Parquet file"),
    "no rows": ("t.parquet", lambda: parquet(pa.table({"Q": pa.array([], pa.string()), "A": pa.array([], pa.string())})), "t.parquet: has no rows"),
}  # fmt: skip
# What a cell lacks, by cell: change of the workbook, and reason and words of rejected.jsonl.
CELLS: dict[str, tuple[Callable[[Any], object], str, str]] = {
    "formula": (lambda made: made.active.__setitem__("B2", "=A2&A3"), "formula", "cell B2 holds a formula without a saved value (=A2&A3)"),
    "formula for a question": (lambda made: made.active.__setitem__("A3", "=A2"), "formula", "cell A3 holds a formula"),
    "merged questions": (lambda made: made.active.merge_cells("A2:A3"), "merged_cell", "cell A3 is merged (A2:A3), the text is in A2 alone"),
    "merged row": (lambda made: made.active.merge_cells("A2:B2"), "merged_cell", "cell B2 is merged (A2:B2), the text is in A2 alone"),
    "not available": (lambda made: made.active.__setitem__("B2", "#N/A"), "error_value", "cell B2 holds #N/A"),
    "bad reference": (lambda made: made.active.__setitem__("B3", "#REF!"), "error_value", "cell B3 holds #REF!"),
    "division": (lambda made: made.active.__setitem__("A2", "#DIV/0!"), "error_value", "cell A2 holds #DIV/0!"),
    "nothing": (lambda made: made.active.__setitem__("B2", None), "missing_answer", "row 1: column 'A' is empty"),
}  # fmt: skip


@pytest.mark.parametrize("case", READ)
def test_what_is_no_value_does_not_matter(case: str, tmp_path: Path, crawl: Crawl, read_lines: Lines) -> None:
    name, content, answers = READ[case]
    (tmp_path / name).write_bytes(content())
    out = crawl(path=str(tmp_path / name), source="csv", columns=QA)
    assert [document["items"][0]["answer"] for document in read_lines(out / "documents.jsonl")] == answers


@pytest.mark.parametrize("case", REFUSED)
def test_damage_is_one_line(case: str, tmp_path: Path, crawl: Crawl) -> None:
    name, content, words = REFUSED[case]
    (tmp_path / name).write_bytes(content())
    with pytest.raises(RequestError) as caught:
        crawl(path=str(tmp_path / name), source="csv", columns=QA)
    assert words in str(caught.value)
    assert name in str(caught.value)
    assert caught.value.cure
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("case", CELLS)
def test_a_cell_without_text_is_named(case: str, tmp_path: Path, crawl: Crawl, read_lines: Lines) -> None:
    change, reason, words = CELLS[case]
    (tmp_path / "t.xlsx").write_bytes(book(change))
    rejected = read_lines(crawl(path=str(tmp_path / "t.xlsx"), source="csv", columns=QA) / "rejected.jsonl")
    assert [row["reason"] for row in rejected] == [reason]
    assert words in rejected[0]["detail"]


def test_an_error_beside_the_texts_costs_no_row(tmp_path: Path, crawl: Crawl, read_lines: Lines) -> None:
    (tmp_path / "t.jsonl").write_text(json.dumps({"Q": "q", "A": "a", "회사": "#N/A"}), "utf-8")
    out = crawl(path=str(tmp_path / "t.jsonl"), source="csv", columns={**QA, "company": "회사"})
    assert [document["company"] for document in read_lines(out / "documents.jsonl")] == [None]

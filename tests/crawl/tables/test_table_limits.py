"""Tables without a bound: small files that claim much are refused in one line, and large real ones are read."""

from __future__ import annotations

import io
import json
import re
import resource
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jaso_core.errors import RequestError
from jaso_crawl.sources.csv_file import CsvOptions
from jaso_crawl.tables.table_limits import TableLimits
from jaso_crawl.tables.typed import read_parquet_table

QA = {"source": "csv", "columns": {"question": "Q", "answer": "A"}}
MB = 2**20
Crawl = Callable[..., Path]
Lines = Callable[[Path], list[dict[str, Any]]]


def refused(crawl: Crawl, path: Path, **limits: float) -> str:
    """The line with which `jaso crawl` refuses a table. Nothing is left behind."""
    with pytest.raises(RequestError) as error:
        crawl(path=str(path), **QA, limits=limits)
    out = path.parent / "out"
    assert not [file for file in out.rglob("*") if file.is_file() and file.suffix == ".jsonl"]
    assert "\n" not in str(error.value)
    return str(error.value)


def workbook(path: Path, change: Callable[[str], str], encoding: str = "utf-8") -> Path:
    """An xlsx of one row of text whose sheet is changed by hand."""
    book, saved = openpyxl.Workbook(), io.BytesIO()
    page = book.active
    assert page is not None
    page.append(["Q", "A"])
    page.append(["질문", "답"])
    book.save(saved)
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                part = change(part.decode()).encode(encoding)
            new.writestr(name, part)
    return path


def test_a_row_number_of_a_thousand_million_is_refused_in_time(crawl: Crawl, tmp_path: Path) -> None:
    far = "1048576000"
    path = workbook(
        tmp_path / "far.xlsx",
        lambda xml: xml.replace('r="2"', f'r="{far}"').replace('"A2"', f'"A{far}"').replace('"B2"', f'"B{far}"'),
    )
    started = time.monotonic()
    assert "has a row behind row 1,048,576, the last that a sheet can have" in refused(crawl, path)
    assert time.monotonic() - started < 20


def test_cells_that_reach_to_the_last_column_are_counted(crawl: Crawl, tmp_path: Path) -> None:
    rows = "".join(f'<row r="{n}"><c r="XFD{n}" t="inlineStr"><is><t>x</t></is></c></row>' for n in range(3, 200))
    path = workbook(tmp_path / "wide.xlsx", lambda xml: xml.replace("</sheetData>", rows + "</sheetData>"))
    assert "more than 1,000,000 cells; limits.cells= raises the limit" in refused(crawl, path, cells=1_000_000)
    assert crawl("whole", path=str(path), **QA).is_dir()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "entities",
    [
        '<!ENTITY e SYSTEM "file:///etc/passwd">',
        '<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY e "&b;&b;&b;&b;&b;&b;&b;&b;">',
    ],
    ids=["external", "bomb"],
)
def test_entities_in_a_sheet_are_refused_by_name(entities: str, encoding: str, crawl: Crawl, tmp_path: Path) -> None:
    def change(xml: str) -> str:
        body = re.sub(r"^<\?xml.*?\?>", "", xml)
        body = re.sub(r'<c r="B2"[^>]*>.*?</c>', '<c r="B2" t="inlineStr"><is><t>&e;</t></is></c>', body)
        return f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [{entities}]>{body}'

    path = workbook(tmp_path / "entities.xlsx", change, encoding)
    assert f"{path}: not an xlsx file (xl/worksheets/sheet1.xml has a document type" in refused(crawl, path)


def test_an_xlsx_that_unpacks_to_much_is_refused_before_it_does(crawl: Crawl, tmp_path: Path) -> None:
    def filled(characters: int) -> Callable[[str], str]:
        cell = f'<c r="B2" t="inlineStr"><is><t>{"a" * characters}</t></is></c>'
        return lambda xml: re.sub(r'<c r="B2"[^>]*>.*?</c>', cell, xml)

    path = workbook(tmp_path / "bomb.xlsx", filled(30 * MB))
    assert path.stat().st_size < MB
    assert f"{path}: unpacks to 0.0 GB; limits.table_gb= raises the limit" in refused(crawl, path, table_gb=0.01)
    assert crawl("large", path=str(workbook(tmp_path / "cell.xlsx", filled(MB))), **QA).is_dir(), "that is real"


def test_a_thousand_merged_areas_and_rows_are_read_in_time(crawl: Crawl, tmp_path: Path) -> None:
    areas = "".join(f'<mergeCell ref="C{n}:D{n}"/>' for n in range(1, 20_001)) + '<mergeCell ref="B3:B9"/>'
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>질문</t></is></c></row>' for n in range(3, 3000))
    path = workbook(
        tmp_path / "merged.xlsx",
        lambda xml: xml.replace("</sheetData>", f"{rows}</sheetData><mergeCells>{areas}</mergeCells>"),
    )
    out = crawl(path=str(path), **QA)
    rejected = [json.loads(line) for line in (out / "rejected.jsonl").read_text("utf-8").splitlines()]
    reasons = Counter(row["reason"] for row in rejected)
    assert reasons == {"merged_cell": 7, "missing_answer": 2990}
    assert next(row for row in rejected if row["reason"] == "merged_cell")["detail"].startswith(
        "row 2: cell B3 is merged (B3:B9)"
    )


def test_a_million_columns_are_read_in_time(crawl: Crawl, tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    names = ",".join(f"c{n}" for n in range(200_000))
    path.write_text(f"Q,A,{names}\n질문,답{',' * 200_000}\n", encoding="utf-8")
    assert crawl(path=str(path), **QA).is_dir()


def with_part(path: Path, name: str, kind: str, content: str) -> Path:
    """The workbook of one row with a part of styles or shared texts."""
    target, kinds = f'Target="/xl/{name}.xml"', "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relation = f'<Relationship Id="rIdX" Type="{kinds}/{name}" {target}/></Relationships>'
    media = f"application/vnd.openxmlformats-officedocument.spreadsheetml.{kind}+xml"
    override = f'<Override PartName="/xl/{name}.xml" ContentType="{media}"/></Types>'
    plain = workbook(path.with_suffix(".plain"), lambda xml: xml)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            if entry != f"xl/{name}.xml":
                part = old.read(entry).decode()
                new.writestr(entry, part.replace("</Relationships>", relation).replace("</Types>", override))
        new.writestr(f"xl/{name}.xml", content)
    return path


SPREADSHEET = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def test_a_million_styles_are_refused(crawl: Crawl, tmp_path: Path) -> None:
    styles = f"<styleSheet {SPREADSHEET}><cellXfs>{'<xf/>' * 1_000_001}</cellXfs></styleSheet>"
    path = with_part(tmp_path / "styles.xlsx", "styles", "styles", styles)
    assert "xl/styles.xml has more than 1,000,000 tags" in refused(crawl, path)


def test_more_texts_than_rows_may_be_are_refused_with_the_key(crawl: Crawl, tmp_path: Path) -> None:
    texts = "".join(f"<si><t>{text}</t></si>" for text in ["Q", "A", "질문", "답", *("x",) * 200])
    table = f"<sst {SPREADSHEET}>{texts}</sst>"
    path = with_part(tmp_path / "texts.xlsx", "sharedStrings", "sharedStrings", table)
    assert "holds more than 100 texts; limits.rows= raises the limit (now 100)" in refused(crawl, path, rows=100)
    assert crawl("whole", path=str(path), **QA, limits={"rows": 1000}).is_dir()


def repeated(path: Path, characters: int, rows: int = 65_536) -> Path:
    """A Parquet of a kilobyte with one text in all rows."""

    def column(text: str) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), [text])

    table = pa.table({"Q": column("질" * characters), "A": column("답")})
    pq.write_table(table, path, compression="zstd", store_schema=False)
    return path


@pytest.mark.parametrize("characters", [40_000, 2 * MB])
def test_one_text_in_all_rows_of_a_small_parquet_is_held_once(characters: int, tmp_path: Path) -> None:
    path = repeated(tmp_path / "t.parquet", characters)
    assert path.stat().st_size < 10_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    table = read_parquet_table(path, {"Q", "A"})
    for _, row in zip(range(1000), table.rows, strict=False):
        assert len(row.cells["Q"] or "") == characters
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < 700, "MB; all rows at once took 6,400 of 40,000 characters"


def test_a_parquet_of_too_many_rows_or_texts_is_refused(
    crawl: Crawl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = repeated(tmp_path / "t.parquet", 1000)
    assert f"{path}: has more than 1,000 rows; limits.rows= raises the limit (now 1,000)" in refused(
        crawl, path, rows=1000
    )
    line = refused(crawl, path, text_gb=0.001)
    assert f"{path}: its texts have more than 1,073,741 characters; limits.text_gb= raises the limit" in line
    monkeypatch.setattr("jaso_crawl.tables.table_limits._HARMLESS", MB)
    assert "its texts are more than 1,000 times as long as the file; limits.ratio=" in refused(crawl, path)


def test_values_of_a_parquet_stay_the_same_however_they_are_encoded(tmp_path: Path) -> None:
    texts = [None if n % 7 == 0 else f"답변 {n % 300} " * (n % 50) for n in range(3000)]
    for encoding in ("PLAIN", "DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY", None):
        how: dict[str, Any] = {"use_dictionary": True} if encoding is None else {
            "use_dictionary": False, "column_encoding": {"A": encoding},
        }  # fmt: skip
        path = tmp_path / f"{encoding}.parquet"
        pq.write_table(pa.table({"A": texts}), path, row_group_size=1000, **how)
        assert [row.cells["A"] for row in read_parquet_table(path, {"A"}).rows] == texts


def test_a_line_that_does_not_end_is_refused_before_it_is_read(crawl: Crawl, tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("Q,A\n질문,답\n질문," + "가나다 " * (3 * MB), "utf-8")
    line = refused(crawl, path, cell_mb=1)
    assert f"{path}:3: this line has more than 16,777,216 bytes; limits.cell_mb= raises the limit (now 1)" in line


def test_a_text_over_many_lines_is_refused_with_the_key(crawl: Crawl, tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text('Q,A\n질문,"' + "가나다\n" * MB + '"\n', "utf-8")
    line = refused(crawl, path, cell_mb=1)
    assert "limits.cell_mb= raises the limit if it is one text" in line
    assert crawl("raised", path=str(path), **QA).is_dir()


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_a_cell_that_is_too_long_drops_its_row_with_the_key(
    suffix: str, crawl: Crawl, tmp_path: Path, read_lines: Lines
) -> None:
    path = tmp_path / f"t{suffix}"
    if suffix == ".jsonl":
        path.write_text('{"Q": "질문", "A": "답"}\n{"Q": "질문", "A": "' + "가" * 2 * MB + '"}\n', "utf-8")
    else:
        pq.write_table(pa.table({"Q": ["질문", "질문"], "A": ["답", "가" * 2 * MB]}), path)
    (row,) = read_lines(crawl(path=str(path), **QA, limits={"cell_mb": 1.5}) / "rejected.jsonl")
    assert row["reason"] == "too_large"
    assert row["detail"] == "row 2: column 'A' holds 2,097,152 characters; limits.cell_mb= raises the limit"


def test_a_file_that_does_not_fit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "sparse.csv"
    with path.open("wb") as stream:
        stream.truncate(5 * 2**30)  # a hole: it takes no room on the disk
    with pytest.raises(RequestError, match=r"has 5\.0 GB; limits\.table_gb= raises the limit \(now 4\)"):
        TableLimits().check_file(path)
    with path.open("r+b") as stream:
        stream.truncate(2**40)
    with pytest.raises(RequestError, match=r"of memory, .* are free; split it, or save it as Parquet"):
        TableLimits(table_gb=2000).check_file(path)


def test_limits_are_more_than_nothing_and_leave_requests_as_they_were(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"config key 'limits\.rows': 0; give more than 0"):
        TableLimits(rows=0)
    assert CsvOptions(path=str(tmp_path)).limits == TableLimits()

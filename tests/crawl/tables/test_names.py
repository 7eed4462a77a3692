"""Names of columns, sheets and files as people type them, `sep=`, and files that are no table."""

from __future__ import annotations

import io
import json
import tarfile
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from jaso_core.errors import RequestError

Lines = Callable[[Path], list[dict[str, Any]]]
Crawl = Callable[..., Path]
NFD = unicodedata.normalize("NFD", "질문")
# The column's name in the file, and as it is asked for.
NAMES = [
    ("질문", "질문"), (NFD, "질문"), ("질문", NFD), ("질문\u200b", "질문"), ("질문", "질\u200b문"), ("\ufeff질문", "질문"), ("질문\u3164", "질문"),
    (" 질문 ", "질문"), ("질문\u00a0", "질문"), ("나의 질문", "나의\u00a0질문"), ("질\u2060문", "질문"), ("질문\u00ad", "질문"), ("질문\r\n", "질문"),
    ("나의  질문", "나의 질문"), ("나의\n질문", "나의 질문"), ("caf\u0065\u0301", "caf\u00e9"),
]  # fmt: skip
SEPARATED = [
    "sep=;\nQ;A\nq;a,b\n", "sep=;\r\nQ;A\r\nq;a,b\r\n", "SEP=;\nQ;A\nq;a,b\n", '"sep=;"\nQ;A\nq;a,b\n', "\ufeffsep=;\nQ;A\nq;a,b\n",
    "sep=|\nQ|A\nq|a,b\n", "sep=\t\nQ\tA\nq\ta,b\n", "sep=;;\nQ;A\nq;a,b\n", 'sep=,\nQ,A\nq,"a,b"\n', "sep=^\nQ^A\nq^a,b\n",
]  # fmt: skip


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return file.getvalue()


def tarred() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("t.csv"))
    return file.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
# Name, content, and words of what it is and of the cure.
FOREIGN = [
    ("t.zip.001", b"PK\x03\x04", "one part of a split archive", "join its parts"),
    ("t.csv.7z.002", b"x", "one part of a split archive", "join its parts"),
    ("t.z01", b"x", "one part of a split archive", "join its parts"),
    ("t.part2.rar", b"x", "one part of a split archive", "join its parts"),
    ("t.tar", tarred(), "an archive", "unpack it"),
    ("t.tar.gz", b"\x1f\x8b", "an archive", "unpack it"),
    ("t.csv.gz", b"\x1f\x8b", "an archive", "unpack it"),
    ("t.zip", zipped("t.csv"), "an archive", "unpack it"),
    ("t.docx", zipped("word/document.xml"), "a Word document", "save that as .xlsx or CSV"),
    ("t.DOCX", zipped("word/document.xml"), "a Word document", "save that as .xlsx or CSV"),
    ("t.hwp", OLE, "a Hangul document", "save that as .xlsx or CSV"),
    ("t.hwpx", zipped("Contents/section0.xml"), "a Hangul document", "save that as .xlsx or CSV"),
    ("t.pdf", b"%PDF-1.7", "a PDF document", "save that as .xlsx or CSV"),
    ("t.ods", zipped("content.xml"), "a workbook of another program", "save it as .xlsx or CSV"),
    ("t.arrow", b"ARROW1", "an Arrow file", "to_parquet"),
    ("t.json", b"[]", "one JSON text", "source=dataset"),
    ("t.csv", zipped("xl/workbook.xml"), "its content is a .xlsx file", "call it t.xlsx"),
    ("t.csv", zipped("word/document.xml"), "its content is a Word document", "save that as .xlsx or CSV"),
    ("t.csv", OLE + "HwpSummaryInformation".encode("utf-16-le"), "its content is a Hangul document", ".xlsx or CSV"),
    ("t.txt", b"%PDF-1.7", "its content is a PDF document", "save that as .xlsx or CSV"),
    ("t.jsonl", b"PAR1", "its content is a .parquet file", "call it t.parquet"),
    ("t.csv", tarred(), "its content is an archive", "unpack it"),
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=ascii)
@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".xlsx"])
def test_a_column_is_found_whatever_is_invisible(
    suffix: str, name: tuple[str, str], tmp_path: Path, crawl: Crawl, read_lines: Lines
) -> None:
    written, asked = name
    path = tmp_path / f"t{suffix}"
    if suffix == ".csv":
        path.write_text(f'"{written}",A\nq,a\n', "utf-8")
    elif suffix == ".jsonl":
        path.write_text(json.dumps({written: "q", "A": "a"}, ensure_ascii=False), "utf-8")
    else:
        book = openpyxl.Workbook()
        sheet: Any = book.active
        for row in ([written, "A"], ["q", "a"]):
            sheet.append(row)
        book.save(path)
    out = crawl(path=str(path), source="csv", columns={"question": asked, "answer": "A"})
    assert [document["items"][0]["question"] for document in read_lines(out / "documents.jsonl")] == ["q"]


@pytest.mark.parametrize("written", ["자료", unicodedata.normalize("NFD", "자료"), "자료\u200b"])
@pytest.mark.parametrize("asked", ["자료", unicodedata.normalize("NFD", "자료")])
def test_a_file_and_a_sheet_are_found_in_nfc(
    written: str, asked: str, tmp_path: Path, crawl: Crawl, read_lines: Lines
) -> None:
    (tmp_path / f"{written} 폴더").mkdir()
    book = openpyxl.Workbook()
    book.create_sheet(written)
    sheet: Any = book[written]
    for row in (["Q", "A"], ["q", "a"]):
        sheet.append(row)
    book.save(tmp_path / f"{written} 폴더" / f"{written}.xlsx")
    path = str(tmp_path / f"{asked} 폴더" / f"{asked}.xlsx")
    out = crawl(path=path, sheet=asked, source="csv", columns={"question": "Q", "answer": "A"})
    assert [document["id"] for document in read_lines(out / "documents.jsonl")] == ["csv:자료:1"]


@pytest.mark.parametrize("text", SEPARATED, ids=ascii)
def test_the_first_line_may_name_the_delimiter(text: str, tmp_path: Path, crawl: Crawl, read_lines: Lines) -> None:
    (tmp_path / "t.csv").write_bytes((text + text.splitlines()[-1][:2] + "\n").encode())
    out = crawl(path=str(tmp_path / "t.csv"), source="csv", columns={"question": "Q", "answer": "A"})
    assert [document["items"][0]["answer"] for document in read_lines(out / "documents.jsonl")] == ["a,b"]
    assert [row["where"] for row in read_lines(out / "rejected.jsonl")] == ["t.csv:4"]


@pytest.mark.parametrize("case", FOREIGN, ids=lambda case: case[0] + " " + case[2])
def test_what_is_no_table_is_named_with_the_cure(
    case: tuple[str, bytes, str, str], tmp_path: Path, crawl: Crawl
) -> None:
    name, content, what, cure = case
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RequestError) as caught:
        crawl(path=str(tmp_path / name), source="csv", columns={"question": "Q", "answer": "A"})
    assert name in caught.value.what
    assert what in caught.value.what
    assert cure in caught.value.cure


@pytest.mark.parametrize(
    ("file", "what"),
    [("dataset_info.json", "of save_to_disk"), ("dataset_dict.json", "of save_to_disk"), ("t.csv", "is a folder")],
)
def test_a_folder_is_named_with_the_cure(file: str, what: str, tmp_path: Path, crawl: Crawl) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / file).touch()
    with pytest.raises(RequestError) as caught:
        crawl(path=str(tmp_path / "data"), source="csv", columns={"question": "Q", "answer": "A"})
    assert what in caught.value.what
    assert ("source=dataset reads it" in caught.value.cure) == ("save_to_disk" in what)

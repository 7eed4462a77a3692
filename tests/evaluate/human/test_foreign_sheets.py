"""Sheets and predictions in the kinds of files that a table may come in: read alike, or named alike."""

from __future__ import annotations

import io
import json
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sheet_support import fill, make_round, read_round, scoring, write_run

from jaso_core.errors import RequestError
from jaso_evaluate.scoring.scorer import read_predictions

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A round of two runs and one rater in folder/round, filled in folder/filled."""
    folder = tmp_path_factory.mktemp("foreign")
    made = make_round(
        folder, [write_run(folder / f"{n}.jsonl", {i: f"답변 {i} {n}" for i in "abc"}) for n in "xy"], raters=1
    )
    fill(made, folder / "filled", lambda row: [0, 1, 2])
    return folder


def zipped(name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, "<x/>")
    return file.getvalue()


def repacked(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)))
    return file.getvalue()


def strict(part: bytes) -> bytes:
    for room in (b"spreadsheetml", b"officeDocument"):
        part = part.replace(
            b"http://schemas.openxmlformats.org/%s/2006/" % room, b"http://purl.oclc.org/ooxml/%s/" % room
        )
    return part


def as_csv(data: bytes, first_line: str, delimiter: str, change: Callable[[str], str] = lambda text: text) -> bytes:
    sheet = scoring(load_workbook(io.BytesIO(data)))
    lines = [delimiter.join(f'"{v}"' for v in row) for row in sheet.iter_rows(values_only=True)]
    return (first_line + change("\r\n".join(lines).replace('"None"', ""))).encode("utf-8-sig")


SAME: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "as it is": ("rater1.xlsx", lambda data: data),
    "empty fill": ("rater1.xlsx", lambda data: repacked(data, lambda part: part.replace(b"<fill><patternFill/></fill>", b"<fill/>"))),
    "strict": ("rater1.xlsx", lambda data: repacked(data, strict)),
    "sep": ("rater1.csv", lambda data: as_csv(data, "sep=;\r\n", ";")),
    "SEP in quotes": ("rater1.csv", lambda data: as_csv(data, '"SEP=;"\r\n', ";")),
    "sep with a bar": ("rater1.csv", lambda data: as_csv(data, "sep=|\r\n", "|")),
    "names in NFD": ("rater1.csv", lambda data: as_csv(data, "", ",", lambda text: unicodedata.normalize("NFD", text))),
    "invisible characters": ("rater1.csv", lambda data: as_csv(data, "", ",", lambda text: text.replace('"코드"', '"\u200b코드\u00a0"'))),
    "file name in NFD": (unicodedata.normalize("NFD", "평가자.xlsx"), lambda data: data),
}  # fmt: skip
NAMED = [
    ("rater1.docx", zipped("word/document.xml"), "a Word document"),
    ("rater1.hwpx", zipped("Contents/section0.xml"), "a Hangul document"),
    ("rater1.hwp", OLE + "HwpSummaryInformation".encode("utf-16-le"), "a Hangul document"),
    ("rater1.zip", zipped("rater1.xlsx"), "an archive"),
    ("rater1.zip.001", zipped("rater1.xlsx"), "one part of a split archive"),
    ("rater1.tar", b"\0" * 257 + b"ustar", "an archive"),
    ("rater1.pdf", b"%PDF-1.7", "a PDF document"),
    ("rater1.csv", b"\x1f\x8b\x08", "an archive"),
]


@pytest.mark.parametrize("case", SAME)
def test_a_sheet_is_read_as_a_table_is(case: str, filled: Path, tmp_path: Path) -> None:
    name, change = SAME[case]
    (tmp_path / name).write_bytes(change((filled / "filled" / "rater1.xlsx").read_bytes()))
    asked = tmp_path / unicodedata.normalize("NFC", name)
    read_round(asked, filled / "round", tmp_path / "out")
    read_round(filled / "filled" / "rater1.xlsx", filled / "round", tmp_path / "plain")
    assert (tmp_path / "out" / "human.csv").read_bytes() == (tmp_path / "plain" / "human.csv").read_bytes()


@pytest.mark.parametrize("case", NAMED, ids=lambda case: case[0])
def test_another_kind_of_file_is_named_by_both(case: tuple[str, bytes, str], filled: Path, tmp_path: Path) -> None:
    name, content, what = case
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RequestError) as caught:
        read_round(tmp_path / name, filled / "round", tmp_path / "out")
    assert f"{name}: " in caught.value.what
    assert what in caught.value.what
    with pytest.raises(RequestError) as caught:
        read_predictions(tmp_path / name)
    assert name in caught.value.what
    assert "not JSONL" in caught.value.what


def test_a_prediction_has_the_keys_that_it_shows(tmp_path: Path) -> None:
    row = {"\u200bid": "a", "prediction ": "답", "reference": "답"}
    (tmp_path / "p.jsonl").write_text(json.dumps(row, ensure_ascii=False), "utf-8")
    assert [prediction.prediction for prediction in read_predictions(tmp_path / "p.jsonl")] == ["답"]

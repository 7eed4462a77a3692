"""The reader of AI Hub's label zips, with the quirks that real archives have."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from jaso_core.errors import RequestError
from jaso_core.records import Document
from jaso_crawl import aihub
from jaso_crawl.aihub import BadLabelError, parse_label, read_zip
from jaso_crawl.pages import Rejection

STEM = "ckmk_d_ard_f_e_101874"


def label(question: str = "질문", answer: str = "답변", **more: Any) -> dict[str, Any]:
    info = {"occupation": "ARD", "channel": "MOCK", "place": "ONLINE", "gender": "FEMALE", "ageRange": "35-44",
            "experience": "EXPERIENCED"}  # fmt: skip
    content = {"raw": {"text": answer, "wordCount": 1}, "emotion": [], "intent": [], **more}
    return {"version": "1.0", "dataSet": {"info": info, "question": {"raw": {"text": question}}, "answer": content}}


def as_bytes(body: object) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def test_a_label_becomes_an_interview() -> None:
    intent = [{"text": "구간", "expression": "c_value", "category": "background"}]
    document = parse_label(as_bytes(label(summary={"text": "요약"}, intent=intent)), STEM, "sample", "CC0")
    assert document.id == f"sample:{STEM}"
    assert (document.kind, document.licence, document.url) == ("interview", "CC0", None)
    item = document.items[0]
    assert (item.question, item.answer, item.summary) == ("질문", "답변", "요약")
    assert {key: document.meta[key] for key in ("occupation", "experience", "gender", "age_range")} == {
        "occupation": "ARD", "experience": "EXPERIENCED", "gender": "FEMALE", "age_range": "35-44",
    }  # fmt: skip
    assert document.meta["intent"] == intent


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + as_bytes(label(answer="답변")),
        as_bytes(label(answer="답변")).replace("답변".encode(), "답\x0b변".encode()),
        as_bytes(label(answer="답변", emotion=None, intent="", summary={"text": ""})),
    ],
    ids=["byte order mark", "raw control character", "absent lists"],
)
def test_quirks_are_survived(data: bytes) -> None:
    document = parse_label(data, STEM, "aihub")
    assert document.items[0].answer in ("답변", "답\x0b변")
    assert (document.meta["emotion"], document.meta["intent"], document.items[0].summary) == ([], [], None)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[]", "empty"),
        (as_bytes(label(answer="  ")), "empty"),
        (as_bytes({"dataSet": {"answer": ["x"]}}), "empty"),
    ],
)
def test_what_is_no_label_says_why(data: bytes, why: str) -> None:
    with pytest.raises(BadLabelError, match=why):
        parse_label(data, STEM, "aihub")


def test_a_zip_is_read_in_place_and_every_member_accounted_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aihub, "LARGEST_LABEL", 2000)
    path = tmp_path / "TL_06.Design_Female_Experienced.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"/TL_06/{STEM}.json", as_bytes(label()))
        archive.writestr("../evil.json", as_bytes(label()))
        archive.writestr("..\\evil.json", as_bytes(label()))
        archive.writestr("TL_06/broken.json", b"{")
        archive.writestr("TL_06/bomb.json", b" " * 100_000)
        archive.writestr("TL_06/readme.txt", b"hello")
    found = list(read_zip(path, "aihub", None, {}))
    assert [result.id for result in found if isinstance(result, Document)] == [f"aihub:{STEM}"]
    assert sorted(result.reason for result in found if isinstance(result, Rejection)) == [
        "bad_label", "too_large", "unsafe_name", "unsafe_name",
    ]  # fmt: skip
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_half_a_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "half.zip"
    path.write_bytes(b"PK\x03\x04half")
    with pytest.raises(RequestError, match=r"half\.zip: not a whole zip .*; download it again"):
        list(read_zip(path, "aihub", None, {}))

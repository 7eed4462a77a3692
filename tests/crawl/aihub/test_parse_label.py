"""The reader of AI Hub's labels and zips, with the quirks that real archives have."""

from __future__ import annotations

import io
import json
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest

from jaso_core.errors import RequestError
from jaso_core.io.files import json_line
from jaso_core.records import Document
from jaso_crawl.aihub import BadLabelError, parse_label, read_zip
from jaso_crawl.aihub import zip_member as member
from jaso_crawl.types import Rejection

STEM = "ckmk_d_ard_f_e_101874"


def label(
    question: str = "질문", answer: str = "답변", info: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    usual = {"occupation": "ARD", "channel": "MOCK", "place": "ONLINE", "gender": "FEMALE", "ageRange": "35-44",
             "experience": "EXPERIENCED", "date": "20230116"}  # fmt: skip
    content = {"raw": {"text": answer, "wordCount": 1}, "emotion": [], "intent": [], **more}
    body = {"info": usual if info is None else info, "question": {"raw": {"text": question}}, "answer": content}
    return {"version": "1.0", "dataSet": body}


def as_bytes(body: object) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def test_a_label_becomes_an_interview() -> None:
    intent = [{"text": "구간", "expression": "c_value", "category": "background"}]
    document = parse_label(as_bytes(label(summary={"text": "요약"}, intent=intent)), STEM, "sample", "CC0")
    assert document.id == f"sample:{STEM}"
    assert (document.kind, document.licence, document.url) == ("interview", "CC0", None)
    item = document.items[0]
    assert (item.question, item.answer, item.summary) == ("질문", "답변", "요약")
    assert document.meta == {
        "occupation": "ARD", "experience": "EXPERIENCED", "gender": "FEMALE", "age_range": "35-44",
        "channel": "MOCK", "place": "ONLINE", "emotion": [], "intent": intent,
    }  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + as_bytes(label(answer="답변")),
        as_bytes(label(answer="답변")).replace("답변".encode(), "답\x0b변".encode()),
        as_bytes(label(answer="답변", emotion=None, intent="", summary={"text": ""})),
        as_bytes(label(answer="답변", emotion=3, intent=["x", None], summary=["요약"])),
        as_bytes(label(answer="답변", summary={"text": 3})).replace(b'"wordCount": 1', b'"wordCount": NaN'),
        as_bytes(label(answer="답변")).replace(b'"wordCount": 1', b'"wordCount": ' + b"9" * 5000),
    ],
    ids=["byte order mark", "raw control character", "absent lists", "wrong types", "not a number", "endless number"],
)
def test_quirks_are_survived(data: bytes) -> None:
    document = parse_label(data, STEM, "aihub")
    assert document.items[0].answer in ("답변", "답\x0b변")
    assert (document.meta["emotion"], document.meta["intent"], document.items[0].summary) == ([], [], None)
    assert Document.from_json(json.loads(json_line(document.to_json())), "line") == document


def test_of_an_entry_only_plain_finite_values_are_kept() -> None:
    entries = [{"text": "구간", "category": "positive", "deep": {"a": [1]}, "score": 0.5}, "x", None]
    data = as_bytes(label(emotion=entries, intent={"text": "하나", "category": "etc"}))
    document = parse_label(data.replace(b"0.5", b"1e999"), STEM, "aihub")
    assert document.meta["emotion"] == [{"text": "구간", "category": "positive", "score": None}]
    assert document.meta["intent"] == [{"text": "하나", "category": "etc"}]


@pytest.mark.parametrize(
    ("stem", "info", "expected"),
    [
        (STEM, {}, ("ARD", "EXPERIENCED", "FEMALE")),
        ("ckmk_d_mm_m_n_000001", {"occupation": "", "gender": None, "experience": 3}, ("MM", "NEW", "MALE")),
        (STEM, {"occupation": "06.Design", "experience": "new", "gender": "male"}, ("ARD", "NEW", "MALE")),
        (STEM, {"occupation": "productionmanufacturing"}, ("MM", "EXPERIENCED", "FEMALE")),
        (STEM, {"occupation": "PM", "experience": "SENIOR"}, ("PM", "SENIOR", "FEMALE")),
        ("ckmk_d_pm_f_e_1", {}, (None, "EXPERIENCED", "FEMALE")),
        ("label", {}, (None, None, None)),
    ],
)
def test_who_speaks_is_read_from_info_or_else_from_the_name(
    stem: str, info: dict[str, Any], expected: tuple[str | None, ...]
) -> None:
    meta = parse_label(as_bytes(label(info=info)), stem, "aihub").meta
    assert (meta["occupation"], meta["experience"], meta["gender"]) == expected


RECORDING = {
    "question": {"duration": 2120, "audioPath": "/Mock/q.wav"},
    "answer": {"duration": "61040", "audioPath": "/Mock/a.wav"},
}


@pytest.mark.parametrize(
    ("outside", "inside", "audio", "duration"),
    [
        (RECORDING, None, ("/Mock/q.wav", "/Mock/a.wav"), (2120, 61040)),
        (None, RECORDING, ("/Mock/q.wav", "/Mock/a.wav"), (2120, 61040)),
        ({"answer": RECORDING["answer"]}, {"question": {"duration": -1}}, (None, "/Mock/a.wav"), (None, 61040)),
        ({"question": {"duration": 1.6, "audioPath": 4}, "answer": []}, None, (None, None), (2, None)),
        ("x", None, (None, None), (None, None)),
    ],
)
def test_the_recording_is_found_in_both_places(outside: Any, inside: Any, audio: Any, duration: Any) -> None:
    body = label()
    body["rawDataInfo"], body["dataSet"]["rawDataInfo"] = outside, inside
    meta = parse_label(as_bytes(body), STEM, "aihub", recording=True).meta
    assert meta["date"] == "20230116"
    assert (meta["audio"]["question"], meta["audio"]["answer"]) == audio
    assert (meta["duration_ms"]["question"], meta["duration_ms"]["answer"]) == duration


@pytest.mark.parametrize(
    ("data", "reason", "why"),
    [
        (b"", "not_json", "not JSON"),
        (b"{", "not_json", "not JSON"),
        (b"\x00", "not_json", "not JSON"),
        (b"\xff\xfe", "not_utf8", "byte 0 is not UTF-8"),
        (b'"\xed\xa0\x80"', "not_utf8", "byte 1 is not UTF-8"),
        (b"[]", "not_a_label", "holds a list"),
        (b"71592", "not_a_label", "holds a number"),
        (b"null", "not_a_label", "holds null"),
        (b"NaN", "not_a_label", "holds null"),
        (b"{}", "not_a_label", "'dataSet' is null"),
        (b'{"dataSet": "x"}', "not_a_label", "'dataSet' is a text"),
        (b"[" * 100_000, "too_deep", "without end"),
        (b'{"a":' * 100_000, "too_deep", "without end"),
        (as_bytes(label(question="")), "empty_question", "the question is empty"),
        (as_bytes(label(answer="  ")), "empty_answer", "the answer is empty"),
        (as_bytes(label(answer="\u200b\ufeff\x00")), "empty_answer", "the answer is empty"),
        (as_bytes({"dataSet": {"answer": ["x"], "question": 3}}), "empty_question", "the question is empty"),
        (as_bytes(label(answer="반쪽 X")).replace(b"X", b"\\ud83d"), "bad_character", r"\\ud83d"),
        (as_bytes(label(emotion=[{"X": 1}])).replace(b"X", b"\\udc00"), "bad_character", r"\\udc00"),
    ],
)
def test_what_is_no_label_says_why(data: bytes, reason: str, why: str) -> None:
    with pytest.raises(BadLabelError, match=why) as caught:
        parse_label(data, STEM, "aihub", recording=True)
    assert caught.value.reason == reason


def test_a_whole_pair_of_halves_is_one_character() -> None:
    data = as_bytes(label(answer="X")).replace(b"X", b"\\ud83d\\ude42")
    assert parse_label(data, STEM, "aihub").items[0].answer == "🙂"


def test_a_zip_is_read_in_place_and_every_member_accounted_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(member, "LARGEST_LABEL", 2000)
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


def test_a_member_that_lies_about_its_size_is_damaged_and_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "TL_1.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.json", b" " * 50_000_000)
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\x01\x02") + 24
    content[at : at + 4] = (1000).to_bytes(4, "little")
    path.write_bytes(content)
    (found,) = read_zip(path, "aihub", None, {})
    assert isinstance(found, Rejection)
    assert (found.where, found.reason) == ("TL_1.zip:a.json", "damaged")


def test_half_a_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "half.zip"
    path.write_bytes(b"PK\x03\x04half")
    with pytest.raises(RequestError, match=r"half\.zip: not a whole zip .*; download it again"):
        list(read_zip(path, "aihub", None, {}))


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Bytes changed, cut out, doubled or cut off, and JSON's own signs put in."""
    content = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(content) + 1)
        width = chance.choice((1, 1, 2, 8, 40))
        piece = chance.choice((
            b"", b"null", b"[]", b"{}", b'"', b"\\ud800", b"NaN", b"-1e999", b'" "', b"\x00", b"\xff", b"[" * 50,
            bytes([chance.randrange(256)]), bytes(content[at : at + width]) * 2,
        ))  # fmt: skip
        content[at : at + width] = piece
    return bytes(content)


def check(document: Document) -> None:
    item = document.items[0]
    assert item.question is not None
    assert item.answer is not None
    assert item.question.strip()
    assert item.answer.strip()
    line = json_line(document.to_json())
    assert Document.from_json(json.loads(line.encode()), "line").id == document.id


def with_something_else(node: Any, chance: random.Random) -> Any:
    """The same JSON with one value, anywhere, of another kind."""
    if not isinstance(node, dict | list) or not node or chance.random() < 0.15:
        return chance.choice(
            (None, 3, 1.5, True, "", " ", "글", [], {}, [[1]], {"text": "글"}, "\ud800", float("nan"), -7)
        )
    key = chance.choice(list(node) if isinstance(node, dict) else list(range(len(node))))
    copy: Any = node.copy()
    copy[key] = with_something_else(node[key], chance)
    return copy


def test_no_label_however_broken_ends_a_run() -> None:
    chance = random.Random(0)
    body = label(summary={"text": "요약"}, intent=[{"text": "답변", "category": "etc"}])
    body["rawDataInfo"] = RECORDING
    good, outcomes = as_bytes(body), {"read": 0, "refused": 0}
    for round_ in range(4000):
        data = json.dumps(with_something_else(body, chance)).encode() if round_ % 2 else mutated(good, chance)
        try:
            document = parse_label(data, STEM, "aihub", recording=True)
        except BadLabelError:
            outcomes["refused"] += 1
        else:
            check(document)
            outcomes["read"] += 1
    assert min(outcomes.values()) > 500


def test_no_zip_however_broken_ends_a_run(tmp_path: Path) -> None:
    chance = random.Random(1)
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for number, method in enumerate((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)):
            archive.writestr(zipfile.ZipInfo(f"라벨/ckmk_d_bm_f_n_{number}.json"), as_bytes(label()), method)
    path, outcomes = tmp_path / "TL_x.zip", {"document": 0, "rejection": 0, "no zip": 0}
    for _ in range(1500):
        path.write_bytes(mutated(whole.getvalue(), chance))
        try:
            for found in read_zip(path, "aihub", None, {}):
                if isinstance(found, Document):
                    check(found)
                else:
                    json_line(found.to_json()).encode()
                outcomes["document" if isinstance(found, Document) else "rejection"] += 1
        except RequestError:
            outcomes["no zip"] += 1
    assert min(outcomes.values()) > 100

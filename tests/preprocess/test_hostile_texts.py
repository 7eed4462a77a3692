"""Inputs that nobody means: they must neither break the stage nor hold it up, and their reasons must be clear.

No test here looks at a clock: where a rule takes quadratic time, a text of 200,000 characters takes longer than a test may.
"""

from __future__ import annotations

import json
from functools import cache
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest
import yaml
from support import Jaso

from jaso_core.records import Document, Item
from jaso_preprocess.clean import (
    LARGEST_TEXT,
    clean,
)
from jaso_preprocess.dedup.groups import document_keys
from jaso_preprocess.dedup.minhash import signature
from jaso_preprocess.sentences import SPLITTERS
from jaso_preprocess.steps import STEPS, Step

CONFIGS = Path(__file__).parents[2] / "configs"
LONG = 200_000
SHORT = 3_000
HORRORS = [
    *["가", "나다라마바사아자차카타파하", "1", "0", "1,", "(", "[", "「", '"', "<", "&", "*", "O", "○", ".", "…", "!", "ㅋ", "흠"],
    *[" ", "\t", "\n", " \n", "가\n", "가 ", "\u00a0", "\u200b", "\u200e", "\x00", "😀", "👩\u200d", "ᄀ", "\u0301", "發", "あ"],
    *["(512자)", "글자수 1 ", "좋은점 1\n", "[가나다]\n", "1. 지원동기\n", "지원동기 ", "음 ", "제, ", "그 ", "저는 ", "<b ", "<!--", "&amp;"],
    *["a@", "a.", "1-", "http://a.b/", "(주)", "주식회사 ", "가상은행", "에서 ", "[회사]", "서울 강남구 로", "공일", "Aa Bb "],
    "저는 이제 막 서버를 고치며 그 뭐 어 많은 것을 배웠고 ",
]  # fmt: skip


each_horror = pytest.mark.parametrize(
    "piece",
    [piece if place % 9 == 0 else pytest.param(piece, marks=pytest.mark.slow) for place, piece in enumerate(HORRORS)],
    ids=ascii,
)
"""All of them in the slow tier, every ninth in the fast one."""


def long(piece: str, size: int) -> str:
    return "".join(islice(cycle(piece), size))


@cache
def chain() -> dict[str, Step]:
    groups = yaml.safe_load((CONFIGS / "preprocess.yaml").read_text(encoding="utf-8"))["defaults"]
    names = next(entry["clean"] for entry in groups if isinstance(entry, dict) and "clean" in entry)
    steps = {name: STEPS.build({"name": name}, f"clean.{name}") for name in names}
    for step in steps.values():
        step.meet(["(주)가상전자", "한국가상공사"])
    return steps


@each_horror
def test_a_long_answer_of_one_thing_is_cleaned(piece: str) -> None:
    """Of an interview: it goes through all that a letter does, and through the steps for speech."""
    item = Item("1. 지원동기 2. 성장과정", long(piece, LONG))
    [slot] = clean(Document("x", "test", "interview", (item,), company="(주)가상전자"), chain()).states
    if slot.drop is None:
        assert slot.item.answer
        assert len(slot.item.answer) <= 20_000
    else:
        assert slot.drop.reason in ("answer_too_long", "no_answer", "no_words", "not_korean")


@each_horror
def test_long_questions_and_companies_hold_nothing_up(piece: str) -> None:
    item = Item(long(piece, LONG), "저는 가상전자에서 서버를 고치며 배웠습니다.")
    document = Document("x", "test", "letter", (item,), company=long(piece, LONG))
    [slot] = clean(document, chain()).states
    assert slot.drop is None or slot.drop.reason in ("no_question", "question_too_long")


@each_horror
def test_what_comes_after_cleaning_takes_everything(piece: str) -> None:
    text = long(piece, SHORT)
    assert signature(text).shape == (128,)
    document_keys([Item("질문", text)], [text])
    for name in ("careful", "rules", "kiwi"):
        [spans] = SPLITTERS.build({"name": name}, "sentences").split([text])
        assert [(start, end) for start, end in spans if not text[start:end].strip()] == []
        assert "".join("".join(text[start:end] for start, end in spans).split()) == "".join(text.split())


def test_brackets_nested_by_the_thousand_are_left_alone() -> None:
    text = long("<b", 20_000) + long(">", 10_000)
    assert STEPS.build({"name": "html"}, "html").apply(Item("질문", text)) == Item("질문", text)


def test_a_text_of_a_million_characters_is_not_read() -> None:
    cleaned = clean(Document("x", "test", "letter", (Item("질문", "가" * (LARGEST_TEXT + 1)),)), chain())
    assert [(row["step"], row["reason"], row["detail"]) for row in cleaned.dropped_records()] == [
        ("reading", "text_too_large", "1,000,001 characters")
    ]


def row(name: str, answer: str, **more: Any) -> dict[str, Any]:
    items = [{"question": more.pop("question", "질문입니다."), "answer": answer}]
    return {"schema": 1, "id": name, "source": "test", "kind": "letter", "items": items, **more}


def usual() -> list[str]:
    rows = [row(f"f{i}", f"저는 {i * 31}일 동안 {i}번 서버를 고쳤습니다.") for i in range(40)]
    return [json.dumps(one, ensure_ascii=False) for one in rows]


def stats_of(jaso: Jaso, tmp_path: Path, lines: list[str]) -> dict[str, Any]:
    """Of what the command makes of these lines, and of forty usual ones."""
    path = tmp_path / "documents.jsonl"
    path.write_text("".join(line + "\n" for line in [*usual(), *lines]), encoding="utf-8")
    ran = jaso("preprocess", f"input={path}", f"out={tmp_path / 'out'}", "workers=1", "copies=keep")
    assert ran.code == 0, ran.err
    stats = json.loads((tmp_path / "out" / "stats.json").read_text(encoding="utf-8"))
    assert stats["items"]["read"] == stats["items"]["kept"] + stats["items"]["dropped"]
    assert isinstance(stats, dict)
    return stats


def test_each_horror_has_its_reason(jaso: Jaso, tmp_path: Path) -> None:
    lines = [
        row("nul", "저는\0 꾸준히\0 배웠습니다.", question="\0질문\0", company="가\0상전자"),
        row("only nul", "\0\0\0"),
        row("emoji", "😀👩\u200d💻🇰🇷" * 50),
        row("english", "I am a diligent worker who likes servers."),
        row("marks", "\u202e저는 \u2067날마다\u2069 \u200f배웠습니다.\u202c", question="\u200f"),
        row("long line", "가나다라" * 300_000),
        row("too long", "저는 배웠습니다. " * 3_000),
    ]
    stats = stats_of(jaso, tmp_path, [json.dumps(one, ensure_ascii=False) for one in lines])
    assert stats["dropped"] == {
        "answer_too_long": 1,
        "no_answer": 1,
        "no_question": 1,
        "no_words": 1,
        "not_korean": 1,
        "text_too_large": 1,
    }


def test_half_a_surrogate_pair_is_mended(jaso: Jaso, tmp_path: Path) -> None:
    lines = [
        r'{"schema":1,"id":"s1","source":"t","kind":"letter","company":"가상\udfff전자",'
        r'"items":[{"question":"질\ud800문","answer":"저는 날마다 \udc00배웠\ud83d습니다."}]}',
        r'{"schema":1,"id":"s2\ud800","source":"t\ud801","kind":"letter","role":"\ud800","meta":{"occupation":"\ud800"},'
        r'"items":[{"question":"둘째 질문","answer":"\ud800\ud800"}]}',
    ]
    assert stats_of(jaso, tmp_path, lines)["dropped"] == {"no_words": 1}


@pytest.mark.slow
def test_ten_thousand_documents_without_items(jaso: Jaso, tmp_path: Path) -> None:
    lines = [f'{{"schema":1,"id":"n{i}","source":"t","kind":"letter","items":[]}}' for i in range(10_000)]
    stats = stats_of(jaso, tmp_path, [*lines, *[""] * 10_000])
    assert stats["documents"] == {"read": 10_040, "kept": 40}
    assert stats["dropped"] == {"no_items": 10_000}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "nothing is left after cleaning (no items at all)"),
        (b"\n\n \r\n", "nothing is left after cleaning (no items at all)"),
        (b'{"schema": 1, "id": "x"', "documents.jsonl:1: not JSON"),
        (b'\n{"id": "\xff"}\n', "documents.jsonl:2: byte 9 is not UTF-8"),
        (b"[" * 100_000, "documents.jsonl:1: nested too deep"),
        (b'{"schema":1,"id":"x","source":"t","kind":"letter","items":[{"answer":"\\n  "}]}', "'answer' is empty"),
    ],
    ids=["empty", "blank lines", "broken off", "no UTF-8", "deep", "blank answer"],
)
def test_what_is_no_corpus_is_refused_in_one_line(jaso: Jaso, tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "documents.jsonl"
    path.write_bytes(data)
    ran = jaso("preprocess", f"input={path}", f"out={tmp_path / 'out'}", "workers=1")
    assert ran.code == 2
    assert message in ran.error

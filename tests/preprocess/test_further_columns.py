"""A user's further columns are masked, and conversations are cleaned as their item is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import Jaso

from jaso_core.errors import RequestError
from jaso_core.io.files import read_examples
from jaso_core.records import Document, Item, Turn
from jaso_preprocess.clean import clean
from jaso_preprocess.execution.worker import build_steps

STEPS = {name: {"name": name} for name in ("unicode", "repeats", "blobs", "mask_pii", "whitespace", "length")}
TURNS = [
    {"role": "system", "content": "상담원입니다."},
    {"role": "user", "content": "환불  되나요ㅋㅋㅋㅋㅋ"},
    {"role": "assistant", "content": "네, 010-1234-5678로 전화해 주세요."},
    {"role": "user", "content": "네!!!!!"},
]


def document(**meta: object) -> Document:
    item = Item("환불  되나요ㅋㅋㅋㅋㅋ", "네, 010-1234-5678로 전화해 주세요.")
    return Document("d", "csv", "dialogue", (item,), meta=meta)


def test_columns_are_masked_and_nothing_else() -> None:
    cleaned = clean(
        document(columns={"메모": "전화 010-1234-5678  ㅋㅋㅋㅋㅋ", "주제": "환불"}, row=1), build_steps(STEPS)
    )
    assert cleaned.document.meta == {"columns": {"메모": "전화 [전화번호]  ㅋㅋㅋㅋㅋ", "주제": "환불"}, "row": 1}
    assert dict(cleaned.masked_columns) == {"메모": 1}


def test_turns_are_cleaned_as_their_item_is() -> None:
    cleaned = clean(document(messages=TURNS), build_steps(STEPS))
    [item] = cleaned.document.items
    contents = [turn["content"] for turn in cleaned.document.meta["messages"]]
    assert contents == ["상담원입니다.", item.question, item.answer, "네!!"]
    assert item.question == "환불 되나요ㅋㅋ"
    assert item.answer == "네, [전화번호]로 전화해 주세요."
    assert [turn["role"] for turn in cleaned.document.meta["messages"]] == [turn["role"] for turn in TURNS]


def test_examples_carry_them(tmp_path: Path, jaso: Jaso) -> None:
    rows = [document(columns={"주제": "환불"}, messages=TURNS).to_json() | {"id": f"d{number}"} for number in range(2)]
    rows[1]["items"][0]["answer"] = "다른 답입니다."
    rows[1]["meta"] = {}
    path = tmp_path / "documents.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    out = tmp_path / "out"
    ran = jaso("preprocess", f"input={path}", f"out={out}", "clean=[mask_pii]", "split.validation=0", "split.test=0")
    assert ran.code == 0, ran.err
    with_columns, without = read_examples(out / "examples" / "train.parquet")
    assert with_columns.meta == {"주제": "환불"}
    assert with_columns.messages[2] == Turn("assistant", "네, [전화번호]로 전화해 주세요.")
    assert (without.meta, without.messages) == ({}, ())
    stats = json.loads((out / "stats.json").read_text("utf-8"))
    assert (stats["columns"], stats["conversations"]) == ({"주제": 1}, 1)
    assert "further columns of the source, as JSON: `주제`" in (out / "README.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("meta", "line"),
    [
        ({"columns": {"a": 1}}, "meta.columns: 'a' is a number; make it a text"),
        ({"columns": ["a"]}, "meta.columns: is a list"),
        ({"messages": [{"role": "user"}]}, "'messages' is no list of turns"),
        ({"messages": "hello"}, "'messages' is no list of turns"),
    ],
)
def test_documents_of_ones_own_are_checked(meta: dict[str, object], line: str) -> None:
    body = document().to_json() | {"meta": meta}
    with pytest.raises(RequestError) as refused:
        Document.from_json(body, "mine.jsonl:1")
    assert line in str(refused.value)


def test_cards_say_what_the_data_are(tmp_path: Path, jaso: Jaso) -> None:
    table = tmp_path / "chatbot.csv"
    table.write_text("question,answer\n" + "".join(f"{n}번 질문?,{n}번 답입니다.\n" for n in range(3)), "utf-8")
    crawl, out = tmp_path / "crawl", tmp_path / "out"
    preprocess = ("preprocess", f"input={crawl}", f"out={out}", "split.validation=0", "split.test=0", "clean=[unicode]")
    for card, lines in (
        ((), ["# Questions and answers from chatbot.csv", "3 questions with their answers from chatbot.csv"]),
        (("card.title=상담 말뭉치", "card.description=Short talks."), ["# 상담 말뭉치", "Short talks."]),
    ):
        for command in (("crawl", "source=csv", f"path={table}", f"out={crawl}", *card), preprocess):
            ran = jaso(*command)
            assert ran.code == 0, ran.err
        readme = (out / "README.md").read_text("utf-8")
        assert all(line in readme for line in lines)
        assert "career" not in readme
        assert "cover-letter" not in readme
    assert "<title>상담 말뭉치" in (out / "card.html").read_text("utf-8")
    refused = jaso("crawl", "source=csv", f"path={table}", f"out={crawl}", "card=talks")
    assert refused.code == 2
    assert "config key 'card': is a text, not a group of keys; write card.title=…" in refused.error

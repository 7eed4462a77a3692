"""The stage: everything that came in is accounted for, and nothing crosses a split."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pandas as pd
import pytest
from support import Jaso, write_documents

from jaso_preprocess.sentences import SPLITTERS

SENTENCES = [
    "저는 서버의 응답 시간을 절반으로 줄인 경험이 있습니다.",
    "매일 아침 기록을 살피며 작은 오류부터 고쳐 나갔습니다.",
]


def test_kiwi_keeps_offsets_and_line_ends() -> None:
    text = f"{SENTENCES[0]} {SENTENCES[1]}\n\n소제목\n끝입니다."
    [spans] = SPLITTERS.build({"name": "kiwi"}, "sentences").split([text])
    assert [text[start:end] for start, end in spans] == [*SENTENCES, "소제목", "끝입니다."]


def test_every_item_is_kept_or_dropped_with_its_reason(jaso: Jaso, tmp_path: Path) -> None:
    rows: list[tuple[str, str | None, str | None]] = [(f"d{i}", "질문", f"{i}번째 답입니다.") for i in range(40)]
    rows += [("e1", "질문", None), ("e2", None, "답"), ("e3", "질문", "(512자)")]
    path = write_documents(tmp_path / "documents.jsonl", rows, occupation="ICT")
    ran = jaso("preprocess", f"input={path}", f"out={tmp_path / 'out'}")
    assert ran.code == 0, ran.err
    stats = json.loads((tmp_path / "out" / "stats.json").read_text(encoding="utf-8"))
    assert stats["documents"] == {"read": 43, "kept": 40}
    assert stats["dropped"] == {"no_answer": 2, "no_question": 1}
    assert sum(stats["examples"].values()) == 40
    dropped = [json.loads(line) for line in (tmp_path / "out" / "dropped.jsonl").open(encoding="utf-8")]
    assert [(row["document_id"], row["step"], row["reason"]) for row in dropped] == [
        ("e1", "length", "no_answer"),
        ("e2", "length", "no_question"),
        ("e3", "length", "no_answer"),
    ]
    assert dropped[2]["answer"] == "(512자)", "what is dropped is kept as it came"
    train = pd.read_parquet(tmp_path / "out" / "examples" / "train.parquet")
    assert set(train["occupation"]) == {"ICT"}


def test_sentences_point_into_the_cleaned_text(corpus: Path) -> None:
    examples = pd.concat([pd.read_parquet(path) for path in (corpus / "examples").glob("*.parquet")])
    answers = dict(zip(examples["id"], examples["answer"], strict=True))
    sentences = pd.read_parquet(corpus / "sentences.parquet")
    assert len(sentences) > 500
    for row in sentences.itertuples():
        assert answers[f"{row.document_id}#{row.item}"][row.start : row.end] == row.text
    lines = (corpus / "sentences.txt").read_text(encoding="utf-8").split("\n\n")
    assert len(lines) == len(examples)


def test_no_group_crosses_a_split(corpus: Path) -> None:
    examples = pd.concat([pd.read_parquet(path) for path in (corpus / "examples").glob("*.parquet")])
    splits = defaultdict(set)
    for row in examples.itertuples():
        splits[row.group].add(row.split)
    assert all(len(found) == 1 for found in splits.values())


def test_the_same_input_gives_the_same_bytes(jaso: Jaso, tmp_path: Path) -> None:
    path = write_documents(tmp_path / "d.jsonl", [(f"d{i}", "질문", f"{i}번째 답입니다.") for i in range(40)])
    for name in ("a", "b"):
        assert jaso("preprocess", f"input={path}", f"out={tmp_path / name}").code == 0
    files = [json.loads((tmp_path / name / "manifest.json").read_text(encoding="utf-8"))["files"] for name in "ab"]
    assert files[0] == files[1]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "nothing is left after cleaning (no items at all)"),
        ([("a", "질문", None)], "nothing is left after cleaning (no_answer 1)"),
        ([("a", "질문", "답"), ("a", "질문", "답")], "document id 'a' is also in"),
        ([("a", "질문", "답")], "no example for "),
    ],
)
def test_what_cannot_be_split_is_refused(jaso: Jaso, tmp_path: Path, rows: list, message: str) -> None:
    path = write_documents(tmp_path / "d.jsonl", rows)
    ran = jaso("preprocess", f"input={path}", f"out={tmp_path / 'out'}")
    assert ran.code == 2
    assert message in ran.error

"""What went in comes out or is named with its reason, whatever went in: the real command on odd documents."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support import Jaso

Row = dict[str, Any]

OPENINGS = ("저는", "대학 시절", "지난 학기에", "동아리에서", "입사 후에는", "팀원들과 함께", "현장에서")
MIDDLES = ("서버를 고치며", "설문을 모아", "재고를 세어", "일정을 나누어", "기록을 살피며", "고객의 말을 듣고")
ENDS = ("많은 것을 배웠습니다.", "일을 절반으로 줄였습니다.", "끝까지 해냈습니다.", "신뢰를 얻었습니다.")
BLOB_QUESTION = "1. 지원동기\n2. 입사 후 포부"
BLOB_ANSWER = (
    "1. 지원동기\n귀사의 비전에 공감하여 지원했습니다. {0}\n2. 입사 후 포부\n입사 후 3년 안에 전문가가 되겠습니다. {1}"
)
ODDITIES: tuple[Callable[[random.Random], str | None], ...] = (
    lambda _: None,
    lambda _: "\u200b\ufeff",
    lambda r: r.choice("가a1.ㅋ😀\u200b\x00"),
    lambda r: "😀👩\u200d💻🇰🇷" * r.randint(1, 30),
    lambda r: "I am a diligent worker who likes servers. " * r.randint(1, 9),
    lambda r: "\u202e\u05e9\u05dc\u05d5\u05dd \u200f" + prose(r),
    lambda r: r.choice(["ㅋ", "(", "1", "가", ".\n", "[", '"']) * r.randint(1, 3000),
    lambda r: "\x00".join(prose(r)),
    lambda r: prose(r) + " (512자)",
    lambda r: "(512자)",
    lambda r: "없음",
    lambda r: "N/A",
    lambda r: prose(r).replace("다.", "다.\n\n[성장]\n"),
    lambda r: "\n".join(prose(r) for _ in range(40)),
    lambda r: prose(r) * 500,  # longer than max_answer
    lambda r: f"{prose(r)} 연락처는 010-1234-{r.randint(1000, 9999)}입니다. (주)가상전자에서 인턴으로 일했습니다.",
)


def prose(r: random.Random) -> str:
    """Some sentences, seldom the same twice."""
    return " ".join(
        f"{r.choice(OPENINGS)} {r.randint(2, 999)}번 {r.choice(MIDDLES)} {r.choice(ENDS)}"
        for _ in range(r.randint(1, 5))
    )


def an_item(r: random.Random, former: list[Row]) -> Row:
    shape = r.random()
    if shape < 0.2 and former:
        return dict(r.choice(former))  # the same as another's
    if shape < 0.3:
        return {"question": BLOB_QUESTION, "answer": BLOB_ANSWER.format(prose(r), prose(r))}
    if shape < 0.55:
        item = {"question": r.choice(ODDITIES)(r), "answer": r.choice(ODDITIES)(r), "summary": r.choice(ODDITIES)(r)}
        return {key: value for key, value in item.items() if r.random() < 0.9}
    if shape < 0.7:
        return {"question": "지원 동기를 쓰시오.", "answer": r.choice(ODDITIES)(r)}
    return {"question": r.choice(["지원 동기를 쓰시오.", "성장 과정", "직무 역량은?"]), "answer": prose(r)}


def odd_documents(seed: int) -> list[Row]:
    r = random.Random(seed)
    items: list[Row] = []
    documents = []
    for number in range(120):
        own = [an_item(r, items) for _ in range(r.choice([0, 1, 1, 1, 2, 3, 6]))]
        items += own
        documents.append(
            {"schema": 1, "id": f"d{number} \x00#{number % 3}" if number % 7 == 0 else f"d{number}", "source": "test",
             "kind": r.choice(["letter", "interview", "message"]), "items": own,
             "company": r.choice([None, "(주)가상전자", "한국가상공사", "😀", "(", "\x00"]),
             "meta": {"occupation": r.choice(["ICT", None])}, "role": r.choice([None, "개발"])}
        )  # fmt: skip
    return documents


def many_questions() -> list[Row]:
    items = [
        {"question": f"{i}번 질문을 쓰시오.", "answer": f"저는 {i}번째 일에서 {i}가지를 배웠습니다."}
        for i in range(5000)
    ]
    others = [one_item(f"o{i}", f"저는 {i * 7}일 동안 {i}번 서버를 고쳤습니다.") for i in range(30)]
    return [{"schema": 1, "id": "many", "source": "test", "kind": "letter", "items": items}, *others]


def one_item(name: str, answer: str) -> Row:
    return {
        "schema": 1,
        "id": name,
        "source": "test",
        "kind": "letter",
        "items": [{"question": "질문", "answer": answer}],
    }


def copies() -> list[Row]:
    r = random.Random(3)
    letters = [" ".join(prose(r) for _ in range(4)) for _ in range(40)]
    rows = [one_item(f"a{i}", text) for i, text in enumerate(letters)]
    rows += [one_item(f"b{i}", text) for i, text in enumerate(letters[:10])]
    rows += [one_item(f"c{i}", text.replace("저는", "제가", 1) + " 감사합니다.") for i, text in enumerate(letters[:10])]
    return rows


CORPORA: dict[str, Callable[[], list[Row]]] = {
    "odd, 1": lambda: odd_documents(1),
    "odd, 2": lambda: odd_documents(2),
    "odd, 3": lambda: odd_documents(3),
    "5,000 questions": many_questions,
    "copies": copies,
}


@pytest.mark.parametrize("name", CORPORA)
def test_all_is_accounted_for(jaso: Jaso, tmp_path: Path, name: str) -> None:
    documents = CORPORA[name]()
    path, out = tmp_path / "documents.jsonl", tmp_path / "out"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in documents), encoding="utf-8")
    ran = jaso("preprocess", f"input={path}", f"out={out}", "workers=1", "split.validation=0.2", "split.test=0.2")
    assert ran.code == 0, ran.err
    stats = json.loads((out / "stats.json").read_text(encoding="utf-8"))
    examples = pd.concat([pd.read_parquet(path) for path in sorted((out / "examples").glob("*.parquet"))])
    dropped = [json.loads(line) for line in (out / "dropped.jsonl").open(encoding="utf-8")]
    check_counts(documents, stats, examples, dropped)
    check_drops(documents, examples, dropped)
    check_groups(examples)
    check_no_copies(examples)
    check_sentences(out, examples)
    changes = pd.read_parquet(out / "changes.parquet")
    check_changes(documents, changes, stats)


def check_counts(documents: list[Row], stats: Row, examples: pd.DataFrame, dropped: list[Row]) -> None:
    items, lines = stats["items"], [row for row in dropped if row["item"] is not None]
    assert items["read"] + items["parts"] == items["kept"] + items["dropped"]
    assert items["read"] == sum(len(row["items"]) for row in documents)
    assert items["kept"] == len(examples) == sum(stats["examples"].values())
    assert items["dropped"] == len(lines)
    assert stats["documents"] == {"read": len(documents), "kept": examples["document_id"].nunique()}
    assert stats["dropped"] == dict(sorted(Counter(row["reason"] for row in dropped).items()))
    by_step: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in dropped:
        by_step[row["step"] or "reading"][row["reason"]] += 1
    assert stats["dropped_by_step"] == by_step


def check_drops(documents: list[Row], examples: pd.DataFrame, dropped: list[Row]) -> None:
    """Each place of each document is either an example or a line of dropped.jsonl, and never both."""
    places = [tuple(name.rsplit("#", 1)) for name in examples["id"]]
    places += [(row["document_id"], str(row["item"])) for row in dropped if row["item"] is not None]
    assert len(set(places)) == len(places)
    without = {row["document_id"] for row in dropped if row["item"] is None}
    assert without == {row["id"] for row in documents if not row["items"]}
    taken = Counter(name for name, _ in places)
    items = {row["id"]: row["items"] for row in documents}
    assert all(taken[name] >= len(own) for name, own in items.items())
    for row in dropped:
        if (
            row["item"] is not None
            and row["step"] != "linking"
            and taken[row["document_id"]] == len(items[row["document_id"]])
        ):
            given = items[row["document_id"]][row["item"]]
            for field in ("question", "answer", "summary"):
                assert row[field] == given.get(field), "what is dropped is kept as it came"


def check_groups(examples: pd.DataFrame) -> None:
    assert (examples.groupby("group")["split"].nunique() == 1).all()
    assert (examples.groupby("document_id")["group"].nunique() == 1).all()


def check_no_copies(examples: pd.DataFrame) -> None:
    said = [
        "\0".join("".join(text.split()) for text in row)
        for row in zip(examples["question"], examples["answer"], strict=True)
    ]
    assert max(Counter(said).values()) == 1


def check_sentences(out: Path, examples: pd.DataFrame) -> None:
    answers = dict(zip(examples["id"], examples["answer"], strict=True))
    sentences = pd.read_parquet(out / "sentences.parquet")
    ends: defaultdict[str, int] = defaultdict(int)
    for row in sentences.itertuples():
        name = f"{row.document_id}#{row.item}"
        assert row.field == "answer"
        assert ends[name] <= row.start < row.end
        assert answers[name][row.start : row.end] == row.text == row.text.strip()
        assert not answers[name][ends[name] : row.start].strip(), "text between sentences"
        ends[name] = row.end
    assert ends.keys() == answers.keys()
    assert all(not answer[ends[name] :].strip() for name, answer in answers.items())
    blocks = (out / "sentences.txt").read_text(encoding="utf-8").split("\n\n")
    assert [block.strip("\n").split("\n") for block in blocks] == [
        list(group["text"]) for _, group in sentences.groupby(["document_id", "item"], sort=False)
    ]


def check_changes(documents: list[Row], changes: pd.DataFrame, stats: Row) -> None:
    assert set(changes["document_id"]) <= {row["id"] for row in documents}
    assert (changes["start"] <= changes["end"]).all()
    assert ((changes["added"] >= 0) & (changes["start"] >= 0) & (changes["item"] >= 0)).all()
    by_step = {step: found.groupby("kind").size().to_dict() for step, found in changes.groupby("step")}
    assert by_step == stats["edits"]


def test_every_copy_is_dropped_once_with_the_one_that_stays(jaso: Jaso, tmp_path: Path) -> None:
    path = tmp_path / "documents.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in copies()), encoding="utf-8")
    assert jaso("preprocess", f"input={path}", f"out={tmp_path / 'out'}", "workers=1").code == 0
    examples = pd.concat([pd.read_parquet(path) for path in (tmp_path / "out" / "examples").glob("*.parquet")])
    assert Counter(name[1:] for name in examples["document_id"]) == Counter(str(i) for i in range(40))


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n \n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_how_a_file_was_saved_does_not_matter(jaso: Jaso, tmp_path: Path, mark: str, end: str) -> None:
    rows = [
        json.dumps(one_item(f"d{i}", f"저는 {i * 31}일 동안 {i}번 고쳤습니다."), ensure_ascii=False) for i in range(40)
    ]
    path = tmp_path / "documents.jsonl"
    path.write_bytes((mark + (end.strip(" ") or "\n").join(rows) + end).encode())
    ran = jaso("preprocess", f"input={path}", f"out={tmp_path / 'out'}", "workers=1", "copies=keep", "clean=[length]")
    assert ran.code == 0, ran.err
    stats = json.loads((tmp_path / "out" / "stats.json").read_text(encoding="utf-8"))
    assert stats["items"] == {"read": 40, "parts": 0, "kept": 40, "dropped": 0}

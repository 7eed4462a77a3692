"""source=dataset: what the datasets library and chat data write, in any of its forms."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet
import pytest
from hub_stand_in import hub

from jaso_core.errors import RequestError
from jaso_crawl.sources.conversations import ConversationError, first_pair, read_turns
from jaso_crawl.sources.guess_columns import guess_columns

Lines = Callable[[Path], list[dict[str, Any]]]
Crawl = Callable[..., Path]
TURNS = [
    {"role": "system", "content": "상담원"},
    {"role": "user", "content": "언제 오나요?"},
    {"role": "assistant", "content": "내일 옵니다."},
    {"role": "user", "content": "고마워요"},
]
ROW = {"instruction": "언제 오나요?", "output": "내일 옵니다.", "topic": "배송"}


def pairs(documents: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(document["items"][0]["question"], document["items"][0]["answer"]) for document in documents]


def test_a_saved_data_set_with_splits(
    tmp_path: Path, crawl: Crawl, read_lines: Lines, capsys: pytest.CaptureFixture[str]
) -> None:
    splits = {"train": [ROW, {**ROW, "output": "모레요."}], "test": [{**ROW, "instruction": "환불되나요?"}]}
    saved = tmp_path / "shop"
    datasets.DatasetDict({name: datasets.Dataset.from_list(rows) for name, rows in splits.items()}).save_to_disk(saved)
    documents = read_lines(crawl(source="dataset", path=str(saved)) / "documents.jsonl")
    assert pairs(documents) == [
        ("언제 오나요?", "내일 옵니다."),
        ("언제 오나요?", "모레요."),
        ("환불되나요?", "내일 옵니다."),
    ]
    assert [document["id"] for document in documents] == [f"dataset:shop:{n}" for n in ("train:1", "train:2", "test:1")]
    assert documents[2]["meta"] == {"row": 1, "file": "shop", "split": "test", "columns": {"topic": "배송"}}
    err = capsys.readouterr().err
    assert "splits read: train (2 rows), test (1 rows)" in err
    assert "taken by their names: columns.question=instruction, columns.answer=output" in err
    one = crawl("one", source="dataset", path=str(saved), splits="test")
    assert len(read_lines(one / "documents.jsonl")) == 1
    with pytest.raises(RequestError, match=r"has no split 'tset'; did you mean 'test'\? \(known: train, test\)"):
        crawl("no", source="dataset", path=str(saved), splits="tset")


def test_an_id_is_unique_over_all_splits(tmp_path: Path, crawl: Crawl) -> None:
    rows = {name: datasets.Dataset.from_list([{**ROW, "key": "7"}]) for name in ("train", "test")}
    datasets.DatasetDict(rows).save_to_disk(tmp_path / "shop")
    with pytest.raises(RequestError, match=r"id 'dataset:7' stands at shop/train:1 and at shop/test:1"):
        crawl(source="dataset", path=str(tmp_path / "shop"), columns={"id": "key"})


@pytest.mark.parametrize("form", ["list.json", "data.json", "lines.jsonl", "table.parquet", "saved"])
def test_conversations_in_every_form(form: str, tmp_path: Path, crawl: Crawl, read_lines: Lines) -> None:
    rows = [{"messages": TURNS, "n": 1}]
    path = tmp_path / form
    if form == "saved":
        datasets.Dataset.from_list(rows).save_to_disk(path)
    elif form == "table.parquet":
        datasets.Dataset.from_list(rows).to_parquet(path)
    else:
        path.write_text(json.dumps({"data": rows} if form == "data.json" else rows[0] if "lines" in form else rows))
    [document] = read_lines(crawl(source="dataset", path=str(path)) / "documents.jsonl")
    assert pairs([document]) == [("언제 오나요?", "내일 옵니다.")]
    assert document["meta"]["messages"] == TURNS
    assert document["meta"]["columns"] == {"n": "1"}


def test_bad_conversations_are_rejected_with_their_row(tmp_path: Path, crawl: Crawl, read_lines: Lines) -> None:
    cells: list[Any] = [TURNS, "hello", [], [{"role": "judge", "content": "x"}], [TURNS[1]], [TURNS[2]], None]
    path = tmp_path / "t.json"
    path.write_text(json.dumps([{"messages": cell} for cell in cells]), "utf-8")
    rejected = read_lines(crawl(source="dataset", path=str(path)) / "rejected.jsonl")
    assert [(row["where"], row["reason"]) for row in rejected] == [
        ("t.json[2]", "bad_messages"),
        ("t.json[3]", "bad_messages"),
        ("t.json[4]", "bad_messages"),
        ("t.json[5]", "missing_answer"),
        ("t.json[6]", "missing_question"),
        ("t.json[7]", "bad_messages"),
    ]
    assert rejected[2]["detail"] == (
        "row 4: column 'messages' has a turn 1 of an unknown role; write system, user or assistant"
    )


def test_turns_of_other_shapes() -> None:
    cell = json.dumps(
        [
            {"from": "human", "value": "하나"},
            {"from": "gpt", "value": "둘"},
            {"role": "user", "content": [{"type": "text", "text": "셋"}, {"type": "image"}]},
        ]
    )
    turns = read_turns(cell)
    assert [(turn["role"], turn["content"]) for turn in turns] == [
        ("user", "하나"),
        ("assistant", "둘"),
        ("user", "셋"),
    ]
    assert first_pair(turns) == {"question": "하나", "answer": "둘"}
    assert read_turns('[{"role": "user", "content": "\\ud83d"}]')[0]["content"] == "�"
    with pytest.raises(ConversationError):
        read_turns("[" * 100_000)


def test_guesses() -> None:
    assert guess_columns({}, ["id", "Q", "A", "label"], "t") == {"question": "Q", "answer": "A"}
    assert guess_columns({}, ["instruction", "input", "output"], "t") == {"question": "instruction", "answer": "output"}
    assert guess_columns({"answer": "rejected"}, ["prompt", "chosen", "rejected"], "t") == {
        "question": "prompt",
        "answer": "rejected",
    }
    assert guess_columns({}, ["질문", "답변"], "t") == {"question": "질문", "answer": "답변"}
    with pytest.raises(RequestError, match="t: which column is the answer\\? It has text, prompt; write columns"):
        guess_columns({}, ["text", "prompt"], "t")


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("t.json", "{", "t.json:1: not JSON"),
        ("t.json", "3", "is no list; write a list of objects"),
        ("t.json", '{"rows": []}', "is an object without a list under 'data'"),
        ("t.json", "[1]", "entry 1 is no object"),
        ("t.json", "[]", "has no rows"),
        ("t.json", "[" * 100_000, "nested too deep"),
        ("t.jsonl", "", "is empty"),
        ("t.csv", "Q,A\n", "is a table; source=csv reads it"),
        ("t.pkl", "cos\nsystem\n(S'touch x'\ntR.", "'.pkl' cannot be read; known: .json, .jsonl, .ndjson, .parquet"),
        ("t.parquet", "PAR1", "not a Parquet file"),
    ],
)
def test_mistakes_are_one_line(name: str, content: str, line: str, tmp_path: Path, crawl: Crawl) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(RequestError) as refused:
        crawl(source="dataset", path=str(tmp_path / name))
    assert line in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_damaged_or_hostile_saved_folder_is_one_line(tmp_path: Path, crawl: Crawl) -> None:
    saved = tmp_path / "saved"
    datasets.Dataset.from_list([ROW]).save_to_disk(saved)
    [arrow] = saved.glob("*.arrow")
    state = json.loads((saved / "state.json").read_text())
    state["_data_files"] = [{"filename": "../../other.arrow"}]
    (saved / "state.json").write_text(json.dumps(state))
    with pytest.raises(RequestError, match=r"state\.json: names a file outside of its folder"):
        crawl("a", source="dataset", path=str(saved))
    state["_data_files"] = [{"filename": arrow.name}]
    (saved / "state.json").write_text(json.dumps(state))
    arrow.write_bytes(arrow.read_bytes()[:100])
    with pytest.raises(RequestError, match="no data set of save_to_disk"):
        crawl("b", source="dataset", path=str(saved))
    with pytest.raises(RequestError, match="is no data set's folder; give a folder of save_to_disk"):
        crawl("c", source="dataset", path=str(tmp_path))


def test_splits_without_rows_are_left_out(
    tmp_path: Path, crawl: Crawl, read_lines: Lines, capsys: pytest.CaptureFixture[str]
) -> None:
    full = datasets.Dataset.from_list([ROW])
    datasets.DatasetDict({"train": full, "test": full.select([])}).save_to_disk(tmp_path / "shop")
    assert len(read_lines(crawl(source="dataset", path=str(tmp_path / "shop")) / "documents.jsonl")) == 1
    assert "split test has no rows and is left out" in capsys.readouterr().err
    (tmp_path / "shop" / "dataset_dict.json").write_text('{"splits": ["../shop/train"]}')
    with pytest.raises(RequestError, match=r"dataset_dict\.json: names a file outside of its folder"):
        crawl("b", source="dataset", path=str(tmp_path / "shop"))
    (tmp_path / "shop" / "dataset_dict.json").write_text('{"splits": 3}')
    with pytest.raises(RequestError, match="'splits' holds 3, not a list"):
        crawl("c", source="dataset", path=str(tmp_path / "shop"))


def test_offline_is_one_line(crawl: Crawl) -> None:
    with pytest.raises(RequestError, match=r"lab/none: no such file or folder, and HF_HUB_OFFLINE keeps jaso off"):
        crawl(source="dataset", path="lab/none")


def crawled(address: str, home: Path, out: Path) -> subprocess.CompletedProcess[str]:
    """`jaso crawl` in a process of its own: the library reads the hub's address when it is imported."""
    online = {"HF_ENDPOINT": address, "HF_HUB_OFFLINE": "0", "HF_HUB_DISABLE_XET": "1", "HF_HOME": str(home)}
    return subprocess.run(
        [sys.executable, "-m", "jaso_pipeline", "crawl", "source=dataset", "path=lab/corpus", f"out={out}"],
        env={**os.environ, **online, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.slow
def test_a_hub_name_is_fetched(tmp_path: Path, read_lines: Lines) -> None:
    rows = pa.BufferOutputStream()
    pa.parquet.write_table(pa.Table.from_pylist([ROW]), rows)
    with hub() as there:
        there.files = {
            "README.md": b"---\nlicense: cc-by-4.0\n---\n",
            "data/train-00000-of-00001.parquet": rows.getvalue().to_pybytes(),
        }
        there.card = {"license": "cc-by-4.0"}
        ran = crawled(there.address, tmp_path / "home", tmp_path / "out")
    assert ran.returncode == 0, ran.stderr
    [document] = read_lines(tmp_path / "out" / "documents.jsonl")
    assert pairs([document]) == [("언제 오나요?", "내일 옵니다.")]
    assert document["meta"]["split"] == "train"
    assert document["licence"] == "cc-by-4.0"
    assert "crawl: lab/corpus of the hub: 0.0 MB, licence cc-by-4.0, revision 000000000000" in ran.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("refusal", "code", "line"),
    [
        ((404, "RepoNotFound"), 2, "lab/corpus: no such file or folder, and no such data set on the hub; check path="),
        ((403, "GatedRepo"), 2, "lab/corpus: is gated on the hub; ask for access on its page"),
        ((404, "RevisionNotFound"), 2, "lab/corpus: the hub has no such revision; check dataset_revision="),
        (None, 1, "lab/corpus: the hub cannot be reached"),
    ],
)
def test_a_refusal_of_the_hub_is_one_line(
    refusal: tuple[int, str] | None, code: int, line: str, tmp_path: Path
) -> None:
    with hub() as there:
        there.refusal = refusal
        ran = crawled(there.address if refusal else "http://127.0.0.1:9", tmp_path / "home", tmp_path / "out")
    assert ran.returncode == code, ran.stderr
    assert line in ran.stderr
    assert "Traceback" not in ran.stderr

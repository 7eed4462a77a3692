"""Files are whole or absent, and a bad line is named."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from jaso_core.errors import RequestError
from jaso_core.io.files import (
    EXAMPLE_SCHEMA,
    atomic_text,
    read_examples,
    read_json,
    read_jsonl,
    write_jsonl,
    write_parquet,
)
from jaso_core.records import Example


def test_a_failed_write_leaves_the_old_file_and_no_rest(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(RuntimeError), atomic_text(path) as stream:
        stream.write("half")
        raise RuntimeError
    assert path.read_text(encoding="utf-8") == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]


def test_jsonl_keeps_hangul_and_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    rows = [{"글": "첫 줄\n둘째 줄\u2028끝"}, {"글": "😀"}]
    assert write_jsonl(path, rows) == 2
    assert [row for _, row in read_jsonl(path)] == rows
    assert "첫 줄" in path.read_text(encoding="utf-8")
    assert path.read_bytes().count(b"\n") == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a": 1}\n{"a": \n', r"a.jsonl:2: not JSON \(column 6: Expecting value\); mend or remove this line"),
        (b'{"a": 1}\n\n{"a": "\xbf"}\n', r"a.jsonl:3: byte 8 is not UTF-8; save the file as UTF-8"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    with pytest.raises(RequestError, match=message):
        list(read_jsonl(path))


def test_a_file_that_is_no_json_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes("한글".encode("utf-16"))
    with pytest.raises(RequestError, match=r"a\.json: is no UTF-8 text, so no JSON"):
        read_json(path)


def test_a_byte_order_mark_is_no_content(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + b'{"a": 1}\n')
    assert [row for _, row in read_jsonl(path)] == [{"a": 1}]


def test_examples_are_read_by_pandas_and_by_us(tmp_path: Path) -> None:
    example = Example("a#0", "a", "a", "train", "질문", "답", occupation="ICT")
    path = tmp_path / "train.parquet"
    write_parquet(path, [example], EXAMPLE_SCHEMA)
    assert read_examples(path) == [example]
    frame = pd.read_parquet(path)
    assert list(frame.columns) == [
        "id", "document_id", "group", "split", "question", "answer", "summary",
        "occupation", "experience", "role", "company", "source",
    ]  # fmt: skip
    assert frame.loc[0, "answer"] == "답"


def test_examples_are_read_by_datasets(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    write_parquet(tmp_path / "train.parquet", [Example("a#0", "a", "a", "train", "질문", "답")], EXAMPLE_SCHEMA)
    loaded = datasets.load_dataset(
        "parquet", data_files=str(tmp_path / "train.parquet"), cache_dir=str(tmp_path / "cache")
    )
    assert loaded["train"][0]["question"] == "질문"

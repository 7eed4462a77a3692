"""Columns that are no field travel along in `meta`, but not those that hold personal data by their name."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jaso_core.errors import RequestError

Lines = Callable[[Path], list[dict[str, Any]]]
Crawl = Callable[..., Path]
QA = {"source": "csv", "columns": {"question": "Q", "answer": "A"}}


def columns_of(documents: list[dict[str, Any]]) -> list[dict[str, str] | None]:
    return [document["meta"].get("columns") for document in documents]


def test_further_columns_travel_along(
    tmp_path: Path, crawl: Crawl, read_lines: Lines, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "t.csv"
    path.write_text("Q,A,주제,이름,E-mail\n하나,답,배송,김가상,a@b.kr\n둘,답,,이가상,\n", "utf-8")
    out = crawl(path=str(path), **QA)
    assert columns_of(read_lines(out / "documents.jsonl")) == [{"주제": "배송"}, None]
    err = capsys.readouterr().err
    assert "columns that travel along as meta: 주제" in err
    assert "hold personal data: 이름, E-mail (meta_columns=이름 takes one along)" in err


def test_columns_can_be_named_or_left_behind(tmp_path: Path, crawl: Crawl, read_lines: Lines) -> None:
    path = tmp_path / "t.csv"
    path.write_text("Q,A,주제,이름\n하나,답,배송,김가상\n", "utf-8")
    named = crawl("named", path=str(path), meta_columns="이름", **QA)
    assert columns_of(read_lines(named / "documents.jsonl")) == [{"이름": "김가상"}]
    none = crawl("none", path=str(path), meta_columns=["none"], **QA)
    assert columns_of(read_lines(none / "documents.jsonl")) == [None]
    with pytest.raises(RequestError, match=r"has no column '주재', which meta_columns names; known: Q, A, 주제"):
        crawl("absent", path=str(path), meta_columns="주재", **QA)


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_typed_columns_become_texts(suffix: str, tmp_path: Path, crawl: Crawl, read_lines: Lines) -> None:
    rows: list[dict[str, Any]] = [{"Q": "q", "A": "a", "n": 3, "tags": ["가", "나"], "none": None}]
    path = tmp_path / f"t.{suffix}"
    if suffix == "jsonl":
        path.write_text(json.dumps(rows[0]) + "\n", "utf-8")
    else:
        pq.write_table(pa.Table.from_pylist([{**rows[0], "image": b"\xff\x00"}]), path)
    assert columns_of(read_lines(crawl(path=str(path), **QA) / "documents.jsonl")) == [
        {"n": "3", "tags": '["가", "나"]'}
    ]


def test_hostile_columns_do_no_harm(
    tmp_path: Path, crawl: Crawl, read_lines: Lines, capsys: pytest.CaptureFixture[str]
) -> None:
    row: dict[str, Any] = {"Q": "q", "A": "a", "half": "\ud83d", "long": "가" * 100_001, "line\nend": "x"}
    row |= {f"c{number}": "1" for number in range(120)}
    path = tmp_path / "t.jsonl"
    path.write_text(json.dumps(row) + "\n", "utf-8")
    [columns] = columns_of(read_lines(crawl(path=str(path), **QA) / "documents.jsonl"))
    assert columns is not None
    assert columns["half"] == "�"
    assert len(columns) == 99, "100 travel along, of which one is too long"
    err = capsys.readouterr().err
    assert "23 further columns are left out" in err
    assert "1 cells of further columns hold more than 100,000 characters" in err


def test_forgotten_with_the_document(tmp_path: Path, crawl: Crawl) -> None:
    from jaso_crawl.forget import find, forget

    path = tmp_path / "t.csv"
    path.write_text("Q,A,메모\n하나,답,비밀입니다\n둘,답,다른 것\n", "utf-8")
    out = crawl(path=str(path), **QA)
    forget(find(out, "csv:t:1"))
    assert "비밀입니다" not in (out / "documents.jsonl").read_text("utf-8")
    crawl(path=str(path), **QA)
    assert "비밀입니다" not in (out / "documents.jsonl").read_text("utf-8"), "it does not come back"

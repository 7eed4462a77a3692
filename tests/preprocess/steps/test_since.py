"""`since=`: letters of earlier seasons are dropped, with their reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import Jaso

from jaso_core.io.files import read_json, read_jsonl

SEASONS = ("2019년 하반기", "2020년 상반기", "2021", None, "상시", "2008 하반기")


def letters(folder: Path) -> Path:
    """Twelve letters, two of each season."""
    file = folder / "documents.jsonl"
    lines = [
        {"schema": 1, "id": f"d{number}", "source": "sample", "kind": "letter", "season": SEASONS[number % 6],
         "items": [{"question": "지원 동기를 쓰세요.", "answer": f"저는 {'가나다라마바사아자차카타'[number] * 9}을 배웠습니다."}]}
        for number in range(12)
    ]  # fmt: skip
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return file


def test_letters_before_a_year_are_dropped(jaso: Jaso, tmp_path: Path) -> None:
    ran = jaso(
        "preprocess", f"input={letters(tmp_path)}", f"out={tmp_path / 'out'}", "since=2020", "workers=1", "copies=keep",
        "clean=[unicode,length]", "split.validation=0", "split.test=0",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    dropped = [record for _, record in read_jsonl(tmp_path / "out" / "dropped.jsonl")]
    # 2019 and 2008; one without a year stays.
    assert sorted((record["document_id"], record["reason"], record["detail"]) for record in dropped) == [
        ("d0", "before_since", "2019"), ("d11", "before_since", "2008"),
        ("d5", "before_since", "2008"), ("d6", "before_since", "2019"),
    ]  # fmt: skip
    facts = read_json(tmp_path / "out" / "stats.json")
    assert facts["dropped"] == {"before_since": 4}
    assert facts["examples"]["train"] == 8
    assert list(facts["changed"]) == ["since", "unicode", "length"]


@pytest.mark.parametrize("year", ["20", "soon"])
def test_what_is_no_year(jaso: Jaso, tmp_path: Path, year: str) -> None:
    ran = jaso("preprocess", f"input={letters(tmp_path)}", f"out={tmp_path / 'out'}", f"since={year}")
    assert ran.code == 2
    assert "since" in ran.error

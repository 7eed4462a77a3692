"""Quotes that do not match and line ends without quotes: no row goes, and no answer is cut, without a word."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from jaso_core.errors import RequestError

Lines = Callable[[Path], list[dict[str, Any]]]
Crawl = Callable[..., Path]

QA = {"question": "Q", "answer": "A"}


@dataclass(frozen=True)
class Case:
    """A table; the answers that stay; the lines that a message or rejected.jsonl must name."""

    text: str
    answers: tuple[str, ...]
    lines: tuple[int, ...] = ()
    suffix: str = ".csv"


# A quote that is opened by accident and closed by another one some rows later.
SWALLOWED = {
    "two rows": Case('Q,A\n질문1,"답1\n질문2,답2"\n질문3,답3\n', ("답3",), (2, 3)),
    "three rows": Case('Q,A\n질문1,답1\n질문2,"답2\n질문3,답3\n질문4,답4"\n질문5,답5\n', ("답1", "답5"), (3, 5)),
    "from the first column": Case('Q,A\n"질문1,답1\n질문2",답2\n질문3,답3\n', ("답3",), (2, 3)),
    "whole rows in the first column": Case('Q,A\n"질문1,답1\n질문2,답2"\n질문3,답3\n', ("답3",), (2, 3)),
    "three columns": Case(
        'id,Q,A\n1,질문1,"답1\n2,질문2,답2\n3,질문3,답3"\n4,질문4,답4\n', ("답4",), (2, 4)
    ),
    "middle column": Case('id,Q,A\n1,"질문1,답1\n2,질문2",답2\n3,질문3,답3\n', ("답3",), (2, 3)),
    "semicolons": Case('Q;A\n질문1;"답1\n질문2;답2"\n질문3;답3\n', ("답3",), (2, 3)),
    "tabs": Case('Q\tA\n질문1\t"답1\n질문2\t답2"\n질문3\t답3\n', ("답3",), (2, 3), ".tsv"),
    "pipes": Case('Q|A\n질문1|"답1\n질문2|답2"\n질문3|답3\n', ("답3",), (2, 3)),
    "twice": Case('Q,A\n가,"나\n다,라"\n마,바\n사,"아\n자,차\n카,타"\n', ("바",), (2, 3, 5, 7)),
    "empty quoted cell inside": Case('Q,A\n질문1,"답1\n질문2,""\n질문3,답3"\n질문4,답4\n', ("답4",), (2, 4)),
    "to the last line": Case('Q,A\n질문1,답1\n질문2,"답2\n질문3,답3"', ("답1",), (3, 4)),
    "windows line ends": Case('Q,A\r\n질문1,"답1\r\n질문2,답2"\r\n질문3,답3\r\n', ("답3",), (2, 3)),
    "inches": Case('Q,A\n모니터는,"27인치\n키보드는,13인치"\n끝,답\n', ("답",), (2, 3)),
}  # fmt: skip
# A quote that never closes, or closes in the middle: the whole file is refused, as its rows cannot be told.
REFUSED = {
    "open to the end": Case('Q,A\n질문1,"답1\n질문2,답2\n질문3,답3\n', (), (2, 4)),
    "open, then a good cell": Case('Q,A\n질문1,"답1\n질문2,"답2"\n', (), (2, 3)),
    "inner quotes not doubled": Case('Q,A\n질문1,"그는 "네" 했다"\n', (), (2,)),
    "open far above": Case("Q,A\n" + '질문,"답\n' + "질문,답\n" * 50 + '질문,"답"\n', (), (2, 53)),
}  # fmt: skip
# A line end in a text that has no quotes around it.
CUT = {
    "last column": Case("Q,A\n질문1,답 첫 줄\n둘째 줄\n질문2,답2\n", ("답2",), (2, 3)),
    "two line ends": Case("Q,A\n질문1,답 첫 줄\n둘째 줄\n셋째 줄\n질문2,답2\n", ("답2",), (2, 4)),
    "at the end": Case("Q,A\n질문1,답1\n질문2,답 첫 줄\n둘째 줄\n", ("답1",), (3, 4)),
    "a blank line between": Case("Q,A\n질문1,답 첫 줄\n\n둘째 줄\n질문2,답2\n", ("답2",), (2, 4)),
    "column before the last": Case("id,Q,A,회사\n1,질문1,답 첫 줄\n둘째 줄,가상사\n2,질문2,답2,가상사\n", ("답2",), (2, 3)),
    "three parts": Case("id,Q,A,회사\n1,질문1,첫 줄\n둘째 줄\n셋째 줄,가상사\n2,질문2,답2,가상사\n", ("답2",), (2, 4)),
    "first column": Case("Q,A\n질문 첫 줄\n둘째 줄,답1\n질문2,답2\n", ("답2",), (2, 3)),
    "tabs": Case("Q\tA\n질문1\t답 첫 줄\n둘째 줄\n질문2\t답2\n", ("답2",), (2, 3), ".tsv"),
    "semicolons": Case("Q;A\n질문1;답 첫 줄\n둘째 줄\n질문2;답2\n", ("답2",), (2, 3)),
    "windows line ends": Case("Q,A\r\n질문1,답 첫 줄\r\n둘째 줄\r\n질문2,답2\r\n", ("답2",), (2, 3)),
    "carriage return alone": Case("Q,A\r\n질문1,답 첫 줄\r둘째 줄\r\n질문2,답2\r\n", ("답2",), (2,)),
    "three columns": Case("id,Q,A\n1,질문1,첫 줄\n둘째 줄\n2,질문2,답2\n", ("답2",), (2, 3)),
}  # fmt: skip
# What looks odd and is right: every answer stays as it is.
RIGHT = {
    "answer of three lines": Case('Q,A\n질문1,"첫 줄\n둘째 줄\n셋째 줄"\n질문2,답2\n', ("첫 줄\n둘째 줄\n셋째 줄", "답2")),
    "prose with commas": Case(
        'Q,A\n질문1,"첫째, 저는 성실합니다.\n둘째, 저는 정직합니다.\n셋째, 꾸준합니다."\n',
        ("첫째, 저는 성실합니다.\n둘째, 저는 정직합니다.\n셋째, 꾸준합니다.",),
    ),
    "numbers with commas": Case('Q,A\n질문1,"매출 1,000만 원\n비용 2,000만 원"\n', ("매출 1,000만 원\n비용 2,000만 원",)),
    "question of two lines": Case('Q,A\n"질문 첫 줄\n둘째 줄",답1\n질문2,답2\n', ("답1", "답2")),
    "doubled quotes": Case('Q,A\n질문1,"그는 ""네"" 했다\n나도 ""네"" 했다"\n', ('그는 "네" 했다\n나도 "네" 했다',)),
    "blank lines in a text": Case('Q,A\n질문1,"첫 문단\n\n둘째 문단"\n질문2,답2\n', ("첫 문단\n\n둘째 문단", "답2")),
    "quotes as text in a cell": Case('Q,A\n질문1,답은 "네"\n질문2,답2\n', ('답은 "네"', "답2")),
    "a list": Case('id,Q,A\n1,질문,"- 성실\n- 정직, 꾸준함\n- 끈기"\n', ("- 성실\n- 정직, 꾸준함\n- 끈기",)),
    "columns left out at the end": Case("Q,A,회사\n질문1,답1\n질문2,답2\n질문3,답3,가상사\n", ("답1", "답2", "답3")),
    "blank lines between rows": Case("Q,A\n질문1,답1\n\n질문2,답2\n\n", ("답1", "답2")),
    "both cells of lines": Case('Q,A\n"가\n나","다\n라"\n마,바\n', ("다\n라", "바")),
    "one column of lines, tabs": Case('Q\tA\n질문\t"첫 줄\n둘째, 줄"\n', ("첫 줄\n둘째, 줄",), (), ".tsv"),
}  # fmt: skip
CASES = {f"{kind}: {name}": case for kind, cases in (("swallowed", SWALLOWED), ("refused", REFUSED), ("cut", CUT), ("right", RIGHT))
         for name, case in cases.items()}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_no_row_goes_without_a_word(name: str, tmp_path: Path, crawl: Crawl, read_lines: Lines) -> None:
    case = CASES[name]
    path = tmp_path / f"t{case.suffix}"
    path.write_bytes(case.text.encode())
    try:
        out = crawl(path=str(path), source="csv", columns=QA)
    except RequestError as error:
        answers, told = [], str(error)
        assert not case.answers
    else:
        answers = [document["items"][0]["answer"] for document in read_lines(out / "documents.jsonl")]
        told = "\n".join(f"{row['where']} {row['detail']}" for row in read_lines(out / "rejected.jsonl"))
    assert tuple(answers) == case.answers
    assert set(case.lines) <= {int(number) for number in re.findall(r"(?:t\.[ct]sv:|line )(\d+)", told)}
    assert bool(told) == bool(case.lines)

"""Line ends inside sentences go; those of headings, lists and paragraphs stay, and no text is lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from step_contract import TEXTS, check

from jaso_core.records import Item
from jaso_preprocess.steps import STEPS

CASES = [
    line
    for line in (Path(__file__).parent / "line_ends.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("%%")
]


def cleaned(text: str, *names: str) -> str | None:
    item = Item("질문", text)
    for name in names:
        after = STEPS.build({"name": name}, name).apply(item)
        assert isinstance(after, Item)
        item = after
    return item.answer


def raw(case: str) -> str:
    return re.sub("[⏎⌁¶]", "\n", re.sub("⟦(.*?)⟧", "\\1\n", case))


def wanted(case: str) -> str:
    return re.sub("⟦.*?⟧", "", case).replace("⏎", " ").replace("⌁", "").replace("¶", "\n")


@pytest.mark.parametrize("case", CASES)
def test_line_ends(case: str) -> None:
    assert cleaned(raw(case), "line_wraps", "numbering", "subheadings") == wanted(case)


@pytest.mark.parametrize("case", [case for case in CASES if "⏎" in case])
def test_no_heading_is_seen_where_the_lines_were_not_joined(case: str) -> None:
    text = raw(case)
    assert cleaned(text, "numbering", "subheadings") == text


def test_br_is_a_line_end_too() -> None:
    text = "시간이 부족했습니다.<br/>이를 위해<br>매일 아침 여섯 시에 일어나 공부했습니다."
    joined = "시간이 부족했습니다.\n이를 위해 매일 아침 여섯 시에 일어나 공부했습니다."
    assert cleaned(text, "html", "line_wraps", "subheadings") == joined


def test_questions_keep_their_line_ends() -> None:
    item = Item("지원한 동기와\n포부를 쓰시오.", None)
    assert STEPS.build({"name": "line_wraps"}, "line_wraps").apply(item) == item


@pytest.mark.slow
@given(TEXTS)
@settings(derandomize=True, database=None, deadline=None, max_examples=200)
def test_the_contract_holds_on_any_text(text: str) -> None:
    check("line_wraps", text)

"""Blanks after particles, none before them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from step_contract import TEXTS, check

from jaso_core.records import Item
from jaso_preprocess.steps import STEPS


def cleaned(text: str) -> str | None:
    step = STEPS.build({"name": "spacing"}, "spacing")
    after = step.apply(Item("질문이있어서", text))
    assert isinstance(after, Item)
    assert after.question == "질문이있어서"
    return after.answer


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("근처에 마켓이있어서 편했습니다.", "근처에 마켓이 있어서 편했습니다."),
        ("사진 에서 보는 것 보다 넓었습니다.", "사진에서 보는 것보다 넓었습니다."),
        ("5분 정도 소요 됩니다.", "5분 정도 소요됩니다."),
        ("저는 [회사]에서배웠습니다.\n학교에서배웠습니다.", "저는 [회사]에서 배웠습니다.\n학교에서 배웠습니다."),
    ],
)
def test_a_blank_is_mended(before: str, after: str) -> None:
    assert cleaned(before) == after


@pytest.mark.parametrize(
    "text",
    ["영어능력을 향상시킬 수 있는 학교 수업", "원료를 검토하고 제형을 설계했습니다.", "초도품을 승인하는 일", "한 줄에\n 두 줄\t세 줄", "[회사] 인턴", "SQL과 Python"],
)  # fmt: skip
def test_what_may_be_written_so_stays(text: str) -> None:
    assert cleaned(text) == text


@given(TEXTS)
@settings(derandomize=True, database=None, deadline=None, max_examples=60)
def test_the_contract_holds_on_any_text(text: str) -> None:
    check("spacing", text)


@given(TEXTS)
@settings(derandomize=True, database=None, deadline=None, max_examples=60)
def test_only_blanks_come_and_go(text: str) -> None:
    after = cleaned(text) if text.strip() else text
    assert re.sub(r"[ \t]", "", after or "") == re.sub(r"[ \t]", "", text)

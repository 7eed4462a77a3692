"""Headings go, and what looks like one stays."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from step_contract import TEXTS, check

from jaso_core.records import Item
from jaso_preprocess.steps import STEPS


def cleaned(text: str) -> str | None:
    step = STEPS.build({"name": "subheadings"}, "subheadings")
    after = step.apply(Item("질문", text))
    assert isinstance(after, Item)
    return after.answer


PROSE = "저는 언제나 새로운 일에 도전하며 배우는 사람으로 자라 왔습니다."


@pytest.mark.parametrize(
    "heading",
    ["[배우는 사람]", "<한 걸음 더>", "〈한 걸음 더〉", '"끈기로 이루다"', "'현장에서 찾은 답'", "#책임감", "# 책임감의 무게", "■ 끝까지 가는 사람",
     "현장에서 찾은 답", "불량률 18% 감소의 비결", "그 너머를 보다", "고객 곁으로", "1) 준비된 분석가", "【도전】"],
)  # fmt: skip
def test_a_heading_goes_at_the_start_and_over_a_later_paragraph(heading: str) -> None:
    assert cleaned(f"{heading}\n{PROSE}") == PROSE
    assert cleaned(f"{heading}\n\n{PROSE}\n{heading}\n{PROSE}") == f"{PROSE}\n{PROSE}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"[도전하는 사람] {PROSE}", PROSE),
        (f"{PROSE}\n<두 번째 도전> {PROSE}", f"{PROSE}\n{PROSE}"),
        (f"[성장]\n〈배움의 길〉\n{PROSE}", PROSE),
        (f"저는 자랐습니다\n준비된 분석가\n{PROSE}", f"저는 자랐습니다\n{PROSE}"),
    ],
)
def test_headings_beside_and_below_each_other(before: str, after: str) -> None:
    assert cleaned(before) == after


@pytest.mark.parametrize(
    "text",
    [
        "[배우는 사람]",
        f"[회사]에서 {PROSE}",
        f"[회사]\n{PROSE}",
        f"[1] {PROSE}",
        "<데미안>을 읽고 저는 많은 것을 느꼈습니다. 그 뒤로 책을 가까이했습니다.",
        "<데미안> 이라는 책을 읽고 저는 많은 것을 느꼈습니다.",
        '"포기하지 마라"라는 아버지의 말씀은 지금도 제 마음에 남아 있습니다.',
        '"포기하지 마라"\n라는 아버지의 말씀은 지금도 제 마음에 남아 있습니다.',
        f'"괜찮습니까?"\n"네, 괜찮습니다."\n{PROSE}',
        "저의 장점은 다음과 같습니다.\n- 성실함\n- 책임감\n이 두 가지를 살려 일하고 싶습니다.",
        f"계획은 다음과 같습니다.\n1) 업무 파악\n2) 자격증 취득\n{PROSE}",
        "대학교에서 공학을 전공하면서 다양한 과제를\n수행하였고 그 과정에서 협업의 중요성을 배울 수 있었습니다.",
        f"저는 무작정 떠났습니다\n{PROSE}",
        f"안녕하세요\n{PROSE}",
        f"{PROSE}\n김견본 드림",
        f"#1 목표를 이루었습니다. {PROSE}",
    ],
)
def test_quotations_lists_tokens_and_sentences_stay(text: str) -> None:
    assert cleaned(text) == text


def test_questions_keep_their_brackets() -> None:
    item = Item(f"[공통]\n{PROSE}", None)
    assert STEPS.build({"name": "subheadings"}, "subheadings").apply(item) == item


@pytest.mark.slow
@given(TEXTS)
@settings(derandomize=True, database=None, deadline=None, max_examples=300)
def test_the_contract_holds_on_any_text(text: str) -> None:
    check("subheadings", text)

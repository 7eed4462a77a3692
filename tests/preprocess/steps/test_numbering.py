"""An answer that begins with its question, or with the question's name."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from step_contract import TEXTS, check

from jaso_core.records import Item
from jaso_preprocess.steps import STEPS


def cleaned(text: str) -> str | None:
    step = STEPS.build({"name": "numbering"}, "numbering")
    after = step.apply(Item("질문", text))
    assert isinstance(after, Item)
    return after.answer


PROSE = "저는 언제나 새로운 일에 도전하며 배우는 사람으로 자라 왔습니다."
QUESTION = "지원 동기와 입사 후 포부를 구체적으로 작성해 주십시오. (1000자 이내)"


def answered(answer: str, question: str | None = QUESTION) -> str | None:
    after = STEPS.build({"name": "numbering"}, "numbering").apply(Item(question, answer))
    assert isinstance(after, Item)
    return after.answer


@pytest.mark.parametrize(
    "echo",
    ["1. 성장과정\n", "1) 지원 동기\n", "지원동기 : ", "지원 동기 및 입사 후 포부\n\n", "[성격의 장단점]\n", "2. 실패를 극복한 경험\n", "① 직무 역량: ",
     f"1) {QUESTION}\n", f"{QUESTION}\n", "Q1. 지원 동기와 입사 후 포부를 구체적으로 작성해 주십시오.\n"],
)  # fmt: skip
def test_an_echo_goes(echo: str) -> None:
    assert answered(echo + PROSE) == PROSE


def test_the_same_question_with_another_word_for_the_company_is_an_echo() -> None:
    assert (
        answered(f"우리 회사에 지원하신 동기를 서술하시오.\n{PROSE}", "가상전자에 지원하신 동기를 서술하시오.") == PROSE
    )


def test_an_echo_goes_over_a_later_part_too() -> None:
    assert answered(f"1. 지원 동기\n{PROSE}\n2. 입사 후 포부\n{PROSE}") == f"{PROSE}\n{PROSE}"


@pytest.mark.parametrize(
    "answer",
    ["지원동기", "지원동기 : ", f"지원 동기는 하나입니다. {PROSE}", f"저의 장점: 끈기\n{PROSE}", "도전\n노력\n성취", "1. 지원 동기\n2. 입사 후 포부",
     f"1. 저는 세 가지를 지켰습니다.\n{PROSE}", f"한 걸음 더 가까이\n{PROSE}", f"꿈을 이루는 방법\n{PROSE}"],
)  # fmt: skip
def test_what_is_no_echo_stays(answer: str) -> None:
    assert answered(answer) == answer


def test_an_item_without_question_or_answer() -> None:
    step = STEPS.build({"name": "numbering"}, "numbering")
    assert step.apply(Item("1. 성장과정", None)) == Item("1. 성장과정", None)
    assert answered(f"1. 성장과정\n{PROSE}", None) == PROSE


@pytest.mark.slow
@given(TEXTS)
@settings(derandomize=True, database=None, deadline=None, max_examples=300)
def test_the_contract_holds_on_any_text(text: str) -> None:
    check("numbering", text)

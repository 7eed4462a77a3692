"""Hesitations go, the same syllables as words stay."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from step_contract import TEXTS, check

from jaso_core.records import Item
from jaso_preprocess.steps import STEPS


def cleaned(text: str) -> str | None:
    step = STEPS.build({"name": "fillers"}, "fillers")
    after = step.apply(Item("질문", text))
    assert isinstance(after, Item)
    return after.answer


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("어 저는 음... 그 프로젝트를 했습니다.", "저는 그 프로젝트를 했습니다."),
        ("그, 제가 처음 맡은 일은 음, 접수였습니다.", "제가 처음 맡은 일은 접수였습니다."),
        ("그래서 이제 자료를 막 정리하고 뭐 나눠 드렸습니다.", "그래서 자료를 정리하고 나눠 드렸습니다."),
        ("저는 그 지원하게 되었습니다.", "저는 지원하게 되었습니다."),
        ("제, 제가 맡았습니다.", "제가 맡았습니다."),
        ("경, 경험을 쌓았습니다.", "경험을 쌓았습니다."),
        ("그래서 그래서 저는 남았습니다.", "그래서 저는 남았습니다."),
        ("그, 그 과정에서 배웠습니다.", "그 과정에서 배웠습니다."),
        ("많이 배웠습니다, 음.", "많이 배웠습니다, 음."),
    ],
)
def test_hesitations_go(before: str, after: str) -> None:
    assert cleaned(before) == after


@pytest.mark.parametrize(
    "text",
    ["그 회사에서 일했습니다.", "그 순간을 잊지 못합니다.", "그 두 회사를 비교했습니다.", "그 어떤 어려움도 이겨 냈습니다.", "뭐가 문제인지 몰랐습니다.",
     "뭐 하나 쉬운 게 없었습니다.", "이제 시작이라고 생각합니다.", "이제는 다릅니다.", "이제 막 졸업한 신입입니다.", "막 시작했을 때 힘들었습니다.", "막내로서 뭐든지 했습니다.",
     "어느 날 저는 음악을 들었습니다.", "높은 음 하나를 냈습니다.", "물, 물병을 챙겼습니다.", "네, 네트워크를 구성했습니다.", "저기 있는 자료를 썼습니다."],
)  # fmt: skip
def test_words_stay(text: str) -> None:
    assert cleaned(text) == text


def test_questions_are_not_touched() -> None:
    item = Item("어, 지원 동기는 뭐 무엇입니까?", None)
    assert STEPS.build({"name": "fillers"}, "fillers").apply(item) == item


@pytest.mark.slow
@given(TEXTS)
@settings(derandomize=True, database=None, deadline=None, max_examples=150)
def test_the_contract_holds_on_any_text(text: str) -> None:
    check("fillers", text)

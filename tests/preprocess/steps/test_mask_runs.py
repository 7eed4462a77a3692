"""Hidden names become one token."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from step_contract import TEXTS, check

from jaso_core.records import Item
from jaso_preprocess.steps import STEPS


def cleaned(text: str) -> str | None:
    step = STEPS.build({"name": "mask_runs"}, "mask_runs")
    after = step.apply(Item("질문", text))
    assert isinstance(after, Item)
    return after.answer


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("OOO에서 일했습니다.", "[회사]에서 일했습니다."),
        ("○○은행과 △△전자", "[회사]은행과 [회사]전자"),
        ("***의 방향과 XX의 길", "[회사]의 방향과 [회사]의 길"),
        ("XX로 이직했습니다.", "[회사]로 이직했습니다."),
        ("ㅇㅇ회사에서", "[회사]회사에서"),
        ("00기업 인턴", "[회사]기업 인턴"),
        ("OOO 교수님께 배웠습니다.", "[이름] 교수님께 배웠습니다."),
        ("김○○ 팀장님과", "[이름] 팀장님과"),
        ("저는 OOO입니다.", "저는 [이름]입니다."),
        ("로봇 동아리 ○○에서", "로봇 동아리 [동아리]에서"),
        ("XX 봉사단", "[동아리] 봉사단"),
        ("OO대학교에서", "[학교]대학교에서"),
    ],
)
def test_the_words_beside_tell_what_was_hidden(before: str, after: str) -> None:
    assert cleaned(before) == after


@pytest.mark.parametrize(
    "text",
    ["XX염색체", "X축과 Y축", "OOP와 zoo, book", "XXL 사이즈", "20XX년 3월", "XX년", "100원, 000번", "평점 ★★★", "맛 ●●○○○",
     "abc***", "010-****-1234", "010.****.5678", "960230-1○○○○○○", "**굵게** 씁니다", "****", "○ 첫째\n○ 둘째", "ㅇㅇ", "네 ㅇㅇ 알겠습니다", "OX 퀴즈", "OO시에서", "OO학과"],
)  # fmt: skip
def test_what_hides_no_name_stays(text: str) -> None:
    assert cleaned(text) == text


@pytest.mark.slow
@given(TEXTS)
@settings(derandomize=True, database=None, deadline=None, max_examples=300)
def test_the_contract_holds_on_any_text(text: str) -> None:
    check("mask_runs", text)

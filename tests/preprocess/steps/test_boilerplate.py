"""What sites and forms leave around an answer goes, what an applicant wrote stays."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from step_contract import TEXTS, check

from jaso_core.errors import RequestError
from jaso_core.records import Item
from jaso_core.text.edits import apply_edits
from jaso_preprocess.steps import STEPS
from jaso_preprocess.steps.structure.boilerplate import boilerplate_edits

PROSE = "저는 언제나 새로운 일에 도전하며 배우는 사람으로 자라 왔습니다."
LINES = [
    "ⓒ 가상사이트 All rights reserved.", "Copyright 2023 Gasang Corp.", "무단 전재 및 재배포 금지", "※ 무단전재 및 재배포를 금지합니다.",
    "본 자기소개서의 저작권은 가상사이트에 있습니다.", "이 자기소개서는 가상사이트에서 제공합니다.", "출처: 가상카페", "[출처] 합격 자소서|작성자 가상", "자료 출처 : https://example.com/1",
    "작성일: 2023.01.01", "더보기", "접기", "더보기 / 접기", "스크랩 12 조회수 1,234", "조회수: 1,234회", "12,345읽음", "이전글 | 다음글", "이전글: 가상전자 합격 자소서",
    "목록 | 인쇄 | 스크랩", "이전 | 목록 | 다음", "좋아요 3 댓글 2 공유", "더 많은 합격 자기소개서 보러가기 >", "이 자소서가 도움이 되셨나요?", "내용을 입력해 주세요.", "여기에 내용을 입력하세요",
    "(내용을 1000자 이내로 작성해 주십시오.)", "위 내용은 사실과 다름이 없음을 확인합니다.", "지원자: 홍길동 (인)", "- 1 -", "Page 1 of 3", "- 이하 여백 -", "이하여백",
    "자기소개서_가상.hwp", "나의 iPhone에서 보냄", "[Web발신]", "-", "-----",
]  # fmt: skip


def cleaned(text: str, phrases: list[str] | None = None) -> str | None:
    step = STEPS.build({"name": "boilerplate", "phrases": phrases or []}, "boilerplate")
    after = step.apply(Item("더보기", text))
    assert isinstance(after, Item)
    assert after.question == "더보기"
    return after.answer


@pytest.mark.parametrize("line", LINES)
def test_a_line_of_the_site_goes_wherever_it_stands(line: str) -> None:
    assert cleaned(f"{line}\n{PROSE}") == PROSE
    assert cleaned(f"{PROSE}\n{line}") == PROSE
    assert cleaned(f"{PROSE}\n  {line} \n{PROSE}") == f"{PROSE}\n{PROSE}"
    assert cleaned(line) is None


@pytest.mark.parametrize("text", ["N/A", "n/a", "-", "…", "해당 없음", "(해당사항 없음)", "NULL", "더보기\n접기\n"])
def test_an_answer_that_is_none_becomes_none(text: str) -> None:
    assert cleaned(text) is None


@pytest.mark.parametrize(
    "tail",
    [
        "ⓒ 가상사이트. All rights reserved.",
        "출처: 가상카페",
        "무단 전재 및 재배포 금지",
        "더보기",
        "스크랩 12 조회수 1,234",
    ],
)
def test_the_end_of_the_last_line_goes(tail: str) -> None:
    assert cleaned(f"{PROSE} {tail}") == PROSE
    assert cleaned(f"{PROSE}\n{PROSE} {tail}\n") == f"{PROSE}\n{PROSE}\n"


@pytest.mark.parametrize(
    "text",
    ["출처를 밝히고 인용하는 습관을 들였습니다.", "블로그 조회수 1,234회를 기록했습니다.", "저작권은 창작자에게 있다고 생각합니다.", "스크랩 12개를 매주 정리했습니다.",
     "이 자료를 팀에 제공하여 시간을 줄였습니다.", "본 프로젝트의 저작권 문제를 해결했습니다.", "무단 전재를 금지하는 규정을 만들었습니다.", "내용을 입력해 주세요라는 안내를 고쳤습니다.", "다음 글은 제가 쓴 것입니다.",
     "이전 글을 고쳐 썼습니다.", "추천", "다음", "목표", "1) 공유", "더보기 버튼을 만들어 클릭률을 높였습니다.", "없음이라는 답을 줄였습니다.", "로그인 화면을 만들었습니다.", "- 끈기", "해당 없음이 아니라 있음입니다.",
     "이 글이 도움이 되었다는 말을 들었습니다.", "위 내용을 정리해 발표했습니다.", "***", "출처: 통계청 자료였습니다. 저는 그것을 다시 셌습니다."],
)  # fmt: skip
def test_what_an_applicant_writes_stays(text: str) -> None:
    assert cleaned(f"{PROSE}\n{text}\n{PROSE}") == f"{PROSE}\n{text}\n{PROSE}"
    assert cleaned(f"{PROSE} {text}") == f"{PROSE} {text}"


def test_the_users_own_phrases_go_as_whole_lines() -> None:
    text = f"가상사이트 합격 자소서 12호\n{PROSE}\n저는 가상사이트 합격 자소서 12호를 읽었습니다."
    assert cleaned(text, [r"가상사이트 합격 자소서 \d+호"]) == text.split("\n", 1)[1]


def test_a_bad_phrase_is_named() -> None:
    with pytest.raises((RequestError, ValueError), match=r"\(가상"):
        cleaned(PROSE, ["(가상"])


@pytest.mark.slow
@given(TEXTS)
@settings(derandomize=True, database=None, deadline=None, max_examples=300)
def test_the_contract_holds_on_any_text(text: str) -> None:
    check("boilerplate", text)


@pytest.mark.slow
@given(
    st.lists(st.sampled_from([*LINES, PROSE, "", " ", "N/A", "- 끈기"]), max_size=8),
    st.sampled_from(["\n", " ", "\n\n"]),
)
@settings(derandomize=True, database=None, deadline=None, max_examples=300)
def test_nothing_is_left_for_a_second_run(parts: list[str], between: str) -> None:
    text = between.join(parts)
    after = apply_edits(text, boilerplate_edits(text))
    assert boilerplate_edits(after) == []
    assert after.count(PROSE) == text.count(PROSE)

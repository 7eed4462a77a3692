"""Question types, and how well a paragraph answers them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from step_contract import TEXTS

from jaso_preprocess.questions.topics import TOPICS, is_asking, is_title, topic_of, topic_score


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("당사에 지원하게 된 동기를 기술해 주시기 바랍니다. (700자 이내)", "motivation"),
        ("왜 우리 회사입니까?", "motivation"),
        ("지원동기 및 입사 후 포부", "motivation"),
        ("입사 후 포부와 지원동기를 쓰시오.", "plan"),
        ("5년 뒤, 10년 뒤 본인의 모습을 그려 보시오.", "plan"),
        ("성장과정", "growth"),
        ("성격의 장점과 단점을 적어 주세요.", "character"),
        ("희망 직무에 필요한 역량을 어떻게 키워 왔습니까?", "strength"),
        ("공동의 목표를 위해 협력한 사례를 서술하시오.", "teamwork"),
        ("의견이 다른 동료를 설득한 경험이 있나요?", "conflict"),
        ("실패를 딛고 일어선 경험을 말씀해 주세요.", "failure"),
        ("스스로 세운 목표를 달성한 경험을 쓰시오.", "achievement"),
        ("업무 중 예상하지 못한 문제를 해결한 사례를 쓰시오.", "problem_solving"),
        ("직업 윤리가 왜 중요한지 쓰시오.", "values"),
        ("최근 사회 이슈 하나를 골라 견해를 쓰시오.", "issues"),
        ("스트레스를 어떻게 푸십니까?", "stress"),
        ("리더십을 발휘한 경험", "leadership"),
    ],
)
def test_the_type_of_a_question(question: str, topic: str) -> None:
    assert topic_of(question) == topic


@pytest.mark.parametrize(
    "text",
    ["", "질문", "오늘 점심 뭐 먹지?", "여행 가고 싶다", "텔레비전 볼 게 없어", "여자친구랑 갈등이 있었어", "좋은 분위기였어요", "타고난 사람은 다르겠지?"],
)  # fmt: skip
def test_small_talk_has_no_type(text: str) -> None:
    assert topic_of(text) is None


def test_every_type_has_a_label() -> None:
    assert all(name.isidentifier() and label for name, label in TOPICS.items())


@pytest.mark.parametrize(
    "task",
    ["지원 동기를 쓰시오. (500자 이내)", "이유는 무엇입니까?", "경험을 기술", "포부를 적어 주세요. *필수", "쓰시오. (다음을 담을 것: 1) 상황)", "500자 이내로 기술하시오"],
)  # fmt: skip
def test_tasks_ask(task: str) -> None:
    assert is_asking(task)


def test_prose_and_titles_do_not_ask() -> None:
    assert not is_asking("저는 꾸준히 노력했습니다.")
    assert not is_asking("지원 동기와")
    assert is_title("[입사 후 포부]")
    assert not is_title("저는 동기가 많습니다.")


def test_a_paragraph_fits_the_type_that_it_speaks_about() -> None:
    growth = "어린 시절 부모님께서는 늘 약속을 지키라고 하셨습니다. 고등학교 때도 그 말씀을 따랐습니다."
    assert topic_score(growth, "growth") > max(topic_score(growth, name) for name in TOPICS if name != "growth")
    assert topic_score(growth, None) == 0.0


@pytest.mark.slow
@given(TEXTS)
@settings(derandomize=True, database=None, deadline=None, max_examples=200)
def test_any_text_has_a_known_type_or_none(text: str) -> None:
    assert topic_of(text) in {None, *TOPICS}
    assert all(topic_score(text, name) >= 0.0 for name in TOPICS)

"""Items that hold several questions with all their answers."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from step_contract import ODD, TEXTS

from jaso_core.records import Item
from jaso_preprocess.questions.split_question import cut_question, texts
from jaso_preprocess.steps import STEPS, PartStep

MOTIVE = (
    "물류 창고에서 일하며 재고를 다루는 일에 매력을 느껴 귀사에 지원했습니다. 지원한 뒤에도 꾸준히 공부하고 있습니다."
)
PLAN = "입사 후 첫 해에는 창고의 흐름을 익히겠습니다. 3년 뒤에는 재고 전문가로 성장하겠습니다."
PLAN_MORE = "또한 동료에게 배운 것을 나누며 5년 뒤에는 새 창고를 맡을 실력을 갖추겠습니다."
GROWTH = "어린 시절 부모님께서는 작은 약속도 지키라고 하셨습니다. 그 습관은 고등학교 때까지 이어졌습니다."
GROWTH_MORE = "이러한 가르침 덕분에 아르바이트를 하면서도 한 번도 늦지 않는 사람으로 자랐습니다."
TWO = "1. 지원 동기를 쓰시오. (500자 이내) 2. 입사 후 포부를 쓰시오. (500자 이내)"
THREE = f"{TWO} 3. 성장 과정을 쓰시오."


def parted(question: str | None, answer: str | None) -> list[tuple[str | None, str | None]]:
    step = STEPS.build({"name": "blobs"}, "blobs")
    assert isinstance(step, PartStep)
    item = Item(question, answer)
    return [(part.of(item).question, part.of(item).answer) for part in step.parts(item)]


def answers(question: str, answer: str) -> list[str | None]:
    return [part for _, part in parted(question, answer)]


def test_as_many_paragraphs_as_questions_go_one_to_each() -> None:
    assert parted(TWO, f"{MOTIVE}\n{PLAN}\n") == [
        ("지원 동기를 쓰시오. (500자 이내)", MOTIVE),
        ("입사 후 포부를 쓰시오. (500자 이내)", PLAN),
    ]


def test_a_paragraph_that_goes_on_stays_with_the_one_before() -> None:
    assert answers(THREE, f"{MOTIVE}\n{PLAN}\n{PLAN_MORE}\n{GROWTH}\n{GROWTH_MORE}") == [
        MOTIVE,
        f"{PLAN}\n{PLAN_MORE}",
        f"{GROWTH}\n{GROWTH_MORE}",
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("1. 지원동기\n", "2. 입사 후 포부\n"),
        ("[지원동기]\n", "[입사 후 포부]\n"),
        ("지원 동기 : ", "입사 후 포부 : "),
        ("1\n", "2\n"),
        ("①\n", "②\n"),
        ("1) 지원 동기를 쓰시오. (500자 이내)\n", "2) 입사 후 포부를 쓰시오. (500자 이내)\n"),
        ("Q1. 지원 동기를 쓰시오.\n\n", "Q2. 입사 후 포부를 쓰시오.\n\n"),
        ("■ 지원동기\n", "■ 장래 계획\n"),
    ],
)
def test_a_heading_belongs_to_the_answer_below_it(first: str, second: str) -> None:
    # The paragraph before the second heading would fit the second question better.
    assert answers(TWO, f"{first}{MOTIVE}\n{PLAN}\n{second}{PLAN_MORE}") == [
        f"{first}{MOTIVE}\n{PLAN}",
        f"{second}{PLAN_MORE}",
    ]


def test_a_numbered_list_inside_an_answer_is_no_heading() -> None:
    listed = (
        "입사 후 세 가지를 하겠습니다.\n1. 재고 조사\n2. 동선 정리\n3. 기록 공유\n이렇게 3년 뒤 전문가가 되겠습니다."
    )
    assert answers(TWO, f"{MOTIVE}\n{listed}") == [MOTIVE, listed]


def test_empty_lines_between_the_answers_tell_them_apart() -> None:
    one = "그 일은 쉽지 않았습니다.\n저는 매일 기록을 남겼습니다."
    other = "처음 본 것은 책이었습니다.\n저는 지금도 책을 읽습니다."
    question = "1. 가장 기억나는 일을 쓰시오. 2. 가장 아끼는 물건을 쓰시오."
    assert answers(question, f"{one}\n\n{other}") == [one, other]


def test_what_nobody_can_tell_stays_whole() -> None:
    line = "그 일은 오래 기억에 남았습니다."
    assert parted("1. 좋아하는 책을 쓰시오. 2. 아끼는 물건을 쓰시오.", "\n".join([line] * 4)) == []


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (None, f"{MOTIVE}\n{PLAN}"),
        (TWO, None),
        (TWO, "   "),
        (TWO, MOTIVE),  # one paragraph cannot be two answers
        ("지원 동기를 쓰시오.", f"{MOTIVE}\n{PLAN}"),
        ("1. 지원 동기를 쓰시오.", f"{MOTIVE}\n{PLAN}"),
        ("강점을 쓰고 1) 상황 2) 행동 3) 결과를 담아 주십시오.", f"{MOTIVE}\n{PLAN}\n{GROWTH}"),
        ("1)~3) 중 하나를 골라 쓰시오. 1) 도전 경험 2) 협업 경험 3) 실패 경험", f"{MOTIVE}\n{PLAN}\n{GROWTH}"),
        ("왜 이 직무를 선택하셨나요?\n선택한 이유와 준비 과정을 적어 주십시오.", f"{MOTIVE}\n{PLAN}"),
    ],
)
def test_an_item_that_is_one_stays_whole(question: str | None, answer: str | None) -> None:
    assert parted(question, answer) == []


def test_a_last_line_that_asks_for_a_call_is_no_heading() -> None:
    last = "입사 후 포부 : 3년 뒤에는 재고 전문가로 성장하겠습니다. 자료가 필요하시면 연락해 주십시오. " + PLAN_MORE * 2
    assert answers(TWO, f"지원 동기\n{MOTIVE}\n{last} 연락 주십시오.") == [
        f"지원 동기\n{MOTIVE}",
        f"{last} 연락 주십시오.",
    ]


def test_an_item_with_a_summary_stays_whole() -> None:
    step = STEPS.build({"name": "blobs"}, "blobs")
    assert isinstance(step, PartStep)
    assert step.parts(Item(TWO, f"{MOTIVE}\n{PLAN}", "요약")) == []
    assert step.apply(Item(TWO, f"{MOTIVE}\n{PLAN}")) == Item(TWO, f"{MOTIVE}\n{PLAN}")


@pytest.mark.parametrize(
    ("question", "pieces"),
    [
        ("1. 성장과정 2. 성격의 장단점 3. 입사 후 포부", ["성장과정", "성격의 장단점", "입사 후 포부"]),
        ("① 지원동기 ② 포부", ["지원동기", "포부"]),
        ("[질문1] 왜 우리 회사입니까? [질문2] 꿈은 무엇입니까?", ["왜 우리 회사입니까?", "꿈은 무엇입니까?"]),
        ("Q1. 동기를 쓰시오. Q2. 포부를 쓰시오.", ["동기를 쓰시오.", "포부를 쓰시오."]),
        ("첫째, 동기를 쓰시오. 둘째, 포부를 쓰시오.", ["동기를 쓰시오.", "포부를 쓰시오."]),
        ("[1] 지원동기\n[2] 성격", ["지원동기", "성격"]),
        ("성장과정\n지원동기\n", ["성장과정", "지원동기"]),
        ("1.동기를 쓰시오.2.포부를 쓰시오.", ["동기를 쓰시오.", "포부를 쓰시오."]),
        ("1. 동기를 쓰시오. 2. 5년 뒤, 10년 뒤 모습을 3가지 쓰시오.", ["동기를 쓰시오.", "5년 뒤, 10년 뒤 모습을 3가지 쓰시오."]),
        ("1. 동기를 쓰시오. (담을 것: 1) 산업 2) 직무) 2. 포부를 쓰시오.", ["동기를 쓰시오. (담을 것: 1) 산업 2) 직무)", "포부를 쓰시오."]),
        ("모두 답하시오. 1. 동기를 쓰시오. 2. 포부를 쓰시오.", ["모두 답하시오. 1. 동기를 쓰시오.", "포부를 쓰시오."]),
        ("① 지원 동기와 ② 입사 후 포부를 쓰시오.", None),
        ("2. 동기를 쓰시오. 3. 포부를 쓰시오.", None),
        ("1. 동기를 쓰시오. 3. 포부를 쓰시오.", None),
    ],
)  # fmt: skip
def test_where_a_question_is_cut(question: str, pieces: list[str] | None) -> None:
    cut = cut_question(question)
    assert (texts(question, cut.spans) if cut else None) == pieces


def test_thousands_of_questions_are_too_odd_to_cut() -> None:
    question = " ".join(f"{number}. 동기를 쓰시오." for number in range(1, 5001))
    assert parted(question, "\n".join([MOTIVE] * 5000)) == []
    assert parted(TWO, "\n".join([MOTIVE, PLAN] * 500)) == []


PARAGRAPHS = st.sampled_from(
    [MOTIVE, PLAN, PLAN_MORE, GROWTH, GROWTH_MORE, "1. 지원동기", "[성장과정]", "2", "", " ", "\u200b", "\x00", "\u202e가", "ㅋㅋ👩\u200d💻", "2) 포부 : 함"]
)  # fmt: skip
ANSWERS = st.lists(PARAGRAPHS | st.text(ODD, max_size=4), max_size=8).map("\n".join)
QUESTIONS = (
    st.sampled_from([TWO, THREE, "성장과정\n지원동기", "① 지원동기 ② 성장과정", f"(1) 동기를 쓰시오. {TWO}"]) | TEXTS
)


@pytest.mark.slow
@given(QUESTIONS, ANSWERS | TEXTS)
@settings(derandomize=True, database=None, deadline=None, max_examples=400)
def test_nothing_is_lost_and_no_part_is_parted_again(question: str, answer: str) -> None:
    step = STEPS.build({"name": "blobs"}, "blobs")
    assert isinstance(step, PartStep)
    item = Item(question, answer)
    parts = step.parts(item)
    assert len(parts) != 1
    assert all(not step.parts(part.of(item)) for part in parts)
    if not parts:
        return
    assert _letters(answer[slice(*part.answer)] for part in parts) == _letters([answer])
    left = _without(question, [part.question for part in parts])
    assert not any("가" <= char <= "힣" for char in left.replace("첫째", "").replace("둘째", ""))  # numbers only
    for before, after in pairwise(parts):
        assert before.question[1] <= after.question[0]
        assert before.answer[1] <= after.answer[0]


def _letters(pieces: Iterable[str]) -> str:
    return "".join("".join(piece.split()) for piece in pieces)


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    kept, at = "", 0
    for start, end in spans:
        kept, at = kept + text[at:start], end
    return kept + text[at:]

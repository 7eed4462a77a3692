"""A letter's questions are found by number, heading, asking line or usual title, in this order."""

from __future__ import annotations

import pytest

from jaso_crawl.letters.paragraphs import Paragraph
from jaso_crawl.letters.split_letter import split_letter

MOTIVE = "귀사의 비전에 공감하여 지원했습니다."
PLAN = "입사 후 3년 안에 전문가가 되겠습니다."
LETTERS = {
    "numbers": ["1. 지원 동기 (500자)", MOTIVE, "2. 입사 후 포부", PLAN],
    "circled": ["① 지원 동기 (500자)", MOTIVE, "② 입사 후 포부", PLAN],
    "marks of forms": ["[문항 1] 지원 동기 (500자)", MOTIVE, "[문항 2] 입사 후 포부", PLAN],
    "no numbers": ["지원 동기 (500자)", MOTIVE, "입사 후 포부", PLAN],
    "frames": ["[지원 동기 (500자)]", MOTIVE, "[입사 후 포부]", PLAN],
    "an instruction before": ["각 문항에 답해 주세요.", "1) 지원 동기 (500자)", MOTIVE, "2) 입사 후 포부", PLAN],
    "a name before": ["자기소개서", "지원자: 김가상", "1. 지원 동기 (500자)", MOTIVE, "2. 입사 후 포부", PLAN],
}


@pytest.mark.parametrize("form", LETTERS)
def test_two_questions(form: str) -> None:
    letter = split_letter([Paragraph(text) for text in LETTERS[form]])
    assert [(item.question, item.answer) for item in letter.items] == [
        ("지원 동기 (500자)", MOTIVE),
        ("입사 후 포부", PLAN),
    ]
    assert letter.preamble == {"a name before": 13, "an instruction before": 13}.get(form, 0)


def test_headings_of_the_program() -> None:
    texts = [
        ("자기소개서", True),
        ("김가상", False),
        ("지원 동기", True),
        (MOTIVE, False),
        ("맺음말", True),
        (PLAN, False),
    ]
    letter = split_letter([Paragraph(*text) for text in texts])
    assert [(item.question, item.answer) for item in letter.items] == [("지원 동기", MOTIVE), ("맺음말", PLAN)]


def test_lines_that_ask_and_subheadings() -> None:
    lines = [
        "지원한 동기를 기술해 주십시오. (1,000자 이내)", "", "[끝없는 도전]", MOTIVE, "왜 그랬을까요", "1. 도전한 일이 많습니다.",
        "우리 회사에서 이루고 싶은 것은 무엇입니까?", PLAN, "", "", "", "감사합니다.",
    ]  # fmt: skip
    letter = split_letter([Paragraph(line) for line in lines])
    assert letter.items[0].question == "지원한 동기를 기술해 주십시오. (1,000자 이내)"
    assert letter.items[0].answer == f"[끝없는 도전]\n{MOTIVE}"
    assert letter.items[-1].answer == f"{PLAN}\n\n감사합니다."


def test_a_list_in_an_answer_is_no_numbering() -> None:
    lines = [
        "1. 직무 역량",
        "제가 가진 것은 다음과 같습니다.",
        "1. 파이썬",
        "1) SQL",
        "2) 통계",
        "2. 입사 후 포부",
        PLAN,
    ]
    letter = split_letter([Paragraph(line) for line in lines])
    assert [item.question for item in letter.items] == ["직무 역량", "입사 후 포부"]
    lines = ["성장 과정", "두 가지를 배웠습니다.", "1. 끈기", "2. 배려", "지원 동기", MOTIVE]
    letter = split_letter([Paragraph(line) for line in lines])
    assert [item.question for item in letter.items] == ["성장 과정", "지원 동기"]
    assert letter.items[0].answer == "두 가지를 배웠습니다.\n1. 끈기\n2. 배려"


def test_a_title_with_its_instruction_is_one_question() -> None:
    lines = ["1. 지원 동기", "지원한 동기를 기술하시오. (500자)", MOTIVE, "2. 입사 후 포부", ""]
    letter = split_letter([Paragraph(line) for line in lines])
    assert [(item.question, item.answer) for item in letter.items] == [
        ("지원 동기\n지원한 동기를 기술하시오. (500자)", MOTIVE)
    ]
    assert letter.unanswered == 1


def test_no_question_is_marked() -> None:
    assert split_letter([Paragraph(MOTIVE), Paragraph(PLAN)]).items == ()
    assert split_letter([]).items == ()


@pytest.mark.timeout(20)
def test_hostile_paragraphs_take_no_time() -> None:
    hostile = ["■" * 300_000 + "\n", "[" * 300_000, "1. " + "(" * 300_000, "제목" * 100_000, "\t" * 300_000]
    blanks = [""] * 200_000
    letter = split_letter([Paragraph(text, True) for text in [*hostile, "1. 지원 동기", *blanks, MOTIVE]])
    assert letter.items

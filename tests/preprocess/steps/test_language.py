"""Answers that are not Korean do not go on."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from step_contract import TEXTS

from jaso_core.errors import RequestError
from jaso_core.records import Item
from jaso_preprocess.steps import STEPS, Drop
from jaso_preprocess.steps.drop.language import letters_of

KOREAN = "저는 Spring Boot와 JPA로 REST API를 개발하고 AWS EC2, RDS, S3에 배포했습니다."
ENGLISH = "I would like to join your company because I enjoy solving hard problems."


def result(answer: str | None, question: str | None = "질문", **options: object) -> Item | Drop:
    return STEPS.build({"name": "language", **options}, "language").apply(Item(question, answer))


@pytest.mark.parametrize(
    "answer", [KOREAN, "Python, SQL", "3년", "2020", "네", f"{KOREAN} ㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋ", None]
)
def test_what_may_be_korean_stays(answer: str | None) -> None:
    assert result(answer) == Item("질문", answer)


def test_decomposed_hangul_is_korean() -> None:
    answer = unicodedata.normalize("NFD", "저는 끈기를 가지고 일하는 사람입니다. 언제나 그랬습니다.")
    assert result(answer) == Item("질문", answer)


@pytest.mark.parametrize(
    "answer", [ENGLISH, "私は大学でたくさんのことを勉強しました。よろしくお願いします。", f"홍길동 {ENGLISH}"]
)
def test_an_answer_in_another_language_goes(answer: str) -> None:
    after = result(answer)
    assert isinstance(after, Drop)
    assert after.reason == "not_korean"


@pytest.mark.parametrize("answer", ["ㅋㅋㅋ", "ㅠㅠ", "😀👩\u200d💻", "...", "-", "\u200b\u200f"])
def test_an_answer_without_a_word_goes(answer: str) -> None:
    assert result(answer) == Drop("no_words", f"{len(answer)} characters")


def test_the_question_decides_nothing() -> None:
    assert result(KOREAN, "Why do you want to work for us? Please write in detail.") == Item(
        "Why do you want to work for us? Please write in detail.", KOREAN
    )
    assert isinstance(result(ENGLISH, "지원 동기를 쓰시오."), Drop)


def test_the_limits_are_the_users() -> None:
    half = "한국어 열 글자 문장입니다" + "abcdefghijk"  # 11 and 11 letters
    assert letters_of(half).share == 0.5
    assert isinstance(result(half, min_hangul=0.5), Item)
    assert result(half, min_hangul=0.6) == Drop("not_korean", "50% of the letters are Hangul")
    assert isinstance(result(half, min_hangul=0.6, min_letters=23), Item)


@pytest.mark.parametrize("options", [{"min_hangul": 1.5}, {"min_hangul": -0.1}, {"min_letters": 0}])
def test_impossible_limits_are_refused(options: dict[str, object]) -> None:
    with pytest.raises((RequestError, ValueError), match="min_"):
        result("답", **options)


@pytest.mark.slow
@given(TEXTS)
@settings(derandomize=True, database=None, deadline=None, max_examples=300)
def test_an_item_stays_as_it_is_or_goes(text: str) -> None:
    after = result(text)
    assert after == Item("질문", text) or (isinstance(after, Drop) and after.reason in ("not_korean", "no_words"))

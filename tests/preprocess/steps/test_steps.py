"""Each cleaning step on texts whose right answer was written by hand."""

from __future__ import annotations

import unicodedata

import pytest

from jaso_core.records import Document, Item
from jaso_preprocess.steps import STEPS, Drop

CASES = [
    ("unicode", unicodedata.normalize("NFD", "지원 동기"), "지원 동기"),
    ("unicode", "ＡＩ　직무", "AI 직무"),
    ("unicode", "가\u00a0나\u200b다\ufeff", "가 나다"),
    ("unicode", "“첫째” ‘둘째’", "\"첫째\" '둘째'"),
    ("unicode", "㈜가상전자 ① ㎡ … ㅋㅋ", "㈜가상전자 ① ㎡ … ㅋㅋ"),  # NFKC would change each of these
    ("unicode", "樂\uf914", "樂樂"),  # a compatibility ideograph
    ("unicode", "첫 줄\r\n둘째 줄\r셋째", "첫 줄\n둘째 줄\n셋째"),
    ("unicode", "가\x00나\x07다", "가나다"),
    ("unicode", "👩\u200d💻", "👩\u200d💻"),
    ("unicode", "재고\u200d를 줄\u200c임", "재고를 줄임"),
    ("unicode", "연습(\uf996習)도", "연습(練習)도"),
    ("unicode", "cafe\u0301 \u1100\u1161\u11a8", "café 각"),
    ("whitespace", "  가   나 \t 다  \n\n\n\n 라 ", "가 나 다\n\n라"),
    ("counters", "열심히 하겠습니다. 글자수 1,320자 2,066Byte", "열심히 하겠습니다."),
    ("counters", "열심히 하겠습니다.\n글자수 510자812Byte", "열심히 하겠습니다.\n"),
    ("counters", "열심히 하겠습니다. (512자)", "열심히 하겠습니다."),
    ("counters", "글자수 500자를 넘겨 지웠습니다.", "글자수 500자를 넘겨 지웠습니다."),
    ("counters", "하루에 (500자)씩 썼습니다.", "하루에 (500자)씩 썼습니다."),
    ("comments", "저는 성실합니다.\n좋은점 1 구체적입니다.\n꾸준합니다.", "저는 성실합니다.\n꾸준합니다."),
    ("unicode", "첫 문단\x0b둘째 문단\x0c셋째", "첫 문단\n둘째 문단\n셋째"),
    ("counters", "분량은 글자수 500자\n이내입니다.", "분량은 글자수 500자\n이내입니다."),
    ("counters", "포부를 말씀해 주세요. (800자)\n저는", "포부를 말씀해 주세요. (800자)\n저는"),
    ("counters", "지켜봐 주세요. (800자)", "지켜봐 주세요."),
    ("counters", "첫 문단입니다. (300자)\n둘째 문단입니다.", "첫 문단입니다.\n둘째 문단입니다."),
    ("comments", "좋은점 3 가지는 성실함, 끈기, 열정입니다.", "좋은점 3 가지는 성실함, 끈기, 열정입니다."),
    ("comments", "아쉬운점 2: 길다\n저는", "저는"),
    ("comments", "좋은점 1가지는 성실함입니다.", "좋은점 1가지는 성실함입니다."),
]


@pytest.mark.parametrize(("name", "before", "after"), CASES)
def test_a_step_does_what_it_says(name: str, before: str, after: str) -> None:
    step = STEPS.build({"name": name}, f"clean.{name}")
    assert step.apply(Item("질문", before)) == Item("질문", after)


def test_a_transcript_has_no_line_breaks_of_a_word_processor() -> None:
    item = Item("질문", "대학\x0b에 들어와")
    document = Document("1", "test", "interview", (item,))
    assert STEPS.build({"name": "unicode"}, "clean").apply_to(document, item) == Item("질문", "대학에 들어와")


@pytest.mark.parametrize("name", ["counters", "comments"])
def test_questions_keep_their_limits(name: str) -> None:
    question = Item("지원 동기를 쓰시오. (1000자)", "답")
    assert STEPS.build({"name": name}, "clean").apply(question) == question


def test_a_text_that_was_only_rubbish_becomes_none() -> None:
    assert STEPS.build({"name": "counters"}, "clean").apply(Item("질문", "(512자)")) == Item("질문", None)


@pytest.mark.parametrize(
    ("item", "result"),
    [
        (Item("질문", None), Drop("no_answer")),
        (Item(None, "답"), Drop("no_question")),
        (Item("질문", "짧은 답"), Drop("answer_too_short", "4 characters")),
        (Item("질문", "길이가 열하나인 글이다"), Drop("answer_too_long", "12 characters")),
        (Item("질문", "길이가 열인 글이다"), Item("질문", "길이가 열인 글이다")),
    ],
)
def test_length_drops_with_a_reason(item: Item, result: Item | Drop) -> None:
    step = STEPS.build({"name": "length", "min_answer": 5, "max_answer": 10}, "clean.length")
    assert step.apply(item) == result

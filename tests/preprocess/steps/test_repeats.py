"""Keys held down too long."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from step_contract import TEXTS, check

from jaso_core.records import Item
from jaso_preprocess.steps import STEPS


def cleaned(text: str) -> str | None:
    step = STEPS.build({"name": "repeats"}, "repeats")
    after = step.apply(Item("질문", text))
    assert isinstance(after, Item)
    return after.answer


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("좋았습니다ㅋㅋㅋㅋㅋ", "좋았습니다ㅋㅋ"),
        ("해냈습니다!!!!!", "해냈습니다!!"),
        ("정말요???", "정말요??"),
        ("슬펐습니다ㅠㅠㅠ~~~", "슬펐습니다ㅠㅠ~~"),
        ("그런데......", "그런데..."),
        ("그런데...", "그런데..."),
        ("그런데………", "그런데……"),
        ("1000000원과 0000번", "1000000원과 0000번"),
        ("Zzzzz wwww", "Zzzzz wwww"),
        ("다아아아아", "다아아아아"),
        ("★★★★ OOOO **** ---- ====", "★★★★ OOOO **** ---- ===="),
        ("ㅋㅋ !! ..", "ㅋㅋ !! .."),
    ],
)
def test_jamo_and_punctuation_only(before: str, after: str) -> None:
    assert cleaned(before) == after


@pytest.mark.slow
@given(TEXTS)
@settings(derandomize=True, database=None, deadline=None, max_examples=300)
def test_the_contract_holds_on_any_text(text: str) -> None:
    check("repeats", text)

"""Tags and references that a page left in a text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from step_contract import TEXTS, check

from jaso_core.records import Item
from jaso_preprocess.steps import STEPS


def cleaned(text: str) -> str | None:
    step = STEPS.build({"name": "html"}, "html")
    after = step.apply(Item("질문", text))
    assert isinstance(after, Item)
    return after.answer


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("첫 줄<br>둘째 줄<br/>셋째", "첫 줄\n둘째 줄\n셋째"),
        ('<p>첫 문단</p><p class="a">둘째</p>', "첫 문단\n둘째\n"),
        ("<strong>성실</strong>함", "성실함"),
        ("가&nbsp;나&amp;다 &lt;제목&gt; &#39;말&#39; &#xAC00;", "가 나&다 <제목> '말' 가"),
        ("&lt;br&gt;끝", "\n끝"),
        ("&amp;amp;nbsp;끝", " 끝"),
        ("앞<!-- 메모 -->뒤", "앞뒤"),
        ("a < b 그리고 b > c", "a < b 그리고 b > c"),
        ("<제목>에 대하여", "<제목>에 대하여"),
        ("<b라는 기호와 x>y", "<b라는 기호와 x>y"),
        ("AT&T와 R&D; 그리고 &없음;", "AT&T와 R&D; 그리고 &없음;"),
        ("&#0;&#55296;", "&#0;&#55296;"),  # nothing that a text should hold
    ],
)
def test_markup_goes_and_signs_stay(before: str, after: str) -> None:
    assert cleaned(before) == after


def test_a_text_of_markup_only_becomes_none() -> None:
    assert cleaned("<br><p></p>&nbsp;") is None


@pytest.mark.slow
@given(TEXTS)
@settings(derandomize=True, database=None, deadline=None, max_examples=300)
def test_the_contract_holds_on_any_text(text: str) -> None:
    check("html", text)

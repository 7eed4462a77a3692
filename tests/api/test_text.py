"""Cleaning one text, and splitting it into sentences."""

from __future__ import annotations

import pytest

import jaso

RAW = "1. 지원동기 (512자)\n㈜가상전자에 지원했습니다. 저는 서버를 만들고 싶습니다. 연락처는 010-0000-0000 입니다."


def test_a_text_is_cleaned_with_its_edits() -> None:
    cleaned = jaso.clean(RAW, company="㈜가상전자")
    assert cleaned.text == "[회사]에 지원했습니다. 저는 서버를 만들고 싶습니다. 연락처는 [전화번호] 입니다."
    assert str(cleaned) == cleaned.text
    assert cleaned.dropped is None
    edits = {edit.step: (edit.before, edit.replacement) for edit in cleaned.edits}
    assert edits["subheadings"] == ("1. 지원동기 (512자)\n", "")
    assert edits["mask_companies"] == ("㈜가상전자", "[회사]")
    assert edits["mask_pii"] == ("010-0000-0000", "[전화번호]")


def test_steps_are_chosen_by_name_and_set_by_options() -> None:
    assert jaso.clean(RAW, steps=["mask_pii"]).text == RAW.replace("010-0000-0000", "[전화번호]")
    assert jaso.clean("가나다", steps={"length": {"min_answer": 2}}, question="왜?").text == "가나다"
    assert (
        jaso.clean("가나다", steps={"length": {"min_answer": 9}}, question="왜?").dropped == "length: answer_too_short"
    )


def test_a_text_that_would_be_dropped_says_why() -> None:
    cleaned = jaso.clean("Hello, this is an English text of some length without any Hangul at all.")
    assert (cleaned.text, cleaned.dropped) == ("", "language: not_korean")


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"steps": ["unicod"]}, "clean 'unicod' is unknown; did you mean 'unicode'"),
        ({"steps": {"length": {"min_answr": 9}}}, "'clean.length.min_answr' is unknown"),
    ],
)
def test_an_unknown_step_or_option_is_an_exception(options: dict[str, object], match: str) -> None:
    with pytest.raises(jaso.RequestError, match=match):
        jaso.clean("가나다", **options)  # type: ignore[arg-type]


def test_sentences_are_those_of_the_splitter() -> None:
    assert jaso.sentences("저는 1.5배 늘렸습니다. “왜요?” 하고 물었습니다.") == [
        "저는 1.5배 늘렸습니다.",
        "“왜요?” 하고 물었습니다.",
    ]
    assert jaso.sentences("하나. 둘!", splitter="rules") == ["하나.", "둘!"]
    assert jaso.sentences("") == []

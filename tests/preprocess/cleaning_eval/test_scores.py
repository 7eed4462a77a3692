"""What counts as found, exact and wrong, worked out by hand."""

from __future__ import annotations

import pytest

from jaso_core.records import Item
from jaso_core.text.edits import Edit, apply_edits
from jaso_preprocess.cleaning_eval.scores import Score, Truth, core_span, score_step, trace_steps
from jaso_preprocess.rules.idempotence import (
    compose_edits,
    to_fixpoint,
)
from jaso_preprocess.steps import STEPS


def truth(kind: str, text: str, planted: str, replacement: str = "", field: str = "answer") -> Truth:
    start = text.index(planted)
    return Truth(kind, field, start, start + len(planted), planted, replacement)


@pytest.mark.parametrize(
    ("planted", "expected"),
    [("음... ", "음"), ("[제목]\n\n", "[제목]"), ("지원동기 : ", "지원동기"), ("!!!!", "!!!!"), ("......", "......"), (" (420자)", "(420자)"), ("\n", "\n"), ("", "")],
)  # fmt: skip
def test_the_core_of_a_planted_span(planted: str, expected: str) -> None:
    text = f"가{planted}나"
    start, end = core_span(Truth("x", "answer", 1, 1 + len(planted), planted, ""))
    assert text[start:end] == expected


def test_found_exact_wrong() -> None:
    text = "어 저는 發展을 음, 그 했다"
    planted = [truth("filler", text, "어 "), truth("filler", text, "음, "), truth("hanja", text, "發展", "발전")]
    edits = [
        Edit(0, 1, "", "filler"),  # the core of "어 " is covered
        Edit(5, 7, "발달", "hanja"),  # found, but not what the clean text has
        Edit(text.index("그"), text.index("그") + 1, "", "filler"),  # planted nowhere
    ]
    assert score_step(edits, planted) == [Score("filler", 2, 1, 1, 2, 1), Score("hanja", 1, 1, 0, 1, 0)]


def test_precision_and_recall() -> None:
    score = Score("filler", 4, 3, 3, 5, 1)
    assert (score.precision, score.recall) == (0.8, 0.75)
    assert Score("filler", 0, 0, 0, 0, 0).precision is None
    assert Score("filler", 0, 0, 0, 0, 0).recall is None


def test_half_a_span_is_not_found_two_halves_are() -> None:
    planted = [truth("x", "가나다라", "나다")]
    half, other = Edit(1, 2, "", "x"), Edit(2, 3, "", "x")
    assert score_step([half], planted) == [Score("x", 1, 0, 0, 1, 0)]
    assert score_step([half, other], planted) == [Score("x", 1, 1, 1, 2, 0)]


def test_a_kind_finds_only_its_own_unless_they_are_alike() -> None:
    planted = [truth("company_name", "가상에서", "가상", "[회사]")]
    edits = [Edit(0, 2, "[회사]", "other_company")]
    apart = [Score("company_name", 1, 0, 0, 0, 0), Score("other_company", 0, 0, 0, 1, 1)]
    assert score_step(edits, planted) == apart
    together = [Score("company_name", 1, 1, 1, 0, 0), Score("other_company", 0, 0, 0, 1, 0)]
    assert score_step(edits, planted, [frozenset({"company_name", "other_company"})]) == together


def test_later_steps_are_scored_in_the_places_of_the_raw_text() -> None:
    raw = "1. 지원동기\n저는 발전을 믿고 자라 왔습니다ㅋㅋㅋㅋ OOO에서"
    steps = {name: STEPS.build({"name": name}, name) for name in ("numbering", "repeats", "mask_runs")}
    planted = [
        truth("question_echo", raw, "1. 지원동기\n"),
        truth("repeated_chars", raw, "ㅋㅋㅋㅋ", "ㅋㅋ"),
        truth("mask_run", raw, "OOO", "[회사]"),
    ]
    seen = trace_steps(Item("지원 동기", raw), steps)
    assert seen.by_step == {"numbering": {"question_echo"}, "repeats": {"repeated_chars"}, "mask_runs": {"mask_run"}}
    rows = score_step(seen.edits["answer"], planted)
    assert rows == [Score(kind, 1, 1, 1, 1, 0) for kind in ("mask_run", "question_echo", "repeated_chars")]


def test_steps_without_edits_are_compared_before_and_after_and_a_drop_ends_it() -> None:
    steps = {name: STEPS.build({"name": name}, name) for name in ("whitespace", "length", "repeats")}
    assert trace_steps(Item("질문", "가  나"), steps).edits["answer"] == [Edit(1, 3, " ", "whitespace")]
    assert trace_steps(Item(None, "ㅋㅋㅋㅋ"), steps).edits == {"answer": []}


def test_truth_is_read_from_a_record() -> None:
    record = {"kind": "hanja", "field": "answer", "start": 0, "end": 2, "text": "發展", "replacement": "발전", "new": 1}
    assert Truth.from_record(record) == Truth("hanja", "answer", 0, 2, "發展", "발전")


def test_two_rounds_of_edits_become_one() -> None:
    text = "가나다라마"
    first = [Edit(1, 2, "XY", "a")]  # 가XY다라마
    second = [Edit(2, 4, "", "b"), Edit(5, 5, "Z", "b")]  # 가X라Z마
    both = compose_edits(text, first, second)
    assert both == [Edit(1, 3, "X", "a"), Edit(4, 4, "Z", "b")]
    assert apply_edits(text, both) == "가X라Z마"


def test_settled_goes_on_until_nothing_is_found() -> None:
    def brackets(text: str) -> list[Edit]:
        at = text.find("()")
        return [Edit(at, at + 2, "", "pair")] if at >= 0 else []

    assert to_fixpoint("가(()())나", brackets) == [Edit(1, 7, "", "pair")]
    assert to_fixpoint("가나", brackets) == []

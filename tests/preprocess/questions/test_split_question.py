"""Question fields that hold one question or several."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jaso_preprocess.questions.split_question import cut_question, texts

LINES = (Path(__file__).parent / "question_blobs.txt").read_text(encoding="utf-8").splitlines()
LATE = next(at for at, line in enumerate(LINES) if line.startswith("%% out of reach"))
_MARK = re.compile(r"(?:[-•]|\d-\d\.) ")  # a bullet stays with its question


def pieces(question: str) -> list[str] | None:
    cut = cut_question(question)
    return [_MARK.sub("", piece) for piece in texts(question, cut.spans)] if cut else None


@pytest.mark.parametrize("case", [line for line in LINES[:LATE] if not line.startswith("%%")])
def test_where_a_field_is_cut(case: str) -> None:
    question, _, expected = case.replace("¶", "\n").partition(" => ")
    assert pieces(question) == (None if expected == "-" else expected.split(" | "))


@pytest.mark.parametrize("case", LINES[LATE + 1 :])
def test_titles_in_one_line_stay_whole(case: str) -> None:
    assert pieces(case.partition(" => ")[0]) is None

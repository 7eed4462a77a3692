"""Blobs: items with several questions and all their answers, split into items."""

from __future__ import annotations

from collections.abc import Sequence

from jaso_core.records import Item
from jaso_core.registry import NoOptions
from jaso_preprocess.questions.align_paragraphs import paragraphs_of, run_starts
from jaso_preprocess.questions.headings import question_of
from jaso_preprocess.questions.split_question import cut_question, texts
from jaso_preprocess.steps import STEPS, Part, PartStep


def parts_of(item: Item) -> list[Part]:
    """Return a part for each question with its paragraphs.

    None when the item is one, or when the split is unclear. The numbers of the questions stay out, as does the white
    space around; all else is in a part.
    """
    parts = _once(item)
    # If a part could be split again, the result would depend on the number of runs.
    return [] if any(_once(part.of(item)) for part in parts) else parts


def _once(item: Item) -> list[Part]:
    if not item.question or not item.answer or item.summary:
        return []  # a summary is of the whole and cannot be split
    cut = cut_question(item.question)
    if cut is None:
        return []
    paragraphs = paragraphs_of(item.answer)
    questions = [question_of(index, text) for index, text in enumerate(texts(item.question, cut.spans))]
    starts = run_starts(paragraphs, questions, is_doubtful=not cut.is_sure)
    if starts is None:
        return []
    ends = [*starts[1:], len(paragraphs)]
    lines = [paragraph.line for paragraph in paragraphs]
    return [
        Part(span, (lines[start].start, lines[end - 1].end))
        for span, start, end in zip(cut.spans, starts, ends, strict=True)
    ]


@STEPS.register("blobs")
class Blobs(PartStep):
    """Splits "1. 지원 동기 … 2. 입사 후 포부 …" and its answers into items.
    Only where headings or the texts show where to cut.
    """

    def __init__(self, options: NoOptions) -> None:
        del options

    def parts(self, item: Item) -> Sequence[Part]:
        return parts_of(item)

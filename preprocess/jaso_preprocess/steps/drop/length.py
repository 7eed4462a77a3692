"""Length filter for questions and answers."""

from __future__ import annotations

from dataclasses import dataclass

from jaso_core.records import Item
from jaso_preprocess.steps import STEPS, Drop, Step


@dataclass(frozen=True)
class LengthOptions:
    """Limits in Unicode code points, both included."""

    min_question: int = 1
    max_question: int = 5_000
    min_answer: int = 1
    max_answer: int = 20_000

    def __post_init__(self) -> None:
        if self.min_question < 1 or self.min_answer < 1:
            raise ValueError("min_question and min_answer are at least 1: an example has a question and an answer")
        if self.min_question > self.max_question:
            raise ValueError(f"min_question {self.min_question} is above max_question {self.max_question}")
        if self.min_answer > self.max_answer:
            raise ValueError(f"min_answer {self.min_answer} is above max_answer {self.max_answer}")


@STEPS.register("length", LengthOptions)
class Length(Step):
    """Drops items without question or answer, and those outside the limits."""

    def __init__(self, options: LengthOptions) -> None:
        self.options = options

    def apply(self, item: Item) -> Item | Drop:
        question, answer = len(item.question or ""), len(item.answer or "")
        if question == 0:
            return Drop("no_question")
        if question < self.options.min_question:
            return Drop("question_too_short", f"{question} characters")
        if question > self.options.max_question:
            return Drop("question_too_long", f"{question} characters")
        if answer == 0:
            return Drop("no_answer")
        if answer < self.options.min_answer:
            return Drop("answer_too_short", f"{answer} characters")
        if answer > self.options.max_answer:
            return Drop("answer_too_long", f"{answer} characters")
        return item

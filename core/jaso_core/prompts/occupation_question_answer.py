"""occupation and question → answer."""

from __future__ import annotations

from jaso_core.occupations import korean_name
from jaso_core.prompts import PROMPTS, Piece, PromptFormat
from jaso_core.records import Example
from jaso_core.registry import NoOptions


@PROMPTS.register("occupation_question_answer")
class OccupationQuestionAnswer(PromptFormat):
    """The occupation before the question: `<unused1>` occupation `<usr>` question `<sys>` answer."""

    name = "occupation_question_answer"
    reads = ("occupation", "question")

    def __init__(self, options: NoOptions) -> None:
        del options

    def context(self, example: Example) -> tuple[Piece, ...]:
        return (
            Piece("<unused1>", True),
            Piece(korean_name(self.value(example, "occupation"))),
            Piece("<usr>", True),
            Piece(self.value(example, "question")),
            Piece("<sys>", True),
        )

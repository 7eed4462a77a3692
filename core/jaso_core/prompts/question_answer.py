"""question → answer."""

from __future__ import annotations

from jaso_core.prompts import PROMPTS, Piece, PromptFormat
from jaso_core.records import Example
from jaso_core.registry import NoOptions


@PROMPTS.register("question_answer")
class QuestionAnswer(PromptFormat):
    """The question alone: `<usr>` question `<sys>` answer."""

    name = "question_answer"
    reads = ("question",)

    def __init__(self, options: NoOptions) -> None:
        del options

    def context(self, example: Example) -> tuple[Piece, ...]:
        return Piece("<usr>", True), Piece(self.value(example, "question")), Piece("<sys>", True)

"""question → answer."""

from __future__ import annotations

from jaso_core.prompts import PROMPTS, FieldsPrompt


@PROMPTS.register("question_answer")
class QuestionAnswer(FieldsPrompt):
    """The question alone: `<usr>` question `<sys>` answer."""

    name = "question_answer"
    reads = ("question",)

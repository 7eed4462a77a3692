"""occupation and question → answer."""

from __future__ import annotations

from jaso_core.prompts import PROMPTS, FieldsPrompt


@PROMPTS.register("occupation_question_answer")
class OccupationQuestionAnswer(FieldsPrompt):
    """The occupation before the question: `<unused1>` occupation `<usr>` question `<sys>` answer."""

    name = "occupation_question_answer"
    reads = ("occupation", "question")

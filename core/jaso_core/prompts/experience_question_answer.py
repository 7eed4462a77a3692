"""experience and question → answer."""

from __future__ import annotations

from jaso_core.prompts import PROMPTS, FieldsPrompt


@PROMPTS.register("experience_question_answer")
class ExperienceQuestionAnswer(FieldsPrompt):
    """The experience level before the question: `<unused2>` experience `<usr>` question `<sys>` answer."""

    name = "experience_question_answer"
    reads = ("experience", "question")

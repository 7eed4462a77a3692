"""occupation, experience and question → answer."""

from __future__ import annotations

from jaso_core.prompts import PROMPTS, FieldsPrompt


@PROMPTS.register("occupation_experience_question_answer")
class OccupationExperienceQuestionAnswer(FieldsPrompt):
    """The occupation and the experience level before the question.

    `<unused1>` occupation `<unused2>` experience `<usr>` question `<sys>` answer.
    """

    name = "occupation_experience_question_answer"
    reads = ("occupation", "experience", "question")

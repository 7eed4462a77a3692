"""question, experience and occupation → answer."""

from __future__ import annotations

from jaso_core.prompts import PROMPTS, FieldsPrompt


@PROMPTS.register("question_experience_occupation_answer")
class QuestionExperienceOccupationAnswer(FieldsPrompt):
    """The question first, then the experience level and the occupation.

    `<usr>` question `<unused2>` experience `<unused1>` occupation `<sys>` answer.
    """

    name = "question_experience_occupation_answer"
    reads = ("question", "experience", "occupation")

"""occupation, experience and question → summary."""

from __future__ import annotations

from jaso_core.prompts import PROMPTS, FieldsPrompt


@PROMPTS.register("occupation_experience_question_summary")
class OccupationExperienceQuestionSummary(FieldsPrompt):
    """The occupation and the experience level before the question, for a summary.

    `<unused1>` occupation `<unused2>` experience `<usr>` question `<unused3>` summary.
    """

    name = "occupation_experience_question_summary"
    reads = ("occupation", "experience", "question")
    writes = "summary"

"""question → summary."""

from __future__ import annotations

from jaso_core.prompts import PROMPTS, FieldsPrompt


@PROMPTS.register("question_summary")
class QuestionSummary(FieldsPrompt):
    """The question alone, and a summary of the answer to be written: `<usr>` question `<unused3>` summary."""

    name = "question_summary"
    reads = ("question",)
    writes = "summary"

"""summary → answer."""

from __future__ import annotations

from jaso_core.prompts import PROMPTS, FieldsPrompt


@PROMPTS.register("summary_answer")
class SummaryAnswer(FieldsPrompt):
    """A summary of the reference answer, to be written out: `<unused3>` summary `<sys>` answer.

    Its prompt holds what is to be found out: read its scores as an upper bound, not as a rival of the other formats.
    """

    name = "summary_answer"
    reads = ("summary",)

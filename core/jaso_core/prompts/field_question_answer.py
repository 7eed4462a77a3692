"""field of work and question → answer."""

from __future__ import annotations

from jaso_core.prompts import MARKERS, PROMPTS, FieldsPrompt, Piece
from jaso_core.records import Example


@PROMPTS.register("field_question_answer")
class FieldQuestionAnswer(FieldsPrompt):
    """Role or occupation before the question: field of work, question, answer.

    `<unused4>` role, else occupation `<usr>` question `<sys>` answer.
    """

    name = "field_question_answer"
    reads = ("role", "occupation", "question")

    def context(self, example: Example) -> tuple[Piece, ...]:
        """Return the prompt: field of work, question and the answer's marker.

        The role says more than one of seven occupations; an example without one is asked for the occupation.
        """
        field = next((name for name in ("role", "occupation") if (getattr(example, name) or "").strip()), None)
        if field is None:
            raise self.hole(example, "role and no occupation")
        return (
            Piece(MARKERS["field"], True),
            Piece(self.value(example, field)),
            Piece(MARKERS["question"], True),
            Piece(self.value(example, "question")),
            Piece(MARKERS["answer"], True),
        )

    def lacks(self, example: Example) -> tuple[str, ...]:
        """One of role and occupation is enough."""
        missing = super().lacks(example)
        others = tuple(name for name in missing if name not in ("role", "occupation"))
        return ("role or occupation", *others) if len(missing) - len(others) == 2 else others

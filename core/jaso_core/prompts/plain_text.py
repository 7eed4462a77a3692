"""Prompt format in plain words, for a model whose vocabulary lacks the markers."""

from __future__ import annotations

from jaso_core.prompts.base import END, Piece, PromptFormat
from jaso_core.prompts.fields import FieldsPrompt
from jaso_core.records import Example

LABELS = {
    "question": "질문",
    "answer": "답변",
    "occupation": "직무",
    "experience": "경력",
    "summary": "요약",
    "field": "분야",
    "role": "직무",
    "company": "회사",
}
"""What stands for a marker, by the field that it introduces."""


class PlainTextPrompt(PromptFormat):
    """Another format's prompt with words for its markers.

    "<unused1>ICT<usr>지원 동기는?<sys>" → "직무: ICT\\n질문: 지원 동기는?\\n답변:". A pretrained model has
    never seen the markers, but knows the words. The text ends at the model's own end-of-text token.
    """

    stops = (END,)

    def __init__(self, prompt: PromptFormat) -> None:
        self.format = prompt
        self.name = prompt.name
        self.reads, self.writes = prompt.reads, prompt.writes
        self.code_words = prompt.code_words
        markers = prompt.field_markers if isinstance(prompt, FieldsPrompt) else {}
        self._labels = {marker: LABELS[field] for field, marker in markers.items() if field in LABELS}

    def context(self, example: Example) -> tuple[Piece, ...]:
        """The pieces as one text, a line for each field."""
        lines: list[str] = []
        for piece in self.format.context(example):
            if piece.marker:
                lines.append(f"{self._labels[piece.text]}:" if piece.text in self._labels else "")
            elif lines and lines[-1].endswith(":"):
                lines[-1] += f" {piece.text}"
            else:
                lines.append(piece.text)
        return (Piece("\n".join(line for line in lines if line)),)

    def target(self, example: Example) -> str:
        """What the format has to be written, after a blank where a label comes before it."""
        text = self.format.target(example)
        return f" {text}" if self.shown(example).endswith(":") else text

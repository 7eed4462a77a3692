"""Formats that are an order of fields, each after its own marker."""

from __future__ import annotations

from collections.abc import Mapping

from jaso_core.prompts.base import Piece, PromptFormat
from jaso_core.records import Example
from jaso_core.registry import NoOptions

MARKERS: Mapping[str, str] = {
    "question": "<usr>",
    "answer": "<sys>",
    "occupation": "<unused1>",
    "experience": "<unused2>",
    "summary": "<unused3>",
    "field": "<unused4>",
    "role": "<unused5>",
    "company": "<unused6>",
}
"""A marker says what comes after it, read or written, and no two fields share one: formats that differ in a field or
in the order of fields differ in their markers. All are in KoGPT2's vocabulary, which then needs no new token.
`field` is the field of work: the role, or the occupation of who has none."""


class FieldsPrompt(PromptFormat):
    """The fields of `reads` in their order, each after its marker; then the marker of what is to be written."""

    def __init__(self, options: NoOptions) -> None:
        del options

    def context(self, example: Example) -> tuple[Piece, ...]:
        """Marker and text of each field, and the marker of the target."""
        pieces: list[Piece] = []
        for field in self.reads:
            pieces += [Piece(MARKERS[field], True), Piece(self.value(example, field))]
        return (*pieces, Piece(MARKERS[self.writes], True))

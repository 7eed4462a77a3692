"""What a cleaning step does to a text, as edits: so that it can be shown, counted and scored, not only applied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Edit:
    """text[start:end] becomes `replacement`. Offsets in code points; `kind` says what was there: pii_phone, filler …"""

    start: int
    end: int
    replacement: str
    kind: str


def apply_edits(text: str, edits: Sequence[Edit]) -> str:
    """The text after the edits. ValueError when they overlap, are out of order or out of bounds."""
    _check(text, edits)
    parts, at = [], 0
    for edit in edits:
        parts += [text[at : edit.start], edit.replacement]
        at = edit.end
    return "".join([*parts, text[at:]])


def without_overlaps(edits: Iterable[Edit]) -> list[Edit]:
    """In order; of two that overlap the one that begins first stays, of two that begin together the longer."""
    kept: list[Edit] = []
    for edit in sorted(edits, key=lambda edit: (edit.start, -edit.end)):
        if not kept or edit.start >= kept[-1].end:
            kept.append(edit)
    return kept


def _check(text: str, edits: Sequence[Edit]) -> None:
    for edit in edits:
        if not 0 <= edit.start <= edit.end <= len(text):
            raise ValueError(f"edit {edit} is outside a text of {len(text)} characters")
    for before, after in pairwise(edits):
        if after.start < before.end:
            raise ValueError(f"edits {before} and {after} overlap or are out of order")


class Trail:
    """Where the characters of a text that went through several steps came from.

    `origins[i]` is the place in the raw text of character i; a replacement's characters all have the place of what
    they replace.
    """

    def __init__(self, raw: str) -> None:
        self.text = raw
        self._origins = list(range(len(raw) + 1))

    def part(self, start: int, end: int) -> Trail:
        """The trail of text[start:end], which goes its own way from here."""
        part = Trail(self.text[start:end])
        part._origins = self._origins[start : end + 1]
        return part

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Where text[start:end] stood in the raw text, without what was taken out beside it."""
        last = self._origins[end - 1] + 1 if end > start else self._origins[start]
        return self._origins[start], last

    def apply(self, edits: Sequence[Edit]) -> list[Edit]:
        """Changes the text; returns the edits with the places of the raw text."""
        found = [Edit(self._origins[edit.start], self._end(edit), edit.replacement, edit.kind) for edit in edits]
        origins, at = [], 0
        for edit in edits:
            origins += self._origins[at : edit.start] + [self._origins[edit.start]] * len(edit.replacement)
            at = edit.end
        self.text = apply_edits(self.text, edits)
        self._origins = [*origins, *self._origins[at:]]
        return found

    def _end(self, edit: Edit) -> int:
        return self._origins[edit.end] if edit.end > edit.start else self._origins[edit.start]

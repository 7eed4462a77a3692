"""Text edits: what a cleaning step changes, to be applied, shown, counted, scored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Edit:
    """Replacement of text[start:end] by `replacement`.

    Offsets count code points; `kind` says what was there: pii_phone, filler …
    """

    start: int
    end: int
    replacement: str
    kind: str


def apply_edits(text: str, edits: Sequence[Edit]) -> str:
    """Return the edited text. ValueError: overlapping, unsorted or out of bounds."""
    _check(text, edits)
    parts, at = [], 0
    for edit in edits:
        parts += [text[at : edit.start], edit.replacement]
        at = edit.end
    return "".join([*parts, text[at:]])


def drop_overlaps(edits: Iterable[Edit]) -> list[Edit]:
    """Sort edits and drop those that overlap an earlier one.

    Of two that overlap the one that begins first stays; of two that begin together, the longer one.
    """
    # [0:3], [2:5], [5:6], [5:8] → [0:3], [5:8]
    disjoint: list[Edit] = []
    for edit in sorted(edits, key=lambda edit: (edit.start, -edit.end)):
        if not disjoint or edit.start >= disjoint[-1].end:
            disjoint.append(edit)
    return disjoint


def _check(text: str, edits: Sequence[Edit]) -> None:
    for edit in edits:
        if not 0 <= edit.start <= edit.end <= len(text):
            raise ValueError(f"edit {edit} is outside a text of {len(text)} characters")
    for before, after in pairwise(edits):
        if after.start < before.end:
            raise ValueError(f"edits {before} and {after} overlap or are out of order")


class OffsetTracker:
    """Offset mapping from an edited text back to the raw text.

    `_origins[i]` is the raw offset of character i; the characters of a replacement all have the offset where the
    replaced text began.
    """

    def __init__(self, raw: str) -> None:
        self.text = raw
        self._origins = list(range(len(raw) + 1))

    def part(self, start: int, end: int) -> OffsetTracker:
        """Return an independent tracker for text[start:end]."""
        part = OffsetTracker(self.text[start:end])
        part._origins = self._origins[start : end + 1]
        return part

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Return the raw span of text[start:end], without text removed at its borders."""
        # "abcdef" without "bc": "ad" is the raw span (0, 4), "d" alone (3, 4)
        last = self._origins[end - 1] + 1 if end > start else self._origins[start]
        return self._origins[start], last

    def apply(self, edits: Sequence[Edit]) -> list[Edit]:
        """Apply edits to the text; return them with raw offsets."""
        # "abcdef" with [1:3] → "X" gives "aXdef" and the origins [0, 1, 3, 4, 5, 6]: the last one is the end's
        raw_edits = [Edit(self._origins[edit.start], self._end(edit), edit.replacement, edit.kind) for edit in edits]
        origins, at = [], 0
        for edit in edits:
            origins += self._origins[at : edit.start] + [self._origins[edit.start]] * len(edit.replacement)
            at = edit.end
        self.text = apply_edits(self.text, edits)
        self._origins = [*origins, *self._origins[at:]]
        return raw_edits

    def _end(self, edit: Edit) -> int:
        return self._origins[edit.end] if edit.end > edit.start else self._origins[edit.start]

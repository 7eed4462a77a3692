"""Edits that leave nothing for a second run to find."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from jaso_core.text.edits import Edit, apply_edits

ROUNDS = 30
"""What people write comes to rest after two or three; brackets nested a thousand deep are nobody's text."""


def to_fixpoint(text: str, find: Callable[[str], Sequence[Edit]]) -> list[Edit]:
    """The edits of `find`, then of `find` on its result, and so on, as edits of the first text.

    Edits of later rounds that touch earlier ones become one with them and keep the first one's kind. A text that does
    not come to rest within ROUNDS is left as it is: half of the way would be another text for a second run.
    """
    edits = list(find(text))
    if not edits:
        return edits
    for _ in range(ROUNDS):
        later = list(find(apply_edits(text, edits)))
        if not later:
            return edits
        edits = composed(text, edits, later)
    return []


def composed(text: str, first: Sequence[Edit], second: Sequence[Edit]) -> list[Edit]:
    """One list of edits of `text` that does what `first` and then `second` (edits of the result) do."""
    between = apply_edits(text, first)
    out: list[Edit] = []
    shift = 0  # what a place in the text has to be moved by to be one in between
    for start, end, some, later in _touching(first, second):
        begin = start - shift
        shift += sum(len(edit.replacement) - (edit.end - edit.start) for edit in some)
        inside = [Edit(edit.start - start, edit.end - start, edit.replacement, edit.kind) for edit in later]
        replacement = apply_edits(between[start:end], inside)
        if text[begin : end - shift] != replacement:
            out.append(Edit(begin, end - shift, replacement, (some or later)[0].kind))
    return out


Group = tuple[int, int, list[Edit], list[Edit]]


def _touching(first: Sequence[Edit], second: Sequence[Edit]) -> Iterator[Group]:
    """(start, end, edits of `first`, edits of `second`) that have no character between them, as places in between."""
    spans: list[Group] = [(edit.start, edit.end, [], [edit]) for edit in second]
    shift = 0
    for edit in first:
        start = edit.start + shift
        spans.append((start, start + len(edit.replacement), [edit], []))
        shift += len(edit.replacement) - (edit.end - edit.start)
    group: Group | None = None
    for start, end, some, later in sorted(spans, key=lambda span: span[:2]):
        if group is not None and start <= group[1]:
            group[2].extend(some)
            group[3].extend(later)
            group = group[0], max(group[1], end), group[2], group[3]
        else:
            if group is not None:
                yield group
            group = start, end, some, later
    if group is not None:
        yield group

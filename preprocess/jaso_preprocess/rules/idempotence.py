"""Idempotent edits: repeat a rule until it finds nothing more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from jaso_core.text.edits import Edit, apply_edits

MAX_ROUNDS = 30
"""Real texts need two or three rounds; brackets nested a thousand deep are no real text."""


def to_fixpoint(text: str, find: Callable[[str], Sequence[Edit]]) -> list[Edit]:
    """Apply `find` repeatedly until it finds nothing; return edits of the first text.

    Edits of later rounds that touch earlier ones are merged with them and keep the first one's kind. A text without a
    fixpoint within MAX_ROUNDS is left as it is: a half-way result would be another text for a second run.
    """
    edits = list(find(text))
    if not edits:
        return edits
    for _ in range(MAX_ROUNDS):
        later = list(find(apply_edits(text, edits)))
        if not later:
            return edits
        edits = compose_edits(text, edits, later)
    return []


def compose_edits(text: str, first: Sequence[Edit], second: Sequence[Edit]) -> list[Edit]:
    """Compose two lists of edits into one list of edits of `text`.

    `first` are edits of `text`, `second` of the result.
    """
    # "ab--cd": first 2–4 → "-", then second deletes 2–3 of "ab-cd" → one edit 2–4 → ""
    between = apply_edits(text, first)
    out: list[Edit] = []
    shift = 0  # offset in `between` minus offset in `text`
    for start, end, earlier, later in _group_touching(first, second):
        begin = start - shift
        shift += sum(len(edit.replacement) - (edit.end - edit.start) for edit in earlier)
        inside = [Edit(edit.start - start, edit.end - start, edit.replacement, edit.kind) for edit in later]
        replacement = apply_edits(between[start:end], inside)
        if text[begin : end - shift] != replacement:
            out.append(Edit(begin, end - shift, replacement, (earlier or later)[0].kind))
    return out


Group = tuple[int, int, list[Edit], list[Edit]]


def _group_touching(first: Sequence[Edit], second: Sequence[Edit]) -> Iterator[Group]:
    """Yield (start, end, edits of `first`, edits of `second`) of touching edits.

    Edits touch when no character is between them; offsets are in the text between the two lists.
    """
    spans: list[Group] = [(edit.start, edit.end, [], [edit]) for edit in second]
    shift = 0
    for edit in first:
        start = edit.start + shift
        spans.append((start, start + len(edit.replacement), [edit], []))
        shift += len(edit.replacement) - (edit.end - edit.start)
    group: Group | None = None
    for start, end, earlier, later in sorted(spans, key=lambda span: span[:2]):
        if group is not None and start <= group[1]:
            group[2].extend(earlier)
            group[3].extend(later)
            group = group[0], max(group[1], end), group[2], group[3]
        else:
            if group is not None:
                yield group
            group = start, end, earlier, later
    if group is not None:
        yield group

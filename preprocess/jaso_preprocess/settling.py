"""Edits that leave nothing for a second run to find."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from jaso_preprocess.edits import Edit, apply_edits


def settled(text: str, find: Callable[[str], Sequence[Edit]]) -> list[Edit]:
    """The edits of `find`, then of `find` on its result, and so on, as edits of the first text.

    `find` must come to an end: each of its edits shortens the text or takes away what it was found by. Edits of
    later rounds that touch earlier ones become one with them and keep the first one's kind.
    """
    edits = list(find(text))
    later = edits and list(find(apply_edits(text, edits)))
    while later:
        edits = composed(text, edits, later)
        later = list(find(apply_edits(text, edits)))
    return edits


def composed(text: str, first: Sequence[Edit], second: Sequence[Edit]) -> list[Edit]:
    """One list of edits of `text` that does what `first` and then `second` (edits of the result) do."""
    between = apply_edits(text, first)
    origins = _origins(text, first)  # of each character: its place in the text, or None where it was put in
    out: list[Edit] = []
    spans = [(edit.start, edit.end, edit.replacement, edit.kind) for edit in second]
    kept: list[tuple[int | None, str]] = []  # what is left, and what was put in
    at = 0
    for start, end, replacement, _ in spans:
        kept += list(zip(origins[at:start], between[at:start], strict=True))
        kept += [(None, char) for char in replacement]
        at = end
    kept += list(zip(origins[at:], between[at:], strict=True))
    kinds = _kinds(text, first, second, origins)
    at, put = 0, ""
    for place, char in [*kept, (len(text), "")]:
        if place is None:
            put += char
            continue
        if place > at or put:
            out.append(Edit(at, place, put, next((kinds[i] for i in range(at, place + 1) if i in kinds), "")))
        at, put = place + 1, ""
    return out


def _origins(text: str, edits: Sequence[Edit]) -> list[int | None]:
    origins: list[int | None] = []
    at = 0
    for edit in edits:
        origins += range(at, edit.start)
        origins += [None] * len(edit.replacement)
        at = edit.end
    return [*origins, *range(at, len(text))]


def _kinds(text: str, first: Sequence[Edit], second: Sequence[Edit], origins: Sequence[int | None]) -> dict[int, str]:
    """What was found at each changed place of the text; the first edit there has the word."""
    kinds: dict[int, str] = {}
    for edit in first:
        for place in range(edit.start, edit.end + (edit.end == edit.start)):
            kinds.setdefault(place, edit.kind)
    for edit in second:
        for origin in origins[edit.start : edit.end + (edit.end == edit.start)]:
            if origin is not None:
                kinds.setdefault(origin, edit.kind)
        if not any(origin is not None for origin in origins[edit.start : edit.end]):
            before = next((o for o in reversed(origins[: edit.start]) if o is not None), -1)
            kinds.setdefault(min(before + 1, len(text)), edit.kind)
    return kinds

"""Quotations and brackets, inside which a full stop ends no sentence.

Not a splitter itself; `rules` and `careful` use it.
"""

from __future__ import annotations

import re
from bisect import bisect_left

# A quotation longer than this counts as a mark that was never closed.
MAX_ENCLOSED = 400

_CLOSERS = dict(zip("([{（「『《〈【“‘<", ")]}）」』》〉】”’>", strict=True))
_OPENERS = {closer: opener for opener, closer in _CLOSERS.items()}
_MARKS = re.compile(r"[:;=]-?[()\[\]]|\^\^|[\"'()\[\]{}（）「」『』《》〈〉【】“”‘’<>]")


def enclosed_spans(line: str) -> list[tuple[int, int]]:
    """Return outermost pairs of quotation marks and brackets as (start, end).

    The marks included, in order. A mark without its partner encloses nothing; the brackets of `:)` are none. Straight
    marks open after a blank or an opening mark and close after anything else, so the apostrophe of `it's` is neither.
    """
    pairs: list[tuple[int, int]] = []
    open_marks: list[tuple[str, int]] = []
    for match in _MARKS.finditer(line):
        mark, at = match[0], match.start()
        if len(mark) > 1:
            continue
        if mark in "<>" and not _is_angle_bracket(line, at):
            continue
        # An opening mark that long ago was a slip: it must not wait for a partner in another sentence.
        while open_marks and at - open_marks[0][1] > MAX_ENCLOSED:
            del open_marks[0]
        partner = _partner(line, at, open_marks)
        if partner is None:
            if mark in _CLOSERS or (mark in "\"'" and _may_open(line, at)):
                open_marks.append((mark, at))
            continue
        # 그는 "가자." 말했다 (웃음) → (3, 8), (13, 17); marks opened inside a pair are dropped with it
        start = open_marks[partner][1]
        del open_marks[partner:]
        if at + 1 - start <= MAX_ENCLOSED:
            pairs.append((start, at + 1))
    return _outermost(pairs)


def _partner(line: str, at: int, open_marks: list[tuple[str, int]]) -> int | None:
    """Return the index in `open_marks` of the mark that the one at `at` closes."""
    mark = line[at]
    opener = _OPENERS.get(mark, mark if mark in "\"'" and _may_close(line, at) else "")
    for index in range(len(open_marks) - 1, -1, -1):
        if open_marks[index][0] == opener:
            return index
    return None


def _is_angle_bracket(line: str, at: int) -> bool:
    """Return whether < or > touches the words of a title: <나는 배운다>, not 3 < 5."""
    inner = line[at + 1 : at + 2] if line[at] == "<" else line[at - 1 : at]
    return bool(inner) and not inner.isspace() and inner not in "-=<>_"


def _may_open(line: str, at: int) -> bool:
    before, after = line[at - 1 : at], line[at + 1 : at + 2]
    return bool(after) and not after.isspace() and not before.isalnum()


def _may_close(line: str, at: int) -> bool:
    # '가'는 closes before the particle; the mark in it's does not, as a Latin letter follows.
    before, after = line[at - 1 : at], line[at + 1 : at + 2]
    if not before or before.isspace():
        return False
    return line[at] == '"' or not (after.isascii() and after.isalpha())


def _outermost(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    outer: list[tuple[int, int]] = []
    for start, end in sorted(pairs, key=lambda pair: (pair[0], -pair[1])):
        if not outer or start >= outer[-1][1]:
            outer.append((start, end))
    return outer


def is_inside(cut: int, pairs: list[tuple[int, int]]) -> bool:
    """Return whether a cut before the character `cut` would split a pair."""
    # Pair (3, 8): a cut at 5 would split it, cuts at 3 and 8 would not.
    before = bisect_left(pairs, (cut, 0)) - 1
    return before >= 0 and cut < pairs[before][1]


def spans_between(line: str, cuts: list[int], offset: int) -> list[tuple[int, int]]:
    """Split the line at the cuts (in order); spans without outer white space.

    They are shifted by `offset`.
    """
    spans = []
    for start, end in zip([0, *cuts], [*cuts, len(line)], strict=True):
        piece = line[start:end]
        if text := piece.strip():
            begin = start + len(piece) - len(piece.lstrip())
            spans.append((offset + begin, offset + begin + len(text)))
    return spans

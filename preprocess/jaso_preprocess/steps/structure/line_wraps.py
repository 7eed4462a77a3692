"""Line ends inside sentences, as mail programs and copied forms leave them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from jaso_core.masking.tokens import ALL
from jaso_core.registry import NoOptions
from jaso_core.text.edits import Edit, apply_edits
from jaso_preprocess.questions.lines import (
    NUMBER,
    Line,
    ends_a_sentence,
    has_final_ending,
    is_listed,
    is_prose,
    lines_of,
)
from jaso_preprocess.rules.continuation import (
    Continuation,
    begins_inside_a_word,
    cannot_open,
    continuation,
    has_own_topic,
    joint,
    may_be_slogan,
    opens_a_sentence,
    splits_a_word,
)
from jaso_preprocess.rules.idempotence import to_fixpoint
from jaso_preprocess.steps import STEPS, EditStep
from jaso_preprocess.steps.structure.boilerplate import boilerplate_edits
from jaso_preprocess.steps.structure.comments import comment_edits
from jaso_preprocess.steps.structure.counters import counter_edits
from jaso_preprocess.steps.structure.numbering import is_title

_LONGEST = 2000  # characters; a longer line is a whole text
_SPLIT_NUMBER = re.compile(r"(?<![\d.])(?:\d{1,9},?|\d{1,3}(?:,\d{3})*,|\d{1,4}\.|\d{2,4}-)\Z")
_REST_OF_NUMBER = re.compile(r"\d{1,9}(?![\d]*[.)]\s)|-\d{3,4}(?!\d)")
_UNIT = re.compile(
    r"(?:년|월|일|시|분|초|개|명|번|회|건|점|원|만|억|천|백|위|차|학년|살|세|배|등|급|kg|km|cm|mm)(?![A-Za-z])|[%℃]"
)
_NUMBER_ALONE = re.compile(r"[\d,.\-]+[.)]?")
_FRAME = re.compile(r"[ \t]*[\[<〈《【『「≪#■□▶▷◆◇●▣◈◎★☆※▪♦►◼▲△]")
_SLACK = 5  # columns
# [회사]에서, [회사] 인턴: a name, no heading.
_TOKEN = re.compile(rf"\[(?:{'|'.join(token[1:-1] for token in ALL)})\d{{0,4}}\]|\[[^\[\]\n]{{1,8}}\](?=[가-힣])")
_QUOTED = re.compile(r"([\"'])[^\"'\n]+\1|“[^”\n]+”|‘[^’\n]+’")
_NTH_TIME = re.compile(r"\d{1,2}번(?=[가-힣])")  # 4번만 확인하고: no number of a list
_RAGGED = 2  # line ends inside sentences from which on a text counts as wrapped
_SHORTEST_OPEN = 15


def wrap_edits(text: str) -> list[Edit]:
    """Join lines that a sentence, a word or a number goes on over.

    What may be a heading, a list or an address keeps its line ends.
    """
    edits = to_fixpoint(text, _once) if "\n" in text.strip() else []
    # A joined line must not become one that an earlier step takes for a copyright notice or a counter.
    return edits if not edits or _notices(apply_edits(text, edits)) <= _notices(text) else []


def _notices(text: str) -> int:
    return len(boilerplate_edits(text)) + len(comment_edits(text)) + len(counter_edits(text))


def _once(text: str) -> list[Edit]:
    pairs = [(one, other) for one, other in pairwise(lines_of(text)) if _may_join(one, other)]
    if not pairs:
        return []
    ends = {one.start: _continuation(one.bare) for one, _ in pairs}
    is_ragged = sum(end is Continuation.GOES_ON for end in ends.values()) >= _RAGGED
    widest = max(_width(line.bare) for line, _ in pairs)
    edits: list[Edit] = []
    joined = -1  # start of the line that was joined last
    for one, other in pairs:
        place = _Place(
            is_inside=one.start == joined,
            is_ragged=is_ragged,
            is_first=_is_first(text, one),
            is_full=is_ragged and _width(one.bare) >= widest - _SLACK,
        )
        between = _between(one.bare, other.bare, ends[one.start], place)
        if between is not None:
            begin = one.start + len(one.text.rstrip())
            edits.append(Edit(begin, other.start + len(other.text) - len(other.text.lstrip()), between, "line_wrap"))
            joined = other.start
    return edits


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in a text a line is.

    `is_inside`: the line before was joined to it, so that it is no heading; `is_ragged`: other lines break off as
    well; `is_first`: nothing or an empty line is before it; `is_full`: it is as wide as the widest one.
    """

    is_inside: bool
    is_ragged: bool
    is_first: bool
    is_full: bool


def _is_first(text: str, line: Line) -> bool:
    before = text[: line.start].rstrip(" \t")
    return not before or before.endswith("\n\n")


def _width(line: str) -> int:
    """Return the columns of a line: two for each character that is not ASCII."""
    return sum(1 if character.isascii() else 2 for character in line)


def _may_join(one: Line, other: Line) -> bool:
    """Return whether two lines may belong together: neither framed nor listed."""
    before, after = one.bare, other.bare
    if not before or not after or len(before) > _LONGEST or len(after) > _LONGEST:
        return False
    if _number_goes_on(before, after):
        return True
    if begins_inside_a_word(after) and before[-1].isalpha():
        # 했습니⏎다. is one word, 나. 포부⏎다. 기타 are two items of a list.
        return not is_listed(after) or has_final_ending(before + "다")
    if ends_a_sentence(before) or _QUOTED.fullmatch(before) or _QUOTED.fullmatch(after):
        return False
    if _FRAME.match(before) and not _TOKEN.match(before):
        return False
    if _TOKEN.match(after) or _NTH_TIME.match(after):
        return True
    return not (_FRAME.match(after) or is_listed(after))


def _continuation(line: str) -> Continuation:
    return continuation(line[-80:])


def _between(before: str, after: str, end: Continuation, place: _Place) -> str | None:
    """Return what replaces the line end; None where it stays."""
    if _number_goes_on(before, after) or (before[-1].isdigit() and _UNIT.match(after)):
        return ""
    if begins_inside_a_word(after):
        return ""
    if end is Continuation.ENDS:
        return "" if splits_a_word(before, after) else None
    if end is Continuation.GOES_ON or place.is_inside or cannot_open(after):
        return joint(before, after)
    if is_listed(before) or ":" in before or is_title(before):
        return None
    is_sentence = ends_a_sentence(after) or is_prose(after) or _continuation(after) is not Continuation.OPEN
    if end is Continuation.ADVERBIAL:
        is_wrapped = (is_sentence or place.is_ragged) and not may_be_slogan(before, after)
    else:
        is_wrapped = (is_sentence or place.is_ragged) and _is_sentence_part(before, after, place)
    return joint(before, after) if is_wrapped else None


def _is_sentence_part(before: str, after: str, place: _Place) -> bool:
    """Return whether a line that ends in a noun is no heading."""
    if splits_a_word(before, after):
        return True
    if has_own_topic(after):
        return False
    if opens_a_sentence(before) or place.is_full:
        return True
    return place.is_ragged and (not place.is_first or len(before) >= _SHORTEST_OPEN)


def _number_goes_on(before: str, after: str) -> bool:
    """Return whether a number is split: 1,2⏎34명; not the lines of a list of numbers."""
    if not _SPLIT_NUMBER.search(before) or not _REST_OF_NUMBER.match(after):
        return False
    return not (_NUMBER_ALONE.fullmatch(before) or _NUMBER_ALONE.fullmatch(after) or NUMBER.fullmatch(before))


@STEPS.register("line_wraps")
class LineWraps(EditStep):
    """Joins lines that were broken inside a sentence, a word or a number.
    Headings, lists and paragraphs keep their line ends. In answers only.
    """

    def __init__(self, options: NoOptions) -> None:
        del options

    def edits(self, text: str, field: str) -> Sequence[Edit]:
        return wrap_edits(text) if field == "answer" else []

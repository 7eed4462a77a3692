"""Character counters that a site or a writer left at the end of an answer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from jaso_core.registry import NoOptions
from jaso_core.text.edits import Edit
from jaso_preprocess.rules.idempotence import to_fixpoint
from jaso_preprocess.steps import STEPS, EditStep

_NUMBER = r"[\d,]{1,12}"
_S = r"\s{0,5}"
_BYTES = rf"{_NUMBER}{_S}(?:[Bb]ytes?|바이트)"
_WITH_WORD = rf"글자\s?수{_S}:?{_S}{_NUMBER}{_S}자(?:{_S}[,/]?{_S}{_BYTES})?"
_IN_BRACKETS = (
    rf"[(\[]{_S}(?:공백{_S}(?:포함|제외){_S})?{_NUMBER}{_S}자(?:{_S}[,/]{_S}(?:{_NUMBER}{_S}자|{_BYTES}))?{_S}[)\]]"
)
_COUNTER = rf"(?:{_WITH_WORD}|{_IN_BRACKETS})"
# Two numbers and more, with and without blanks, in characters and bytes: (공백 포함 480자/960byte), 480/500자.
_UNIT = r"(?:글?자|[Bb]ytes?|BYTES?|바이트)"
_WHAT = r"(?:(?:공백|띄어쓰기)\s?(?:포함|제외|미포함)|현재|최대|총|글자\s?수)"
_ITEM = rf"(?:{_WHAT}\s?:?\s?){{0,3}}{_NUMBER}\s?{_UNIT}?(?:\s?\((?:공백|띄어쓰기)\s?(?:포함|제외)\))?"
_ITEMS = rf"{_ITEM}(?:\s{{0,2}}[,/|·]\s{{0,2}}{_ITEM}){{0,3}}"
_SAYS_UNIT = r"(?=[^\n]{0,60}?(?:자|[Bb]yte|BYTE|바이트))"
_SAYS_WHAT = r"(?=[^\n]{0,60}?(?:공백|띄어쓰기|글자|총|현재|최대|/))"
_WIDE = rf"[(\[<〈]{_SAYS_UNIT}\s?{_ITEMS}\s?[)\]>〉]"
_ALONE = rf"{_SAYS_UNIT}{_SAYS_WHAT}{_ITEMS}|\(\s?\d{{2,5}}\s?/\s?\d{{3,5}}\s?\)"
# Only after a finished sentence, alone on a line, or at the answer's end: "글자수 500자를 넘겨" is the writer's own.
# Behind a question that was copied into the answer it is the question's limit.
_BEHIND = r"(?<=[.!。])(?<!세요\.)(?<!시오\.)"
_AT_LINE_END = re.compile(
    rf"(?:{_BEHIND}|^)[ \t]*+(?:{_COUNTER}|{_WIDE})[ \t]*+$|^[ \t]*+(?:{_ALONE})[ \t]*+$", re.MULTILINE
)
_LAST = re.compile(rf"{_COUNTER}\Z")
_LONGEST = 100  # characters of a counter


@STEPS.register("counters")
class Counters(EditStep):
    """Removes "글자수 1,320자 2,066Byte" and "(512자)" from the ends of answer lines."""

    def __init__(self, options: NoOptions) -> None:
        del options

    def edits(self, text: str, field: str) -> Sequence[Edit]:
        return to_fixpoint(text, counter_edits) if field == "answer" else []


def counter_edits(text: str) -> list[Edit]:
    """Return one round of the edits that remove counters."""
    last = _begin_of_last(text)
    edits = [Edit(*match.span(), "", "counter") for match in _AT_LINE_END.finditer(text, 0, last)]
    return [*edits, Edit(last, len(text), "", "counter")] if last < len(text) else edits


def _begin_of_last(text: str) -> int:
    """Return where the counters at the answer's end begin.

    With the blanks before them; the answer's end where there are none.
    """
    begin = len(text)
    while match := _LAST.search(text, max(0, (end := len(text[:begin].rstrip())) - _LONGEST), end):
        begin = match.start()
    return len(text[:begin].rstrip(" \t")) if begin < len(text) else begin

"""Character counters that a site or a writer left at the end of an answer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from jaso_core.registry import NoOptions
from jaso_preprocess.edits import Edit
from jaso_preprocess.settling import settled
from jaso_preprocess.steps import STEPS, EditStep

_NUMBER = r"[\d,]+"
_BYTES = rf"{_NUMBER}\s*(?:[Bb]ytes?|바이트)"
_WITH_WORD = rf"글자\s?수\s*:?\s*{_NUMBER}\s*자(?:\s*[,/]?\s*{_BYTES})?"
_IN_BRACKETS = rf"[(\[]\s*(?:공백\s*(?:포함|제외)\s*)?{_NUMBER}\s*자(?:\s*[,/]\s*(?:{_NUMBER}\s*자|{_BYTES}))?\s*[)\]]"
_COUNTER = rf"(?:{_WITH_WORD}|{_IN_BRACKETS})"
# Only after a finished sentence, alone on a line, or at the answer's end: "글자수 500자를 넘겨" is the writer's own.
# Behind a question that was copied into the answer it is the question's limit.
_BEHIND = r"(?<=[.!。])(?<!세요\.)(?<!시오\.)"
_PLACES = re.compile(rf"(?:{_BEHIND}|^)[ \t]*{_COUNTER}[ \t]*$|[ \t]*{_COUNTER}\s*\Z", re.MULTILINE)


@STEPS.register("counters")
class Counters(EditStep):
    """Takes "글자수 1,320자 2,066Byte" and "(512자)" off the ends of an answer's lines."""

    def __init__(self, options: NoOptions) -> None:
        del options

    def edits(self, text: str, field: str) -> Sequence[Edit]:
        return settled(text, _counters) if field == "answer" else []


def _counters(text: str) -> list[Edit]:
    return [Edit(*found.span(), "", "counter") for found in _PLACES.finditer(text) if found.group()]

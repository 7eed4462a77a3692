"""Character counters that a site or a writer left at the end of an answer."""

from __future__ import annotations

import re

from jaso_core.registry import NoOptions
from jaso_preprocess.steps import STEPS, TextStep

_NUMBER = r"[\d,]+"
_BYTES = rf"{_NUMBER}\s*(?:[Bb]ytes?|바이트)"
_WITH_WORD = rf"글자\s?수\s*:?\s*{_NUMBER}\s*자(?:\s*[,/]?\s*{_BYTES})?"
_IN_BRACKETS = rf"[(\[]\s*(?:공백\s*(?:포함|제외)\s*)?{_NUMBER}\s*자(?:\s*[,/]\s*(?:{_NUMBER}\s*자|{_BYTES}))?\s*[)\]]"
_COUNTER = rf"(?:{_WITH_WORD}|{_IN_BRACKETS})"
# Only after a finished sentence, alone on a line, or at the answer's end: "글자수 500자를 넘겨" is the writer's own.
_PLACES = re.compile(rf"(?:(?<=[.!?。])|^)[ \t]*{_COUNTER}[ \t]*$|[ \t]*{_COUNTER}\s*\Z", re.MULTILINE)


@STEPS.register("counters")
class Counters(TextStep):
    """Takes "글자수 1,320자 2,066Byte" and "(512자)" off the ends of an answer's lines."""

    def __init__(self, options: NoOptions) -> None:
        del options

    def text(self, text: str, field: str) -> str:
        return _PLACES.sub("", text) if field == "answer" else text

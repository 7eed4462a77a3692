"""Rule-based sentence splitter: punctuation only, no model, fast."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from jaso_core.registry import NoOptions
from jaso_preprocess.sentences import SPLITTERS, Splitter
from jaso_preprocess.sentences.quotations import enclosed_spans, is_inside, spans_between

_CLOSING = r"[\"'”’)\]}）」』》〉】]*+"
# After a mark comes white space; or nothing, when Hangul is on both sides (…했습니다.그래서). A run of marks is
# looked at from its beginning only: a million of them must not take a million times a million steps.
_END = re.compile(
    rf"(?:(?<![.!?。？！])[.!?。？！]++{_CLOSING}(?=\s)|(?<!…)…++[.!?]*+(?=\s)|(?<=[다요죠까])[.!?]++(?=[가-힣]))\s*+"
)
# What a full stop is part of: numbering at the head of a line or sentence, dates, initials, a few abbreviations.
_NO_END = re.compile(
    r"(?:(?:^|\s)(?:\d{1,3}|[가나다라마바사아자차카타파하]|[A-Za-z])\.|\d{1,4}\.\s?\d{1,2}\.(?:\s?\d{1,2}\.)?"
    r"|(?i:\b(?:vs|etc|dr|mr|mrs|ms|ph\.d|inc|ltd|co|no|e\.g|i\.e)\.))\s*$"
)
# A quotation that goes on: "…"라고, "…" 하고.
_GOES_ON = re.compile(r"(?:이?라[고는며]|하[고며는]|했|하였|하[시셨])")


@SPLITTERS.register("rules")
class Rules(Splitter):
    """Cuts at `.`, `!`, `?` and `…` outside quotations and brackets.

    A line end always ends a sentence. Blind to sentences without a mark; needs no model.
    """

    def __init__(self, options: NoOptions) -> None:
        del options

    def split(self, texts: Iterable[str]) -> Iterator[list[tuple[int, int]]]:
        for text in texts:
            start, spans = 0, []
            for line in text.split("\n"):
                spans += spans_between(line, _cuts(line), start)
                start += len(line) + 1
            yield spans


def _cuts(line: str) -> list[int]:
    pairs = enclosed_spans(line)
    return [
        match.end()
        for match in _END.finditer(line)
        if match.end() < len(line)
        and not is_inside(match.end(), pairs)
        # Far enough back for everything that _NO_END knows: the whole line would take quadratic time.
        and not _NO_END.search(line[max(0, match.start() - 16) : match.end()])
        and not (line[match.start() : match.end()].rstrip()[-1:] in "\"'”’」』" and _GOES_ON.match(line, match.end()))
    ]

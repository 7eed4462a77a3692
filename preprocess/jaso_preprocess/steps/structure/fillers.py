"""Hesitations and false starts of spoken answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from jaso_core.records import Document, Item
from jaso_core.text.edits import Edit, apply_edits
from jaso_core.text.kiwi import kiwi
from jaso_preprocess.rules.disfluency import (
    AMBIGUOUS,
    NEEDS_TAGS,
    is_hesitation,
)
from jaso_preprocess.rules.idempotence import (
    compose_edits,
    to_fixpoint,
)
from jaso_preprocess.steps import STEPS, EditStep

if TYPE_CHECKING:
    from kiwipiepy import Kiwi, Token

_PAUSE = r"(?:[ \t]?(?:,|…+|\.{2,}|~+|-{1,2}))"
_END = r"(?:[ \t]+|(?=\n)|\Z)"
# Sounds are never words by themselves, but 음 is a musician's note, and 에 a particle that lost its noun.
_NOTE = r"(?<!한 )(?<!두 )(?<!각 )(?<!은 )(?<!든 )(?<!른 )(?!음 (?:이름|높이|하나하나|이탈))"
_SOUND = rf"(?:음|으+음|흠+|어+|아|에|에+또){_PAUSE}+|(?:{_NOTE}음|으+음|흠+|어+|아)(?=\s|\Z)"
_WITH_PAUSE = rf"(?:그|뭐|이제|막|저기|저|뭐랄까|그게|있잖아요){_PAUSE}+"
# 제, 제가 · 경, 경험을 · 그래서 그래서. A noun of one syllable before a comma may begin a list (물, 물병), 네 an
# answer.
_WHOLE = "물불책집일돈말글밤낮산강차길밥술꽃눈손발옷문방곳이삼사오육칠팔구십형네예"
_CUT_OFF = rf"(?![{_WHOLE}])([가-힣]){_PAUSE}+[ \t]+(?=\1[가-힣])"
_AGAIN = r"(저희가|저희는|저희|제가|저는|저도|그래서|그러면|그런데|근데|그러니까|그니까|그리고|하지만|왜냐하면|우리가)"
_TWICE = (
    rf"{_AGAIN}{_PAUSE}*[ \t]+(?=\2(?![가-힣]))|(?:제 (?=제가)|저 (?=저는|저희|저도)|그 (?=그,? |그때|그[런걸렇래러]))"
)
_PLAIN = re.compile(rf"(?<!\S)(?:(?:{_SOUND}|{_WITH_PAUSE}){_END}|{_CUT_OFF}|{_TWICE})")


BEFORE, BEHIND = 15, 25
"""Characters beside a word that Kiwi sees to judge it: a whole answer costs twice the time and tells no more."""


@dataclass(frozen=True)
class FillersOptions:
    """`kinds`: the kinds of document that are spoken. The caller leaves the step out for others."""

    kinds: list[str] = field(default_factory=lambda: ["interview"])


def filler_edits(text: str, kiwi: Kiwi) -> list[Edit]:
    """The fillers of a text, each with the pause and the blanks behind it."""
    found = to_fixpoint(text, _plain)
    while later := _judged(apply_edits(text, found), kiwi):
        found = compose_edits(text, found, later)
        found = compose_edits(text, found, to_fixpoint(apply_edits(text, found), _plain))
    return found


def _plain(text: str) -> list[Edit]:
    """Fillers that need no analysis."""
    return _with_blanks(text, (match.span() for match in _PLAIN.finditer(text)))


def _with_blanks(text: str, spans: Iterable[tuple[int, int]]) -> list[Edit]:
    """At a line's end the blank before the filler goes, else the one behind it; no blank goes twice."""
    found: list[Edit] = []
    for start, end in spans:
        floor = found[-1].end if found else 0
        if end == len(text) or text[end] == "\n":
            while start > floor and text[start - 1] in " \t":
                start -= 1
        else:
            while end < len(text) and text[end] in " \t":
                end += 1
        found.append(Edit(start, end, "", "filler"))
    return found


def _judged(text: str, kiwi: Kiwi) -> list[Edit]:
    """Fillers among the words that are fillers now and then. Only sentences that hold one are analysed."""
    return _with_blanks(text, _hesitations(text, kiwi))


def _hesitations(text: str, kiwi: Kiwi) -> Iterator[tuple[int, int]]:
    for start, end in _sentences(text):
        analysed = _surroundings(text, start, end)
        for match in AMBIGUOUS.finditer(text, start, end):
            tokens, place = _tokens_at(text, match.start(), analysed, kiwi)
            if is_hesitation(text, match.start(), match.end(), tokens, place):
                yield match.span()


def _surroundings(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The words around each 그 and 뭐 of a sentence, as far as its meaning reaches; who touch are one."""
    found: list[tuple[int, int]] = []
    for match in NEEDS_TAGS.finditer(text, start, end):
        first = text.rfind(" ", start, max(start, match.start() - BEFORE)) + 1 or start
        last = text.find(" ", min(end, match.end() + BEHIND), end)
        last = end if last < 0 else last
        if found and first <= found[-1][1]:
            first = found.pop()[0]
        found.append((first, last))
    return found


def _tokens_at(
    text: str, at: int, analysed: Sequence[tuple[int, int]], kiwi: Kiwi
) -> tuple[tuple[Token, ...], int | None]:
    """The tokens around a place, and the number of the one that begins there; None where Kiwi joined it."""
    for start, end in analysed:
        if start <= at < end:
            tokens = _tokens(text[start:end], kiwi)
            return tokens, next((place for place, token in enumerate(tokens) if token.start == at - start), None)
    return (), None


@lru_cache(maxsize=64)
def _tokens(words: str, kiwi: Kiwi) -> tuple[Token, ...]:
    """Remembered, because a text is judged until nothing more is found, and most of it stays."""
    return tuple(kiwi.tokenize(words))


# Who never stops is heard in pieces: Kiwi holds a sentence whole.
_SENTENCE = re.compile(r"[^\n]{0,3000}?(?:(?<![.!?])[.!?]++(?=\s)|\n|\Z)|[^\n]{1000,3000}(?<=[ \t])|[^\n]{3000}")


def _sentences(text: str) -> list[tuple[int, int]]:
    """Sentences with a word to be judged, cut at final punctuation, and not inside of one."""
    spans = [match.span() for match in _SENTENCE.finditer(text) if match.end() > match.start()]
    return [(start, end) for start, end in spans if AMBIGUOUS.search(text, start, end)]


@STEPS.register("fillers", FillersOptions)
class Fillers(EditStep):
    """Takes 어, 음, 그, 뭐, 이제, 막 out of spoken answers where they are no words, and false starts (제, 제가)."""

    def __init__(self, options: FillersOptions) -> None:
        self.options = options

    def item_edits(self, document: Document | None, item: Item) -> Mapping[str, Sequence[Edit]]:
        """Only documents of the kinds that were asked for are spoken."""
        is_spoken = document is None or document.kind in self.options.kinds
        return super().item_edits(document, item) if is_spoken else {}

    def edits(self, text: str, field: str) -> Sequence[Edit]:
        return filler_edits(text, kiwi()) if field == "answer" else []

"""Disfluencies of spoken answers: hesitations and false starts."""

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


_SPOKEN = {"true": True, "false": False, "1": True, "0": False}
BEFORE, BEHIND = 15, 25
"""Characters of context for Kiwi: a whole answer costs twice the time and is no more accurate."""


@dataclass(frozen=True)
class FillersOptions:
    """Options of the fillers step.

    `kinds`: the kinds of document that are spoken. A document's own `meta.spoken` (true or false) goes before: a
    letter may have been dictated, an interview answered in writing.
    """

    kinds: list[str] = field(default_factory=lambda: ["interview"])


def filler_edits(text: str, kiwi: Kiwi) -> list[Edit]:
    """Remove the fillers of a text, each with the pause and the blanks behind it."""
    edits = to_fixpoint(text, _unambiguous_fillers)
    while later := _ambiguous_fillers(apply_edits(text, edits), kiwi):
        edits = compose_edits(text, edits, later)
        edits = compose_edits(text, edits, to_fixpoint(apply_edits(text, edits), _unambiguous_fillers))
    return edits


def _unambiguous_fillers(text: str) -> list[Edit]:
    """Return fillers that need no analysis."""
    return _with_blanks(text, (match.span() for match in _PLAIN.finditer(text)))


def _with_blanks(text: str, spans: Iterable[tuple[int, int]]) -> list[Edit]:
    """Turn spans into deletions with one neighbouring run of blanks.

    At a line's end the blank before the filler goes, else the one behind it; no blank goes twice.
    """
    edits: list[Edit] = []
    for start, end in spans:
        # "어, 저는 음 노력했습니다 어\n네" → deletions (0, 3), (6, 8), (14, 16)
        floor = edits[-1].end if edits else 0
        if end == len(text) or text[end] == "\n":
            while start > floor and text[start - 1] in " \t":
                start -= 1
        else:
            while end < len(text) and text[end] in " \t":
                end += 1
        edits.append(Edit(start, end, "", "filler"))
    return edits


def _ambiguous_fillers(text: str, kiwi: Kiwi) -> list[Edit]:
    """Return fillers among the words that are fillers only sometimes.

    Only sentences that hold such a word are analysed.
    """
    return _with_blanks(text, _hesitations(text, kiwi))


def _hesitations(text: str, kiwi: Kiwi) -> Iterator[tuple[int, int]]:
    for start, end in _sentences(text):
        windows = _analysis_windows(text, start, end)
        for match in AMBIGUOUS.finditer(text, start, end):
            tokens, index = _tokens_at(text, match.start(), windows, kiwi)
            if is_hesitation(text, match.start(), match.end(), tokens, index):
                yield match.span()


def _analysis_windows(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the text windows around each 그 and 뭐 of a sentence, for Kiwi.

    As far as its meaning reaches; overlapping windows are merged.
    """
    windows: list[tuple[int, int]] = []
    for match in NEEDS_TAGS.finditer(text, start, end):
        first = text.rfind(" ", start, max(start, match.start() - BEFORE)) + 1 or start
        last = text.find(" ", min(end, match.end() + BEHIND), end)
        last = end if last < 0 else last
        if windows and first <= windows[-1][1]:
            first = windows.pop()[0]
        windows.append((first, last))
    return windows


def _tokens_at(
    text: str, at: int, windows: Sequence[tuple[int, int]], kiwi: Kiwi
) -> tuple[tuple[Token, ...], int | None]:
    """Return the tokens around an offset, and the index of the one that begins there.

    None where Kiwi joined it.
    """
    for start, end in windows:
        if start <= at < end:
            tokens = _tokens(text[start:end], kiwi)
            return tokens, next((index for index, token in enumerate(tokens) if token.start == at - start), None)
    return (), None


@lru_cache(maxsize=64)
def _tokens(words: str, kiwi: Kiwi) -> tuple[Token, ...]:
    """Tokenize words; cached, because a text is analysed until nothing more is found."""
    return tuple(kiwi.tokenize(words))


# Text without full stops is cut into pieces: Kiwi keeps a whole sentence in memory.
_SENTENCE = re.compile(r"[^\n]{0,3000}?(?:(?<![.!?])[.!?]++(?=\s)|\n|\Z)|[^\n]{1000,3000}(?<=[ \t])|[^\n]{3000}")


def _sentences(text: str) -> list[tuple[int, int]]:
    """Return sentences with a word to be decided, cut at final punctuation."""
    spans = [match.span() for match in _SENTENCE.finditer(text) if match.end() > match.start()]
    return [(start, end) for start, end in spans if AMBIGUOUS.search(text, start, end)]


@STEPS.register("fillers", FillersOptions)
class Fillers(EditStep):
    """Removes fillers (어, 음, 그, 뭐, 이제, 막) and false starts (제, 제가).
    From spoken answers only, and only where they are no words.
    """

    def __init__(self, options: FillersOptions) -> None:
        self.options = options

    def item_edits(self, document: Document | None, item: Item) -> Mapping[str, Sequence[Edit]]:
        """Return edits only for spoken documents."""
        return super().item_edits(document, item) if document is None or self._is_spoken(document) else {}

    def _is_spoken(self, document: Document) -> bool:
        spoken = document.meta.get("spoken")
        if isinstance(spoken, str):  # a column of a table
            spoken = _SPOKEN.get(spoken.strip().lower())
        return spoken if isinstance(spoken, bool) else document.kind in self.options.kinds

    def edits(self, text: str, field: str) -> Sequence[Edit]:
        return filler_edits(text, kiwi()) if field == "answer" else []

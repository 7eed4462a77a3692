"""Kiwi's analyses of texts: made in lists, which is many times faster than one by one, and kept, because several
metrics look at the same texts."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from itertools import pairwise
from sys import intern
from typing import Any, NamedTuple

from jaso_core.text.kiwi import kiwi

SENTENCES = 500
"""Sentences of a text; what comes after them counts as one, or 100,000 characters would make a million pairs."""

_KEPT = 30_000_000
"""Characters of the texts whose analyses are kept, ten bytes and more for each."""

_PIECE = 10_000
"""Characters that are analysed together: the time for one endless word grows with the square of its length."""

_BLANK = re.compile(r"\s")


class Analysis(NamedTuple):
    """A text's morphemes as form/tag, and for each its first and last code point (end excluded) and the number of its
    sentence: lines, and in them Kiwi's sentences. In a tenth of the memory that objects would take."""

    tokens: list[str]
    starts: array[int]
    ends: array[int]
    sentences: array[int]


_analyses: dict[str, Analysis] = {}

threads = -1
"""Of Kiwi; all cores, unless the work is spread over processes already."""


def analysed(texts: Iterable[str]) -> dict[str, Analysis]:
    """By text, in the order of their first appearance."""
    unique = list(dict.fromkeys(texts))
    missing = [text for text in unique if text not in _analyses]
    if sum(map(len, _analyses)) + sum(map(len, missing)) > _KEPT:
        _analyses.clear()
        missing = unique
    made = dict(zip(missing, _analyse(missing), strict=True))
    found = {text: made.get(text) or _analyses[text] for text in unique}
    if sum(map(len, made)) <= _KEPT:
        _analyses.update(made)
    return found


def remember(found: dict[str, Analysis]) -> None:
    """Keeps analyses that another process has made."""
    if sum(map(len, _analyses)) + sum(map(len, found)) <= _KEPT:
        _analyses.update(found)


def taken(*, keep: bool) -> dict[str, Analysis]:
    """What is kept here, to be handed on (nothing, unless `keep`); it is forgotten here."""
    found = dict(_analyses) if keep else {}
    _analyses.clear()
    return found


def kiwi_versions() -> str:
    """For signatures: the analyser and its model."""
    return f"kiwi-{version('kiwipiepy')}/model-{version('kiwipiepy_model')}"


def _analyse(texts: Sequence[str]) -> Iterator[Analysis]:
    cuts = [_cuts(text) for text in texts]
    pieces = [text[a:b] for text, found in zip(texts, cuts, strict=True) for a, b in pairwise(found)]
    answers = kiwi(threads).tokenize(pieces)
    for found in cuts:
        yield _compact([(start, next(answers)) for start in found[:-1]])


def _cuts(text: str) -> list[int]:
    """0, where the text is cut, and its end: at the last blank of each piece, anywhere in an endless word."""
    cuts = [0]
    while len(text) - cuts[-1] > _PIECE:
        start, end = cuts[-1], cuts[-1] + _PIECE
        blank = _BLANK.search(text[start:end][::-1])
        cuts.append(end - blank.start() if blank and blank.start() < _PIECE - 1 else end)
    return [*cuts, len(text)]


def _compact(pieces: Iterable[tuple[int, Sequence[Any]]]) -> Analysis:
    """Of Kiwi's tokens, piece by piece with its place in the text. Each different form/tag is held once."""
    found = Analysis([], array("I"), array("I"), array("I"))
    number, before = -1, None
    for offset, tokens in pieces:
        for token in tokens:
            place = (offset, token.line_number, token.sent_position)
            if place != before:
                number, before = number + 1, place
            found.sentences.append(min(number, SENTENCES - 1))
            found.tokens.append(intern(f"{token.form}/{token.tag}"))
            found.starts.append(offset + token.start)
            found.ends.append(offset + token.end)
    return found

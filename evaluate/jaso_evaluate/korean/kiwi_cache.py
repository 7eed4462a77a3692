"""Cache of Kiwi's morphological analyses, filled in batches.

Batches are many times faster than single texts; results are cached because several metrics read the same texts.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from itertools import pairwise
from sys import intern
from typing import Any, NamedTuple

from jaso_core.text.kiwi import kiwi

MAX_SENTENCES = 500
"""Sentences of a text; what follows counts as one, or 100,000 characters would give a million pairs."""

_CACHE_CHARACTERS = 30_000_000
"""Characters of the texts whose analyses are cached, ten bytes and more for each."""

_CHUNK_CHARACTERS = 10_000
"""Characters analysed together: the time for one endless word grows with the square of its length."""

_BLANK = re.compile(r"\s")


class Analysis(NamedTuple):
    """A text's morphemes as form/tag, with code point offsets and sentence numbers.

    `ends` are exclusive. A sentence is one of Kiwi's within a line. Arrays take a tenth of the memory of objects.
    """

    tokens: list[str]
    starts: array[int]
    ends: array[int]
    sentences: array[int]


_analyses: dict[str, Analysis] = {}

threads = -1
"""Threads of Kiwi; −1 is all cores, for when the work is not spread over processes already."""


def analyse(texts: Iterable[str]) -> dict[str, Analysis]:
    """Return the analysis of each distinct text, in order of first appearance."""
    unique = list(dict.fromkeys(texts))
    missing = [text for text in unique if text not in _analyses]
    if sum(map(len, _analyses)) + sum(map(len, missing)) > _CACHE_CHARACTERS:
        _analyses.clear()
        missing = unique
    new = dict(zip(missing, _analyse(missing), strict=True))
    analyses = {text: new.get(text) or _analyses[text] for text in unique}
    if sum(map(len, new)) <= _CACHE_CHARACTERS:
        _analyses.update(new)
    return analyses


def remember(analyses: dict[str, Analysis]) -> None:
    """Add the analyses of another process to the cache."""
    if sum(map(len, _analyses)) + sum(map(len, analyses)) <= _CACHE_CHARACTERS:
        _analyses.update(analyses)


def drain(*, keep: bool) -> dict[str, Analysis]:
    """Empty the cache; return its contents if `keep`, else nothing."""
    analyses = dict(_analyses) if keep else {}
    _analyses.clear()
    return analyses


def kiwi_versions() -> str:
    """Return the versions of the analyser and its model, for signatures."""
    return f"kiwi-{version('kiwipiepy')}/model-{version('kiwipiepy_model')}"


def _analyse(texts: Sequence[str]) -> Iterator[Analysis]:
    cuts = [chunk_bounds(text) for text in texts]
    pieces = [text[a:b] for text, bounds in zip(texts, cuts, strict=True) for a, b in pairwise(bounds)]
    results = kiwi(threads).tokenize(pieces)
    for bounds in cuts:
        yield _compact([(start, next(results)) for start in bounds[:-1]])


def chunk_bounds(text: str) -> list[int]:
    """Return chunk boundaries, from 0 to the length of the text.

    A chunk ends after its last blank, or anywhere within an endless word.
    """
    cuts = [0]
    while len(text) - cuts[-1] > _CHUNK_CHARACTERS:
        start, end = cuts[-1], cuts[-1] + _CHUNK_CHARACTERS
        # The last blank of the chunk is the first one of the reversed chunk.
        blank = _BLANK.search(text[start:end][::-1])
        cuts.append(end - blank.start() if blank and blank.start() < _CHUNK_CHARACTERS - 1 else end)
    return [*cuts, len(text)]


def _compact(pieces: Iterable[tuple[int, Sequence[Any]]]) -> Analysis:
    """Join Kiwi's tokens of (offset in the text, tokens) chunks into one analysis.

    Each distinct form/tag is stored once (interned).
    """
    analysis = Analysis([], array("I"), array("I"), array("I"))
    number, previous = -1, None
    for offset, tokens in pieces:
        for token in tokens:
            # A sentence ends at the end of a chunk, at a line end, or where Kiwi splits.
            sentence = (offset, token.line_number, token.sent_position)
            if sentence != previous:
                number, previous = number + 1, sentence
            analysis.sentences.append(min(number, MAX_SENTENCES - 1))
            analysis.tokens.append(intern(f"{token.form}/{token.tag}"))
            analysis.starts.append(offset + token.start)
            analysis.ends.append(offset + token.end)
    return analysis

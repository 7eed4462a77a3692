"""Sentences by Kiwi's morphological analysis."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import tee

from jaso_core.registry import NoOptions
from jaso_core.text.kiwi import kiwi
from jaso_preprocess.sentences import SPLITTERS, Splitter


@SPLITTERS.register("kiwi")
class Kiwi(Splitter):
    """kiwipiepy's split_into_sents, line by line: a line end always ends a sentence."""

    def __init__(self, options: NoOptions) -> None:
        del options

    def split(self, texts: Iterable[str]) -> Iterator[list[tuple[int, int]]]:
        originals, analysed = tee(texts)
        lines = (line for text in analysed for line in text.split("\n"))
        sentence_lists = kiwi().split_into_sents(lines)
        for text in originals:
            start, spans = 0, []
            for line in text.split("\n"):
                spans += [(start + s.start, start + s.end) for s in next(sentence_lists) if s.text.strip()]
                start += len(line) + 1
            yield spans

"""Sentences by Kiwi's morphological analysis."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import tee

from jaso_preprocess.analyser import kiwi
from jaso_preprocess.splitters import SPLITTERS, Splitter


@dataclass(frozen=True)
class KiwiOptions:
    """`workers`: threads; 0 means one for each core."""

    workers: int = 0


@SPLITTERS.register("kiwi", KiwiOptions)
class Kiwi(Splitter):
    """kiwipiepy's split_into_sents, line by line: a line end always ends a sentence."""

    def __init__(self, options: KiwiOptions) -> None:
        self.options = options

    def split(self, texts: Iterable[str]) -> Iterator[list[tuple[int, int]]]:
        kept, analysed = tee(texts)
        lines = (line for text in analysed for line in text.split("\n"))
        found = kiwi(self.options.workers).split_into_sents(lines)
        for text in kept:
            start, spans = 0, []
            for line in text.split("\n"):
                spans += [(start + s.start, start + s.end) for s in next(found) if s.text.strip()]
                start += len(line) + 1
            yield spans

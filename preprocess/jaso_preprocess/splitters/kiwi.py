"""Sentences by Kiwi's morphological analysis."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import tee
from typing import TYPE_CHECKING

from jaso_preprocess.splitters import SPLITTERS, Splitter

if TYPE_CHECKING:
    from kiwipiepy import Kiwi as KiwiAnalyser


@dataclass(frozen=True)
class KiwiOptions:
    """`workers`: threads; 0 means one for each core."""

    workers: int = 0


@SPLITTERS.register("kiwi", KiwiOptions)
class Kiwi(Splitter):
    """kiwipiepy's split_into_sents, line by line: a line end always ends a sentence."""

    def __init__(self, options: KiwiOptions) -> None:
        self.options = options
        self._kiwi: KiwiAnalyser | None = None

    def split(self, texts: Iterable[str]) -> Iterator[list[tuple[int, int]]]:
        if self._kiwi is None:
            from kiwipiepy import Kiwi as KiwiAnalyser  # half a gigabyte and a second: only when it is used

            self._kiwi = KiwiAnalyser(num_workers=self.options.workers or os.cpu_count())
        kept, analysed = tee(texts)
        lines = (line for text in analysed for line in text.split("\n"))
        found = self._kiwi.split_into_sents(lines)
        for text in kept:
            start, spans = 0, []
            for line in text.split("\n"):
                spans += [(start + s.start, start + s.end) for s in next(found) if s.text.strip()]
                start += len(line) + 1
            yield spans

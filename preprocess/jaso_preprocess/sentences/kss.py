"""Sentences by kss, if installed; slow, for comparisons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from jaso_core.errors import RequestError
from jaso_preprocess.sentences import SPLITTERS, Splitter

BACKENDS = ("pecab", "mecab", "punct", "fast")


@dataclass(frozen=True)
class KssOptions:
    """Options of the kss splitter.

    `backend`: kss's analyser; mecab must be installed separately, punct and fast use none.
    """

    backend: str = "pecab"


@SPLITTERS.register("kss", KssOptions)
class Kss(Splitter):
    """The kss library (6.x), line by line: a line end always ends a sentence."""

    def __init__(self, options: KssOptions) -> None:
        if options.backend not in BACKENDS:
            raise RequestError(f"sentences.backend: '{options.backend}' is unknown", f"known: {', '.join(BACKENDS)}")
        if find_spec("kss") is None:  # not imported to find out: that takes seconds
            raise RequestError(
                "sentences=kss: the package kss is not installed",
                'pip install "kss>=6,<7", or sentences=careful, which needs nothing more',
            )
        self.options = options

    def split(self, texts: Iterable[str]) -> Iterator[list[tuple[int, int]]]:
        split_sentences = import_module("kss").split_sentences
        for text in texts:
            start, spans = 0, []
            for line in text.split("\n"):
                if line.strip():
                    sentences = split_sentences(line, backend=self.options.backend, num_workers=1)
                    spans += [(start + begin, start + end) for begin, end in align_sentences(line, sentences)]
                start += len(line) + 1
            yield spans


def align_sentences(line: str, sentences: Iterable[str]) -> list[tuple[int, int]]:
    """Align sentences with the line they come from; return their spans.

    Sentences may differ from the line in white space and may have lost characters. A sentence reaches to where the next
    one begins, so that all the line's text is in some span.
    """
    # "가 나다. 라" with "가나다.", "라" → (0, 5), (6, 7): characters are counted without white space
    counts = [len("".join(sentence.split())) for sentence in sentences]
    offsets = [offset for offset, character in enumerate(line) if not character.isspace()]
    spans, at = [], 0
    for number, count in enumerate(counts):
        last = len(offsets) if number == len(counts) - 1 else min(at + count, len(offsets))
        if last > at:
            spans.append((offsets[at], offsets[last - 1] + 1))
        at = max(at, last)
    if at < len(offsets):  # nothing came back
        spans.append((offsets[at], offsets[-1] + 1))
    return spans

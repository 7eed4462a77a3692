"""Sentences by Kiwi with corrections, from a single analysis."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import tee
from typing import TYPE_CHECKING

from jaso_core.registry import NoOptions
from jaso_core.text.kiwi import kiwi
from jaso_preprocess.sentences import SPLITTERS, Splitter
from jaso_preprocess.sentences.boundary_fixes import fix_cuts
from jaso_preprocess.sentences.endings import ends_before, never_opens
from jaso_preprocess.sentences.quotations import enclosed_spans, is_inside, spans_between

if TYPE_CHECKING:
    from kiwipiepy import Sentence

# Kiwi analyses a line as a whole; a longer one is cut to bound the memory.
MAX_LINE = 20_000
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_LAST_MARK = re.compile(r".*[.!?]\s", re.DOTALL)
_LAST_BLANK = re.compile(r".*\s", re.DOTALL)


@SPLITTERS.register("careful")
class Careful(Splitter):
    """Kiwi, and corrections for endings without a mark, quotations, brackets, lists.
    Hesitation dots and laughter too.

    A line end always ends a sentence.
    """

    def __init__(self, options: NoOptions) -> None:
        del options

    def split(self, texts: Iterable[str]) -> Iterator[list[tuple[int, int]]]:
        return (spans for spans, _ in self.counted(texts))

    def counted(self, texts: Iterable[str]) -> Iterator[tuple[list[tuple[int, int]], int]]:
        originals, analysed = tee(texts)
        # Kiwi accepts no lone surrogates; a substitute of one code point keeps the offsets.
        lines = (_LONE_SURROGATE.sub("\u25a1", line) for text in analysed for _, line in pieces(text))
        sentence_lists = kiwi().split_into_sents(lines, return_tokens=True, return_sub_sents=False)
        for text in originals:
            spans: list[tuple[int, int]] = []
            morphemes = 0
            for start, line in pieces(text):
                sentences = next(sentence_lists)
                morphemes += sum(len(sentence.tokens) for sentence in sentences)
                spans += spans_between(line, _cuts(line, sentences), start)
            yield spans, morphemes


def _cuts(line: str, sentences: list[Sentence]) -> list[int]:
    """Return where sentences after the first begin."""
    pairs = enclosed_spans(line)
    tokens = [token for sentence in sentences for token in sentence.tokens]
    # Kiwi also begins sentences with a particle: "가자." 는 말만 했습니다.
    starts = {s.start for s in sentences[1:] if not (s.tokens and never_opens(s.tokens[0]))}
    ends = ends_before(tokens, starts)
    # Boundaries of Kiwi, and endings without a mark that it has missed.
    cuts = {cut for cut in ends if not is_inside(cut, pairs)}
    return fix_cuts(line, sorted(cuts), pairs, {cut for cut in ends if ends[cut]})


def pieces(text: str) -> Iterator[tuple[int, str]]:
    """Yield (start, line) of the lines.

    A line that is too long comes in parts that end after a mark or a blank.
    """
    start = 0
    for line in text.split("\n"):
        at = 0
        while len(line) - at > MAX_LINE:
            # Only the second half is searched for the last mark, so that no part is short. With lines of 10 characters:
            # "가나다라마. 바사아자차카타" → "가나다라마. ", "바사아자차카타"
            window = line[at + MAX_LINE // 2 : at + MAX_LINE]
            last = _LAST_MARK.match(window) or _LAST_BLANK.match(window)
            end = at + (MAX_LINE // 2 + last.end() if last else MAX_LINE)
            yield start + at, line[at:end]
            at = end
        yield start + at, line[at:]
        start += len(line) + 1

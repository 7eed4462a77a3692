"""A text's sentences with their morphemes: lines, and in them Kiwi's sentences."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from jaso_evaluate.korean.kiwi_cache import Analysis, analysed
from jaso_evaluate.korean.tokenizers import composed


class AnalysedSentence(NamedTuple):
    """A sentence and its morphemes as (form, tag)."""

    text: str
    morphemes: tuple[tuple[str, str], ...]


def analysed_sentences(texts: Iterable[str]) -> dict[str, list[AnalysedSentence]]:
    """The sentences of each different text, in NFC. A blank text has none; speech in quotes ends no sentence."""
    unique = list(dict.fromkeys(texts))
    plain = dict(zip(unique, composed(unique), strict=True))
    analyses = analysed(plain.values())
    return {text: _sentences(plain[text], analyses[plain[text]]) for text in unique}


def _sentences(text: str, found: Analysis) -> list[AnalysedSentence]:
    tokens = zip(found.sentences, found.starts, found.ends, found.tokens, strict=True)
    return [_sentence(text, list(part)) for _, part in groupby(tokens, key=lambda token: token[0])]


def _sentence(text: str, tokens: list[tuple[int, int, int, str]]) -> AnalysedSentence:
    start, end = min(token[1] for token in tokens), max(token[2] for token in tokens)
    pairs = (token[3].rpartition("/") for token in tokens)
    return AnalysedSentence(text[start:end], tuple((form, tag) for form, _, tag in pairs))

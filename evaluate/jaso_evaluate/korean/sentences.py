"""Sentence splitting with morphemes: lines, and within them Kiwi's sentences."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from jaso_evaluate.korean.kiwi_cache import Analysis, analyse
from jaso_evaluate.korean.tokenizers import to_nfc


class AnalysedSentence(NamedTuple):
    """A sentence and its morphemes as (form, tag)."""

    text: str
    morphemes: tuple[tuple[str, str], ...]


def analyse_sentences(texts: Iterable[str]) -> dict[str, list[AnalysedSentence]]:
    """Split each distinct text into analysed sentences, in NFC.

    A blank text has none; quoted speech ends no sentence.
    """
    unique = list(dict.fromkeys(texts))
    plain = dict(zip(unique, to_nfc(unique), strict=True))
    analyses = analyse(plain.values())
    return {text: _sentences(plain[text], analyses[plain[text]]) for text in unique}


def _sentences(text: str, analysis: Analysis) -> list[AnalysedSentence]:
    tokens = zip(analysis.sentences, analysis.starts, analysis.ends, analysis.tokens, strict=True)
    return [
        _sentence(text, list(sentence_tokens)) for _, sentence_tokens in groupby(tokens, key=lambda token: token[0])
    ]


def _sentence(text: str, tokens: list[tuple[int, int, int, str]]) -> AnalysedSentence:
    start, end = min(token[1] for token in tokens), max(token[2] for token in tokens)
    pairs = (token[3].rpartition("/") for token in tokens)
    return AnalysedSentence(text[start:end], tuple((form, tag) for form, _, tag in pairs))

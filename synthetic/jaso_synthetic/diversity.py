"""Lexical diversity of a set of texts: distinct-n, repeated sentences."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_BREAK = re.compile(r"(?<=[.!?])\s+|\n+")


def sentences(text: str) -> list[str]:
    """Split at sentence-final punctuation and line breaks.

    Good enough for clean synthetic text.
    """
    return [part.strip() for part in _BREAK.split(text) if part.strip()]


def _distinct(texts: Sequence[list[str]], n: int) -> float:
    grams = [tuple(words[i : i + n]) for words in texts for i in range(len(words) - n + 1)]
    return len(set(grams)) / len(grams) if grams else 0.0


def quality(texts: Sequence[str]) -> dict[str, float]:
    """Measure the diversity of texts; words are separated by white space (eojeol).

    Returns:
        distinct_1/2/3: different n-grams / all n-grams; repeated_sentences: share of sentences whose
        exact text occurs more than once; vocabulary: different words; mean_chars: per text; tokens: words.
    """
    words = [text.split() for text in texts]
    counts = Counter(sentence for text in texts for sentence in sentences(text))
    total = sum(counts.values())
    return {
        "texts": float(len(texts)),
        "tokens": float(sum(map(len, words))),
        "vocabulary": float(len({word for text in words for word in text})),
        "distinct_1": _distinct(words, 1),
        "distinct_2": _distinct(words, 2),
        "distinct_3": _distinct(words, 3),
        "sentences": float(total),
        "repeated_sentences": sum(n for n in counts.values() if n > 1) / total if total else 0.0,
        "mean_chars": sum(map(len, texts)) / len(texts) if texts else 0.0,
    }

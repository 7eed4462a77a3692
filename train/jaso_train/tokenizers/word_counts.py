"""Count the words of a corpus: the input of every tokenizer trainer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jaso_train.tokenizers.pre_tokenization import LONGEST, SPACE, unicode_to_byte, word_pre_tokenizer


@dataclass(frozen=True)
class Words:
    """The distinct words, sorted, and `counts` (int64), how often each occurs.

    Sorted, so that the order of the texts has no effect. `alphabet`: the symbols of the words, sorted by code point;
    with bytes all 256. `unknown`: characters in the texts that are outside of it, each occurrence counted.
    """

    words: list[str]
    counts: NDArray[np.int64]
    alphabet: list[str]
    unknown: int = 0


def count_words(texts: Iterable[str], units: str, limit: int | None) -> Words:
    """Count the words of texts, in one pass; memory grows with the distinct words.

    `limit`: characters in the alphabet.
    """
    pre_tokenize = word_pre_tokenizer(units).pre_tokenize_str
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update([word for word, _ in pre_tokenize(text)])
    if units == "bytes":
        return _sorted_words(_split_long(counts), sorted(unicode_to_byte()), 0)
    characters: Counter[str] = Counter()
    for word, count in counts.items():
        for character in word:
            characters[character] += count
    space = characters.pop(SPACE, 0)
    del space  # always known, and not counted against the limit
    by_count = sorted(characters, key=lambda character: (-characters[character], character))
    alphabet = sorted([SPACE, *by_count[:limit]])
    known_parts = _split_at_unknown(counts, alphabet)
    unknown = sum(characters[character] for character in by_count[len(alphabet) - 1 :])
    return _sorted_words(_split_long(known_parts), alphabet, unknown)


def _split_at_unknown(counts: Counter[str], alphabet: list[str]) -> Counter[str]:
    outside = re.compile(f"[^{re.escape(''.join(alphabet))}]")
    parts: Counter[str] = Counter()
    for word, count in counts.items():
        for part in outside.split(word):
            if part:
                parts[part] += count
    return parts


def _split_long(counts: Counter[str]) -> Counter[str]:
    for word in [word for word in counts if len(word) > LONGEST]:
        count = counts.pop(word)
        for start in range(0, len(word), LONGEST):
            counts[word[start : start + LONGEST]] += count
    return counts


def _sorted_words(counts: Counter[str], alphabet: list[str], unknown: int) -> Words:
    words = sorted(counts)
    return Words(words, np.array([counts[word] for word in words], dtype=np.int64), alphabet, unknown)


def symbols(words: list[str], alphabet: list[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the words end to end as alphabet indices, and each word's length."""
    # words ["ba", "a"], alphabet ["a", "b"] → [1, 0, 0], [2, 1].
    points = np.frombuffer("".join(words).encode("utf-32-le"), dtype=np.uint32).astype(np.int64)
    code_points = np.array([ord(symbol) for symbol in alphabet], dtype=np.int64)
    return np.searchsorted(code_points, points), np.array([len(word) for word in words], dtype=np.int64)

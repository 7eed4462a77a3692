"""From texts to counted words: all that a trainer sees of the corpus."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jaso_train.tokenizers.pre_tokenization import LONGEST, SPACE, byte_spelling, divider


@dataclass(frozen=True)
class Words:
    """The words that occur, sorted, so that the order of the texts leaves no trace; `counts` (int64) how often each.

    `alphabet`: the symbols of the words, sorted by code point; with bytes all 256. `unknown`: characters in the texts
    that are outside of it, each occurrence counted.
    """

    words: list[str]
    counts: NDArray[np.int64]
    alphabet: list[str]
    unknown: int = 0


def count_words(texts: Iterable[str], units: str, limit: int | None) -> Words:
    """Reads the texts once; what is held grows with the different words. `limit`: characters in the alphabet."""
    divide = divider(units).pre_tokenize_str
    found: Counter[str] = Counter()
    for text in texts:
        found.update([word for word, _ in divide(text)])
    if units == "bytes":
        return _sorted(_short(found), sorted(byte_spelling()), 0)
    characters: Counter[str] = Counter()
    for word, count in found.items():
        for character in word:
            characters[character] += count
    space = characters.pop(SPACE, 0)
    del space  # always known, and not counted against the limit
    by_count = sorted(characters, key=lambda character: (-characters[character], character))
    alphabet = sorted([SPACE, *by_count[:limit]])
    kept = _split_at_unknown(found, alphabet)
    unknown = sum(characters[character] for character in by_count[len(alphabet) - 1 :])
    return _sorted(_short(kept), alphabet, unknown)


def _split_at_unknown(found: Counter[str], alphabet: list[str]) -> Counter[str]:
    outside = re.compile(f"[^{re.escape(''.join(alphabet))}]")
    kept: Counter[str] = Counter()
    for word, count in found.items():
        for part in outside.split(word):
            if part:
                kept[part] += count
    return kept


def _short(found: Counter[str]) -> Counter[str]:
    for word in [word for word in found if len(word) > LONGEST]:
        count = found.pop(word)
        for start in range(0, len(word), LONGEST):
            found[word[start : start + LONGEST]] += count
    return found


def _sorted(found: Counter[str], alphabet: list[str], unknown: int) -> Words:
    words = sorted(found)
    return Words(words, np.array([found[word] for word in words], dtype=np.int64), alphabet, unknown)


def symbols(words: list[str], alphabet: list[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The words end to end as places in the alphabet, and the length of each word."""
    points = np.frombuffer("".join(words).encode("utf-32-le"), dtype=np.uint32).astype(np.int64)
    known = np.array([ord(symbol) for symbol in alphabet], dtype=np.int64)
    return np.searchsorted(known, points), np.array([len(word) for word in words], dtype=np.int64)

"""What Kiwi says about single words, remembered: is it an ordinary noun, and where do its particles begin?

Only words that a rule has already found suspicious are analysed, so that masking costs little.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from jaso_core.text.kiwi import kiwi

if TYPE_CHECKING:
    from kiwipiepy import Token

# Below this are Kiwi's own placeholders for words that its dictionary does not hold.
_FIRST_KNOWN = 100
_NOUN_PARTS = ("NNG", "XPN", "XSN", "NNB", "NR", "MM", "SN", "SL", "XR")


@lru_cache(maxsize=100_000)
def tokens(word: str) -> tuple[Token, ...]:
    """Kiwi's tokens of one word or short phrase."""
    return tuple(kiwi().tokenize(word))


@lru_cache(maxsize=100_000)
def is_ordinary(word: str) -> bool:
    """Whether the word is made of common nouns of the dictionary, each of two syllables or more (산업, 인공지능)."""
    found = tokens(word)
    nouns = [token for token in found if token.tag == "NNG"]
    return (
        bool(nouns)
        and all(token.tag in _NOUN_PARTS and token.id >= _FIRST_KNOWN for token in found)
        and all(len(token.form) >= 2 for token in nouns)
    )


@lru_cache(maxsize=100_000)
def is_proper(word: str) -> bool:
    """Whether Kiwi knows the word as one proper noun."""
    found = tokens(word)
    return len(found) == 1 and found[0].tag == "NNP" and found[0].id >= _FIRST_KNOWN


@lru_cache(maxsize=100_000)
def without_particles(word: str) -> str:
    """The word up to its particles and endings: 가나다에서 → 가나다. At least two characters stay."""
    end = len(word)
    for token in reversed(tokens(word)):
        if not token.tag.startswith(("J", "E", "VCP", "S")) or token.tag == "SL" or token.tag == "SN":
            break
        end = min(end, token.start)
    return word[:end] if end >= 2 else word


@lru_cache(maxsize=100_000)
def stands_alone(phrase: str, start: int, end: int) -> bool:
    """Whether phrase[start:end] begins and ends with tokens, the last a noun: 사람인 in "사람인데" does not."""
    found = [token for token in tokens(phrase) if token.start < end and token.start + token.len > start]
    return (
        bool(found)
        and found[0].start == start
        and found[-1].start + found[-1].len == end
        and found[-1].tag.startswith(("N", "S", "X"))
    )

"""Cached morphological analysis of single words: common nouns and particles.

Only words that a rule has already found suspicious are analysed, so that masking costs little.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from jaso_core.text.kiwi import kiwi

if TYPE_CHECKING:
    from kiwipiepy import Token

# Smaller ids are Kiwi's placeholders for words outside its dictionary.
_FIRST_KNOWN = 100
# Ids of nouns that Kiwi made up: suffixes of the dictionary have ids from some 90 on.
_LAST_GUESS = 50
_NOUN_PARTS = ("NNG", "XPN", "XSN", "NNB", "NR", "MM", "SN", "SL", "XR")


@lru_cache(maxsize=100_000)
def analyse(word: str) -> tuple[Token, ...]:
    """Return Kiwi's tokens of one word or short phrase."""
    return tuple(kiwi().tokenize(word))


@lru_cache(maxsize=100_000)
def is_common_noun(word: str) -> bool:
    """Whether the word consists of common nouns of the dictionary (산업, 인공지능).

    Each noun has two syllables or more.
    """
    parts = analyse(word)
    nouns = [token for token in parts if token.tag == "NNG"]
    return (
        bool(nouns)
        and all(token.tag in _NOUN_PARTS and token.id >= _FIRST_KNOWN for token in parts)
        and all(len(token.form) >= 2 for token in nouns)
    )


@lru_cache(maxsize=100_000)
def is_dictionary_compound(word: str) -> bool:
    """Whether all parts are nouns and affixes of the dictionary (외국계, 2차전지).

    Latin letters count, as in IT기업, beside a noun; proper nouns do not.
    """
    parts = analyse(word)
    nouns = [token for token in parts if token.tag == "NNG"]
    return bool(nouns) and all(
        token.tag in ("SL", "SN") or (token.tag in _NOUN_PARTS and token.id >= _FIRST_KNOWN) for token in parts
    )


@lru_cache(maxsize=100_000)
def is_ordinary_word(word: str) -> bool:
    """Whether the word stands in the dictionary with no part that Kiwi guesses.

    빙그레, 무지개, 밝은 and 솔 are words; 뮤닉스 is none, so that it can only be a name.
    """
    return not any(is_guess(token) for token in analyse(word))


def is_guess(token: Token) -> bool:
    """Whether Kiwi made the noun up: it has none of that form."""
    return token.tag in ("NNG", "NNP") and token.id < _LAST_GUESS


@lru_cache(maxsize=100_000)
def is_proper_noun(word: str) -> bool:
    """Whether Kiwi knows the word as one proper noun."""
    parts = analyse(word)
    return len(parts) == 1 and parts[0].tag == "NNP" and parts[0].id >= _FIRST_KNOWN


@lru_cache(maxsize=100_000)
def strip_particles(word: str) -> str:
    """Remove particles and endings: 가나다에서 → 가나다. At least two characters remain."""
    end = len(word)
    for token in reversed(analyse(word)):
        if not token.tag.startswith(("J", "E", "VCP", "S")) or token.tag == "SL" or token.tag == "SN":
            break
        end = min(end, token.start)
    return word[:end] if end >= 2 else word


@lru_cache(maxsize=100_000)
def is_separate_word(phrase: str, start: int, end: int) -> bool:
    """Whether phrase[start:end] begins and ends with tokens, the last one a noun.

    사람인 in "사람인데" does not.
    """
    covered = [token for token in analyse(phrase) if token.start < end and token.start + token.len > start]
    return (
        bool(covered)
        and covered[0].start == start
        and covered[-1].start + covered[-1].len == end
        and covered[-1].tag.startswith(("N", "S", "X"))
    )


@lru_cache(maxsize=100_000)
def is_phrase(stem: str) -> bool:
    """Whether the stem ends like a modifier written without a blank before its noun.

    나오는데이터, 전공인데이터, 좋은소재, 깨끗한에너지.
    """
    *before, last = analyse(stem)
    if last.tag == "MM" or last.form in ("는", "던"):
        return True
    if last.tag == "ETM" and last.form in ("ᆫ", "ᆯ", "은", "을"):
        if before and before[-1].tag == "VCP":
            return is_common_noun(stem[: before[-1].start])
        return bool(before) and before[-1].tag.startswith(("VA", "XSA"))
    return last.tag.startswith(("E", "J")) and len(last.form) > 1

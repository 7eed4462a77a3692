"""Romanisation of Hangul, and matching of romanised names (Samsung, samseong)."""

from __future__ import annotations

import re
from itertools import product

from jaso_core.masking.organisations.industry_lexicon import FIELD_LETTERS, PUBLIC_LETTERS


def _parse_letters(table: str) -> list[str]:
    return ["" if letters == "-" else letters for letters in table.split()]


_FIRST = _parse_letters("g kk n d tt r m b pp s ss - j jj ch k t p h")
_VOWEL = _parse_letters("a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i")
_LAST = _parse_letters("- k k k n n n t l k m l l l p l m p p t t ng t t k t p t")


def romanise(text: str) -> str:
    """Return the Revised Romanization, syllable by syllable; other characters remain."""
    return "".join(map(_syllable, text))


def _syllable(character: str) -> str:
    code = ord(character) - 0xAC00
    if not 0 <= code < 11172:
        return character
    return _FIRST[code // 588] + _VOWEL[code % 588 // 28] + _LAST[code % 28]


_SAME = [(re.compile(pattern), letter) for pattern, letter in (("ch|jj", "j"), ("kk|g(?!$)|c|q", "k"), ("tt|d", "t"))]
_SAME += [(re.compile(pattern), letter) for pattern, letter in (("pp|b|f|v", "p"), ("l+|r+", "r"), ("ss|z", "s"))]
_VOWELS = re.compile(r"[aeiouyw]+")


def skeleton(latin: str) -> str:
    """Return the consonants, equal for all romanisations: samsung, samseong → smsnk."""
    letters = latin.lower()
    for pattern, letter in _SAME:
        letters = pattern.sub(letter, letters)
    return re.sub(r"(.)\1+", r"\1", _VOWELS.sub("", letters.replace("g", "k")))


_WORDS = sorted({**FIELD_LETTERS, **PUBLIC_LETTERS}, key=len, reverse=True)
_SPLIT = re.compile("|".join(_WORDS) + "|.")


def acronyms(name: str) -> frozenset[str]:
    """Return possible acronyms of a public body: 한국방송공사 → KBS, KBC, KBA …

    Derived from the words of the name; an acronym of another origin needs the user's alias table.
    """
    parts = _split_words(name)
    known_parts = [part for part in parts if part in FIELD_LETTERS or part in PUBLIC_LETTERS]
    if len(parts) < 3 or len(parts) > 6 or parts[-1] not in PUBLIC_LETTERS or len(known_parts) < 2:
        return frozenset()
    # 한국, 방송, 공사 → (K | KO) (B) (C | S | CO | A) → 8 acronyms
    choices = [_letters(part) for part in parts]
    return frozenset(word for word in map("".join, product(*choices)) if 3 <= len(word) <= 6)


def _split_words(name: str) -> list[str]:
    """Split a name into known words and what is between them."""
    parts: list[str] = []
    starts_part = True
    for part in _SPLIT.findall(name):
        if len(part) > 1:
            parts.append(part)
            starts_part = True
        elif starts_part:
            parts.append(part)
            starts_part = False
        else:
            parts[-1] += part
    return parts


def _letters(part: str) -> tuple[str, ...]:
    letters = PUBLIC_LETTERS.get(part) or FIELD_LETTERS.get(part)
    return letters or (romanise(part)[:1].upper(),)

"""Hangul in Latin letters, and the loose comparison that company spellings need (Samsung for 삼성 = samseong)."""

from __future__ import annotations

import re
from itertools import product

from jaso_core.masking.organisations.industry_lexicon import FIELD_LETTERS, PUBLIC_LETTERS


def _letters_of(table: str) -> list[str]:
    return ["" if letters == "-" else letters for letters in table.split()]


_FIRST = _letters_of("g kk n d tt r m b pp s ss - j jj ch k t p h")
_VOWEL = _letters_of("a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i")
_LAST = _letters_of("- k k k n n n t l k m l l l p l m p p t t ng t t k t p t")


def romanise(text: str) -> str:
    """Revised Romanization syllable by syllable; other characters stay."""
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
    """The consonants without the differences that romanisations have: samsung and samseong are both smsnk."""
    letters = latin.lower()
    for pattern, letter in _SAME:
        letters = pattern.sub(letter, letters)
    return re.sub(r"(.)\1+", r"\1", _VOWELS.sub("", letters.replace("g", "k")))


_WORDS = sorted({**FIELD_LETTERS, **PUBLIC_LETTERS}, key=len, reverse=True)
_SPLIT = re.compile("|".join(_WORDS) + "|.")


def short_names(name: str) -> frozenset[str]:
    """Capital letters under which a public body may be known: 한국방송공사 → KBS, KBC, KBA …

    Read off the words of the name; a body whose short name has another origin needs the user's alias table.
    """
    parts = _parts(name)
    known = [part for part in parts if part in FIELD_LETTERS or part in PUBLIC_LETTERS]
    if len(parts) < 3 or len(parts) > 6 or parts[-1] not in PUBLIC_LETTERS or len(known) < 2:
        return frozenset()
    choices = [_letters(part) for part in parts]
    return frozenset(word for word in map("".join, product(*choices)) if 3 <= len(word) <= 6)


def _parts(name: str) -> list[str]:
    """The name cut into known words and what lies between them."""
    parts: list[str] = []
    fresh = True
    for found in _SPLIT.findall(name):
        if len(found) > 1:
            parts.append(found)
            fresh = True
        elif fresh:
            parts.append(found)
            fresh = False
        else:
            parts[-1] += found
    return parts


def _letters(part: str) -> tuple[str, ...]:
    known = PUBLIC_LETTERS.get(part) or FIELD_LETTERS.get(part)
    return known or (romanise(part)[:1].upper(),)

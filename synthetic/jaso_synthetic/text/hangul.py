"""Hangul arithmetic: final consonants (jongseong), spoken endings, particles."""

from __future__ import annotations

import re
from functools import lru_cache

from jaso_synthetic.text.lexicon import load

_BASE, _END = 0xAC00, 0xD7A3
RIEUL = 8  # index of final ㄹ

# digits as they are read: 3 is 삼, which ends in ㅁ (16)
_DIGIT_FINAL = {"0": 21, "1": 8, "2": 0, "3": 16, "4": 0, "5": 0, "6": 1, "7": 8, "8": 8, "9": 0}
_LETTER_FINAL = {"L": RIEUL, "R": RIEUL, "M": 16, "N": 4}  # 엘 알 엠 엔; other letter names end in a vowel

# Longest first, since the first match wins. Value: (after a consonant, after a vowel)
_PARTICLES = {
    "이에요": ("이에요", "예요"),
    "이어서": ("이어서", "여서"),
    "이라": ("이라", "라"),
    "이나": ("이나", "나"),
    "이며": ("이며", "며"),
    "이고": ("이고", "고"),
    "이란": ("이란", "란"),
    "이든": ("이든", "든"),
    "이었": ("이었", "였"),
    "으로": ("으로", "로"),
    "은": ("은", "는"),
    "이": ("이", "가"),
    "을": ("을", "를"),
    "과": ("과", "와"),
}
MARK = "^"
_MARKED = re.compile(r"\^(" + "|".join(_PARTICLES) + ")")


def final_of(syllable: str) -> int:
    """Return the index 0-27 of a syllable's final consonant (0: none, 8: ㄹ).

    Raises:
        ValueError: the character is no Hangul syllable.
    """
    code = ord(syllable)
    if not _BASE <= code <= _END:
        raise ValueError(f"no Hangul syllable: {syllable!r}")
    return (code - _BASE) % 28


def with_final(syllable: str, final: int) -> str:
    """Return the same syllable with another final consonant."""
    code = ord(syllable) - _BASE
    return chr(_BASE + code - code % 28 + final)


@lru_cache(maxsize=4096)
def spoken_final(text: str) -> int:
    """Return the index of the final consonant pronounced at the end of ``text``."""
    text = re.sub(r"\([A-Za-z]+\)$", "", text)  # 진흥원(KVB)이: the bracket is silent
    text = text.rstrip(")]\"'”’」 .%") if not text.endswith("%") else "퍼센트"
    if not text:
        return 0
    last = text[-1]
    if _BASE <= ord(last) <= _END:
        return final_of(last)
    if last.isdigit():
        return _DIGIT_FINAL.get(last, 0)
    latin_match = re.search(r"[A-Za-z+#]+$", text)
    word = latin_match.group() if latin_match else ""
    finals: dict[str, str] = load("latin")["finals"]
    if word in finals:
        return final_of(finals[word][-1])
    return _LETTER_FINAL.get(last.upper(), 0)


def particle(before: str, mark: str) -> str:
    """Return the form of a particle after ``before``: particle("서울", "으로") == "로"."""
    final = spoken_final(before)
    # 서울로 but 팀으로: 으로 contracts after ㄹ, too
    closed, open_ = _PARTICLES[mark]
    if mark == "으로" and final == RIEUL:
        return open_
    return closed if final else open_


def resolve_particles(text: str, before: str = "") -> str:
    """Replace every ``^은``-style mark by the particle that fits the text before it.

    ``before`` is what is spoken just before ``text`` where the text itself begins with a mark.
    """
    if MARK not in text:
        return text
    parts: list[str] = []
    position = 0
    for match in _MARKED.finditer(text):
        # "SQL^으로" → "SQL로": 에스큐엘 ends in ㄹ. At the start of the text `before` decides.
        parts.append(text[position : match.start()])
        context = text[max(0, match.start() - 24) : match.start()] or before
        parts.append(particle(context, match.group(1)))
        position = match.end()
    parts.append(text[position:])
    return "".join(parts)

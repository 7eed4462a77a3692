"""Korean particles after a value: 을(를), 이(가), 은(는), 과(와), (으)로."""

from __future__ import annotations

import re

_PAIRS = {"을(를)": ("을", "를"), "이(가)": ("이", "가"), "은(는)": ("은", "는"), "과(와)": ("과", "와")}
_TO = "(으)로"
_PARTICLE = re.compile(r"(\S?)(" + "|".join(map(re.escape, (*_PAIRS, _TO))) + ")")
_CLOSING = "'\"’”)]`"

_RIEUL = 8
"""Number of the final consonant ㄹ, after which it is 로: 서울로."""

# 영 일 이 삼 사 오 육 칠 팔 구: their final consonants, by number as in a syllable's code.
_DIGITS = dict(zip("0123456789", (21, 8, 0, 16, 0, 0, 1, 8, 8, 0), strict=True))


def choose_particles(text: str) -> str:
    """Replace each double form by the one that its word takes: 파일을(를) → 파일을.

    After a word whose sound is not known, such as an English one, both forms stay.
    """
    parts, end = [], 0
    for match in _PARTICLE.finditer(text):
        final = _final_consonant(text[: match.start(2)].rstrip(_CLOSING)[-1:])
        form = match[2]
        if final is not None:
            form = _choose(form, final)
        parts += [text[end : match.start(2)], form]
        end = match.end()
    return "".join([*parts, text[end:]])


def _choose(form: str, final: int) -> str:
    if form == _TO:
        return "로" if final in (0, _RIEUL) else "으로"
    with_final, without = _PAIRS[form]
    return with_final if final else without


def _final_consonant(character: str) -> int | None:
    """Return the number of the final consonant of what is read, 0 for none."""
    if "가" <= character <= "힣":
        return (ord(character) - ord("가")) % 28
    return 0 if character == "%" else _DIGITS.get(character)  # 퍼센트

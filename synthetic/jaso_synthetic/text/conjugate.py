"""Korean verb conjugation: dictionary form + ending -> surface form.

An ending's first letters say how it attaches: ``았…`` past, ``아…`` infinitive, ``으…`` with 으 after a
consonant, ``ㄴ… ㄹ… ㅂ…`` a jamo that joins an open syllable, anything else as it is. The rest of the
ending is copied, so it may hold spaces: conjugate("서버를 만들다", "아 왔습니다") == "서버를 만들어 왔습니다".
"""

from __future__ import annotations

from functools import lru_cache

from jaso_synthetic.text.hangul import RIEUL, final_of, with_final

_SSANG_SIOS = 20  # final ㅆ
_JAMO_FINAL = {"ㄴ": 4, "ㄹ": RIEUL, "ㅂ": 17}
_CLOSED_FORM = {"ㄴ": "은", "ㄹ": "을", "ㅂ": "습"}

# last syllables of irregular stems in the lexicon
_P_IRREGULAR = ("돕", "쉽", "어렵", "가깝", "새롭", "가볍", "무겁", "즐겁", "고맙", "아쉽", "까다롭", "굽", "줍")
_D_IRREGULAR = ("듣", "깨닫", "묻", "걷", "싣")
_S_IRREGULAR = ("짓", "잇", "낫", "젓")
_REU_REGULAR = ("따르", "치르", "들르", "우러르")
_D_REGULAR = ("파묻",)


def _vowel(syllable: str) -> int:
    # A Hangul syllable is 0xAC00 + (lead * 21 + vowel) * 28 + final: 한 → lead 18, vowel 0, final 4
    return (ord(syllable) - 0xAC00) // 28 % 21


def _set_vowel(syllable: str, vowel: int, final: int) -> str:
    code = ord(syllable) - 0xAC00
    return chr(0xAC00 + code // 588 * 588 + vowel * 28 + final)


_BRIGHT = (0, 8)  # ㅏ ㅗ: vowel harmony, these take 아 and all others 어
# open-stem contractions, stem vowel -> vowel after joining 아/어: 8 -> 9 is 보 + 아 → 봐, 20 -> 6 is 마시 + 어 → 마셔
_CONTRACTED_VOWEL = {0: 0, 1: 1, 4: 4, 5: 5, 6: 6, 8: 9, 13: 14, 20: 6, 11: 10, 18: 4}


def _open_infinitive(stem: str) -> str:
    last = stem[-1]
    if last == "하":
        return stem[:-1] + "해"
    if last == "르" and not stem.endswith(_REU_REGULAR) and len(stem) > 1:
        # 르-irregular: 모르 → 몰라
        head = with_final(stem[-2], RIEUL)
        return stem[:-2] + head + ("라" if _vowel(stem[-2]) in _BRIGHT else "러")
    vowel = _vowel(last)
    if vowel == 18:  # ㅡ drops: 쓰 -> 써, 모으 -> 모아
        bright = len(stem) > 1 and "가" <= stem[-2] <= "힣" and _vowel(stem[-2]) in _BRIGHT
        return stem[:-1] + _set_vowel(last, 0 if bright else 4, 0)
    if vowel in _CONTRACTED_VOWEL:
        return stem[:-1] + _set_vowel(last, _CONTRACTED_VOWEL[vowel], 0)
    return stem + "어"  # 뛰어, 띄어


def infinitive(stem: str) -> str:
    """Return the 아/어 form of a stem: 설계하 -> 설계해, 돕 -> 도와, 만들 -> 만들어."""
    last = stem[-1]
    final = final_of(last)
    if not final:
        return _open_infinitive(stem)
    if stem.endswith(_P_IRREGULAR):
        # ㅂ-irregular: 돕 → 도와, 어렵 → 어려워
        return stem[:-1] + with_final(last, 0) + ("와" if last == "돕" else "워")
    if stem.endswith(_D_IRREGULAR) and not stem.endswith(_D_REGULAR):
        # ㄷ-irregular: 듣 → 들어, but 파묻 → 파묻어
        stem = stem[:-1] + with_final(last, RIEUL)
    elif stem.endswith(_S_IRREGULAR):
        # ㅅ-irregular: 짓 → 지어
        stem = stem[:-1] + with_final(last, 0)
    return stem + ("아" if _vowel(last) in _BRIGHT else "어")


def _linking_stem(stem: str) -> tuple[str, str]:
    """Return the stem and its linking vowel before an ending that begins with 으."""
    last = stem[-1]
    final = final_of(last)
    if not final or final == RIEUL:
        return stem, ""
    if stem.endswith(_P_IRREGULAR):
        return stem[:-1] + with_final(last, 0) + "우", ""
    if stem.endswith(_D_IRREGULAR) and not stem.endswith(_D_REGULAR):
        return stem[:-1] + with_final(last, RIEUL), "으"
    if stem.endswith(_S_IRREGULAR):
        return stem[:-1] + with_final(last, 0), "으"
    return stem, "으"


def _with_jamo(stem: str, jamo: str) -> str:
    if jamo == "ㅂ" and final_of(stem[-1]) not in (0, RIEUL):
        return stem + "습"
    linking, link = _linking_stem(stem)
    if link:
        return linking + _CLOSED_FORM[jamo]
    return linking[:-1] + with_final(linking[-1], _JAMO_FINAL[jamo])


@lru_cache(maxsize=65536)
def _conjugate_stem(stem: str, ending: str) -> str:
    first, rest = ending[0], ending[1:]
    if ending.startswith("ㄴ다") and final_of(stem[-1]) not in (0, RIEUL):
        return stem + "는" + rest  # 찾는다, 않는다
    if first in _JAMO_FINAL:
        return _with_jamo(stem, first) + rest
    if first == "았":
        head = infinitive(stem)
        return head[:-1] + with_final(head[-1], _SSANG_SIOS) + rest
    if first == "아":
        return infinitive(stem) + rest
    if first == "으":
        linking, link = _linking_stem(stem)
        return linking + link + rest
    if first in "는니네" and final_of(stem[-1]) == RIEUL:
        return stem[:-1] + with_final(stem[-1], 0) + ending
    return stem + ending


def conjugate(phrase: str, ending: str) -> str:
    """Conjugate the verb that ends ``phrase``.

    Raises:
        ValueError: the phrase does not end in a dictionary form (…다).
    """
    if not phrase.endswith("다"):
        raise ValueError(f"not a dictionary form: {phrase!r}")
    head, _, verb = phrase[:-1].rpartition(" ")
    return f"{head} {_conjugate_stem(verb, ending)}" if head else _conjugate_stem(verb, ending)

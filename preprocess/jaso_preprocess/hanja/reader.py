"""Hanja to Hangul: initial-sound rule (두음법칙), irregular words, 不, 率, 金, 年."""

from __future__ import annotations

import re
import unicodedata

from jaso_preprocess.hanja.lexicon import (
    LAST_SUFFIXES,
    LONGEST_WORD,
    NEW_BEGINNINGS,
    NUMERALS,
    PREFIXES,
    READ_AS,
    SUFFIXES,
    UNITS,
)
from jaso_preprocess.hanja.table import readings

_BLOCK, _VOWEL_BLOCK = 588, 28
_N, _D, _R, _NONE, _J = 2, 3, 5, 11, 12  # initial consonants by their number in a syllable's code
_Y_VOWELS = {2, 3, 6, 7, 12, 17, 20}  # ㅑ ㅒ ㅕ ㅖ ㅛ ㅠ ㅣ
_N_FINAL = 4
_COUNTED = re.compile(r"(?:[0-9]|(?<![가-힣])(?:몇|여러|수))[ \t]?\Z")
_AFTER_HANGUL_WORD = re.compile(r"[가-힣][ \t]\Z")
# Words with 금 first, three characters of which could be taken for a person's name.
_GOLD = re.compile("金(?:曜|剛|屬|融|額|利|錢|銀|色|庫|品|賞|字|科|權|言|管|冠|婚|鑛|塊|髮|盞|箔|星|貨|佛)")
_NAME_LENGTH = 3
_L_FINAL = 8


def as_initial(syllable: str) -> str:
    """Apply the initial-sound rule to a syllable: 녀 여, 력 역, 로 노."""
    first, vowel, final = _decompose(syllable)
    if first == _R:
        first = _NONE if vowel in _Y_VOWELS else _N
    elif first == _N and vowel in _Y_VOWELS:
        first = _NONE
    return chr(0xAC00 + first * _BLOCK + vowel * _VOWEL_BLOCK + final)


def unify(run: str) -> str:
    """Replace compatibility ideographs by their unified characters (NFC)."""
    return unicodedata.normalize("NFC", run)


def may_be_read(run: str, hangul: str) -> bool:
    """Return whether the hanja can be read as the given Hangul.

    Every reading of each character is allowed, and the initial-sound forms.
    """
    run = unify(run)
    if READ_AS.get(run) == hangul:
        return True
    if len(run) != len(hangul):
        return False
    return (
        all(syllable in _possible_readings(char) for char, syllable in zip(run, hangul, strict=True))
        or read(run) == hangul
    )


def read(run: str, before: str = "", after: str = "") -> str | None:
    """Return the Hangul of a run of hanja; None for one without a Korean reading.

    `before` and `after`: the text around the run.
    """
    run = unify(run)
    table = readings()
    if not all(char in table for char in run):
        return None
    hangul = ""
    index = 0
    while index < len(run):
        word = _longest_listed_word(run, index)
        hangul += READ_AS[word] if word else _syllable(run, index, (before + hangul[-1:])[-1:], before, after)
        index += len(word) or 1
    return hangul


def _possible_readings(char: str) -> set[str]:
    char_readings = readings().get(char, ())
    return {*char_readings, *(as_initial(reading) for reading in char_readings)}


def _longest_listed_word(run: str, index: int) -> str:
    """Return the longest listed word that begins at `index`, or ""."""
    for length in range(min(LONGEST_WORD, len(run) - index), 1, -1):
        word = run[index : index + length]
        if word in READ_AS:
            return word
    return ""


def _syllable(run: str, index: int, before_syllable: str, before: str, after: str) -> str:
    char = run[index]
    reading = readings()[char][0]
    if char == "不":
        following = readings()[run[index + 1]][0] if index + 1 < len(run) else after[:1]
        return "부" if _begins_with(following, _D, _J) else "불"
    if char == "金" and index == 0 and _is_surname(run, before):
        return "김"
    if char == "率" and (index or _is_hangul(before[-1:])):
        reading = "률"
    if char == "茶" and index and index == len(run) - 1:
        return "차"
    if char == "六":
        return "육"
    if reading in ("렬", "률") and _is_hangul(before_syllable[-1:]):
        _, _, final = _decompose(before_syllable[-1])
        return as_initial(reading) if final in (0, _N_FINAL) else reading
    return as_initial(reading) if _begins_a_word(run, index, before, after) else reading


def _begins_a_word(run: str, index: int, before: str, after: str) -> bool:
    if index == 0:
        return _begins_the_first_word(run, before, after)
    if run[index] in UNITS and run[index - 1] in NUMERALS:
        return False
    if run[index : index + 2] in NEW_BEGINNINGS:
        return index > 1 or run[0] in PREFIXES
    # Four characters are two words of two, as a rule.
    return len(run) == 4 and index == 2 and run[2] not in SUFFIXES and run[3] not in LAST_SUFFIXES


def _begins_the_first_word(run: str, before: str, after: str) -> bool:
    if run[0] in UNITS and _COUNTED.search(before):
        return False
    if run == "理" and after[:1] in ("가", "도", " ") and _AFTER_HANGUL_WORD.search(before):
        return _decompose(before[-2])[2] != _L_FINAL  # 그럴 리가: a noun that is never alone
    # One character after Hangul is its ending (경쟁力), several are a word of their own (해외旅行).
    return not _is_hangul(before[-1:]) or len(run) > 1


def _is_surname(run: str, before: str) -> bool:
    """Return whether 金 is a surname here: before a given name.

    Three characters by themselves that are no word for gold or money.
    """
    if _is_hangul(before[-1:]) or _GOLD.match(run):
        return False
    return len(run) == _NAME_LENGTH


def _is_hangul(char: str) -> bool:
    return bool(char) and "가" <= char <= "힣"


def _decompose(syllable: str) -> tuple[int, int, int]:
    """Return the numbers of initial consonant, vowel and final consonant."""
    # 녀 → (2, 6, 0), 각 → (0, 0, 1)
    code = ord(syllable) - 0xAC00
    return code // _BLOCK, code % _BLOCK // _VOWEL_BLOCK, code % _VOWEL_BLOCK


def _begins_with(syllable: str, *initials: int) -> bool:
    return _is_hangul(syllable) and _decompose(syllable)[0] in initials

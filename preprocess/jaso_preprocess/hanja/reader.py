"""Reads words in hanja aloud: the initial-sound rule, words of their own reading, 不, 率, 金, 年."""

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
_N, _D, _R, _NONE, _J = 2, 3, 5, 11, 12  # initial consonants by their place in a syllable's code
_Y_VOWELS = {2, 3, 6, 7, 12, 17, 20}  # ㅑ ㅒ ㅕ ㅖ ㅛ ㅠ ㅣ
_N_BOTTOM = 4
_COUNTED = re.compile(r"(?:[0-9]|(?<![가-힣])(?:몇|여러|수))[ \t]?\Z")
_THAT_IT_CAN_BE = re.compile(r"[가-힣][ \t]\Z")
# Words with 금 at their head of which three characters could be taken for a person's name.
_GOLD = re.compile("金(?:曜|剛|屬|融|額|利|錢|銀|色|庫|品|賞|字|科|權|言|管|冠|婚|鑛|塊|髮|盞|箔|星|貨|佛)")
_NAME_LENGTH = 3
_L_BOTTOM = 8


def as_initial(syllable: str) -> str:
    """The syllable at a word's beginning: 녀 여, 력 역, 로 노."""
    first, vowel, bottom = _parts(syllable)
    if first == _R:
        first = _NONE if vowel in _Y_VOWELS else _N
    elif first == _N and vowel in _Y_VOWELS:
        first = _NONE
    return chr(0xAC00 + first * _BLOCK + vowel * _VOWEL_BLOCK + bottom)


def unified(run: str) -> str:
    """Each compatibility ideograph as the character that it is a copy of."""
    return unicodedata.normalize("NFC", run)


def may_be_read(run: str, hangul: str) -> bool:
    """Can the characters be read so? Every reading that one of them has is allowed, and the initial-sound forms."""
    run = unified(run)
    if READ_AS.get(run) == hangul:
        return True
    if len(run) != len(hangul):
        return False
    return all(said in _possible(char) for char, said in zip(run, hangul, strict=True)) or read(run) == hangul


def read(run: str, before: str = "", after: str = "") -> str | None:
    """The Hangul of a run of hanja that stands between two texts; None when one of them has no Korean reading."""
    run = unified(run)
    table = readings()
    if not all(char in table for char in run):
        return None
    said = ""
    place = 0
    while place < len(run):
        word = _listed(run, place)
        said += READ_AS[word] if word else _syllable(run, place, (before + said[-1:])[-1:], before, after)
        place += len(word) or 1
    return said


def _possible(char: str) -> set[str]:
    some = readings().get(char, ())
    return {*some, *(as_initial(reading) for reading in some)}


def _listed(run: str, place: int) -> str:
    """The longest word of the list that begins here, or an empty one."""
    for length in range(min(LONGEST_WORD, len(run) - place), 1, -1):
        word = run[place : place + length]
        if word in READ_AS:
            return word
    return ""


def _syllable(run: str, place: int, said: str, before: str, after: str) -> str:
    char = run[place]
    reading = readings()[char][0]
    if char == "不":
        following = readings()[run[place + 1]][0] if place + 1 < len(run) else after[:1]
        return "부" if _begins_with(following, _D, _J) else "불"
    if char == "金" and place == 0 and _is_surname(run, before):
        return "김"
    if char == "率" and (place or _is_hangul(before[-1:])):
        reading = "률"
    if char == "茶" and place and place == len(run) - 1:
        return "차"
    if char == "六":
        return "육"
    if reading in ("렬", "률") and _is_hangul(said[-1:]):
        _, _, bottom = _parts(said[-1])
        return as_initial(reading) if bottom in (0, _N_BOTTOM) else reading
    return as_initial(reading) if _begins_a_word(run, place, before, after) else reading


def _begins_a_word(run: str, place: int, before: str, after: str) -> bool:
    if place == 0:
        return _begins_the_first_word(run, before, after)
    if run[place] in UNITS and run[place - 1] in NUMERALS:
        return False
    if run[place : place + 2] in NEW_BEGINNINGS:
        return place > 1 or run[0] in PREFIXES
    # Four characters are two words of two, as a rule.
    return len(run) == 4 and place == 2 and run[2] not in SUFFIXES and run[3] not in LAST_SUFFIXES


def _begins_the_first_word(run: str, before: str, after: str) -> bool:
    if run[0] in UNITS and _COUNTED.search(before):
        return False
    if run == "理" and after[:1] in ("가", "도", " ") and _THAT_IT_CAN_BE.search(before):
        return _parts(before[-2])[2] != _L_BOTTOM  # 그럴 리가: a noun that never stands alone
    # One character after Hangul is its ending (경쟁力), several are a word of their own (해외旅行).
    return not _is_hangul(before[-1:]) or len(run) > 1


def _is_surname(run: str, before: str) -> bool:
    """金 and a given name: three characters by themselves that are no word for gold or money."""
    if _is_hangul(before[-1:]) or _GOLD.match(run):
        return False
    return len(run) == _NAME_LENGTH


def _is_hangul(char: str) -> bool:
    return bool(char) and "가" <= char <= "힣"


def _parts(syllable: str) -> tuple[int, int, int]:
    """Initial consonant, vowel and bottom by number."""
    code = ord(syllable) - 0xAC00
    return code // _BLOCK, code % _BLOCK // _VOWEL_BLOCK, code % _VOWEL_BLOCK


def _begins_with(syllable: str, *initials: int) -> bool:
    return _is_hangul(syllable) and _parts(syllable)[0] in initials

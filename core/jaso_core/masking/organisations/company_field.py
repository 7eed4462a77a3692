"""Parse a company column: names out of a field that people filled in by hand.

"밝은솔 | 영업", "[밝은솔] 2023 하반기" and "밝은솔 외 2곳" hold one name; "비공개" and "대기업" hold none.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from jaso_core.masking import places
from jaso_core.masking.common_words import EVERYDAY, MODIFIERS
from jaso_core.masking.morphology import is_common_noun, is_dictionary_compound
from jaso_core.masking.organisations.legal_forms import LONGEST_NAME, SIGN, WORD
from jaso_core.masking.organisations.no_company import is_no_company, is_note, is_placeholder


class FieldName(NamedTuple):
    """A name of a company field, other names of the same company, its legal form."""

    name: str
    others: tuple[str, ...] = ()
    has_form: bool = False


# Zero-width characters, soft hyphen, directions, fillers of Hangul, variation selectors; signs of marks; controls.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0™®©℠℗\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd\U000e0000-\U000e01ef]"
)
_FULL_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
# Without the blanks around it: a search that begins with them takes quadratic time on a page of blanks.
_LINE_END = re.compile(r"[\r\n\v\f\x85\u2028\u2029]|<br[ \t]*/?>|_x000[aAdD]_")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,100}>")

_FORM = "\ue001"
_ENGLISH_FORM = re.compile(
    r"(?i)(?:,\s?|\s)(?:co\.?\s?,?\s?ltd|co\.|inc|corp(?:oration)?|ltd|limited|incorporated|llc|llp|gmbh|plc|ag|s\.a\.)"
    r"(?![a-z])\.?"
)
_LEGAL_FORM = re.compile(f"{SIGN}|{WORD}")
_LABEL = re.compile(r"^\s*(?:지원[ \t]?)?(?:회사|기업|업체|직장|법인|상호)(?:[ \t]?(?:명|이름))?[ \t]*[:：=]\s*")
_ITEM_MARK = re.compile(r"^\s*(?:\(?\d{1,2}[.)](?!\d)|[\u2460-\u2473]|[-*•·▶■□○●◆※☆★→]+(?=\s|[가-힣A-Z]))\s*")
_ROUND = re.compile(r"\(([^()]*)\)")
_SQUARE = re.compile(r"\[([^\[\]]*)\]|【([^【】]*)】|{([^{}]*)}|〔([^〔〕]*)〕|<([^<>]*)>|《([^《》]*)》")
_QUOTES = re.compile("[「」『』\"'“”‘’`´]")
_CONTACT = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+|\b0\d{1,2}-\d{3,4}-\d{4}\b")
# A sign between words: always, with blanks around it, or between two words of Hangul (AT&T, S-OIL, A/S stay whole).
_SEPARATOR = re.compile(
    r"[,，、;|\n\t_¦│]|(?<![A-Za-z](?=/[A-Za-z](?![A-Za-z])))/|\s+[-–—~:+·ㆍ>→←]+\s+|(?<=[가-힣]{2})[·ㆍ•:→>+](?=[가-힣]{2})"
    r"|(?<=[가-힣\ue001])\s+(?:&|및|또는|그리고)\s+(?=[가-힣\ue001])|(?<=\s)[-–—](?=\S)|(?<=\S)[-–—](?=\s)|\s+\(?\d{1,2}[.)]\s+"
)
_FORMER = re.compile(r"^(?:구|현|전|옛|이하|약칭|舊|前|現)[.:,]?\s+|^(?:舊|前|現)")
# Dates, terms, counts of other employers: "2023 하반기", "'23년 3월", "외 2곳", "등 3개사", "2차".
_NOTE = re.compile(
    r"(?<![^\s\ue001])(?:"
    r"'?(?:19|20)?\d{2}\s?년도?(?:\s?\d{1,2}\s?월)?(?:\s?\d{1,2}\s?일)?|'\d{2}"
    r"|(?:19|20)\d{2}(?:\s?[./-]\s?\d{1,2}){0,2}\.?(?:\s?~\s?(?:(?:19|20)?\d{2}(?:\s?[./-]\s?\d{1,2}){0,2}\.?)?)?"
    r"|\d{1,2}\s?(?:월|일|분기|기|회|회차|차수?|번째)|(?:19|20)?\d{2}?[상하]반기?|[상하](?:\s?[·/,]\s?[상하])?\s?반기|[SF]W?'?\d{2}"
    r"|외\s?(?:\d+|여러|다수|몇)?\s?(?:개\s?)?(?:곳|사|개사|군데|개|회사|기업|업체|명)?"
    r"|등(?:\s?(?:\d+|여러)\s?(?:개\s?)?(?:곳|사|개사|군데|개|회사|기업|업체))?"
    r")(?!\S)"
)


@lru_cache(maxsize=8192)
def company_names(field: str) -> tuple[FieldName, ...]:
    """Return the names that a company field holds, in order; none for "비공개".

    Words beside a name (영업, 인턴, 2023 하반기) are no names. Cached: a company has many letters.
    """
    # "(주)밝은솔 | 영업" → parts "\ue001밝은솔", "영업" → 밝은솔 with a legal form; 영업 is a note
    text = _normalise(field)
    if len(text) > 4 * LONGEST_NAME or is_placeholder(text):
        return ()
    text = _LABEL.sub("", _ITEM_MARK.sub("", text))
    text, bracketed = _take_out_brackets(_mark_legal_forms(text))
    names = list(_names_of(text))
    others = tuple(name for inside in bracketed for name in _names_in_brackets(inside))
    if names:
        names[0] = names[0]._replace(others=others)
    else:
        names = [FieldName(other) for other in others]
    return tuple({name.name: name for name in reversed(names)}.values())[::-1]


def _normalise(field: str) -> str:
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", html.unescape(field))).translate(_FULL_WIDTH)
    text = _TAG.sub(" ", _LINE_END.sub("\n", text))
    lines = (re.sub(r"[^\S\t]+", " ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _mark_legal_forms(text: str) -> str:
    """Replace each legal form by one character, which no separator divides."""
    return _LEGAL_FORM.sub(f" {_FORM} ", _ENGLISH_FORM.sub(f" {_FORM} ", text))


def _take_out_brackets(text: str) -> tuple[str, list[str]]:
    """Return the text without brackets, and the contents of the round ones.

    Square ones hold remarks, unless nothing else holds a name: "[밝은솔] 신입".
    """
    round_ones = _ROUND.findall(text)
    text = _QUOTES.sub(" ", _ROUND.sub(" ", text))
    outside = _SQUARE.sub(" ", text)
    if outside != text and not any(_names_of(outside)):
        outside = _SQUARE.sub(lambda match: f" {match.group()[1:-1]} ", text)
    return outside, round_ones


def _names_of(text: str) -> list[FieldName]:
    """Return the names of a text without brackets."""
    names = []
    for part in _SEPARATOR.split(text):
        name, has_form = _strip_notes(part)
        # ㈜새벽데이터 is a name, as the legal form says; 새벽데이터분석 need not be one.
        is_none = is_placeholder(name) if has_form else is_no_company(name)
        if name and len(name.replace(" ", "")) <= LONGEST_NAME and not is_none:
            names.append(FieldName(name, (), has_form))
    # Of several parts a common noun is rather a trade or a duty (밝은솔 | 여행); alone it is a name (대상).
    distinct = [entry for entry in names if entry.has_form or entry.name in EVERYDAY or not is_common_noun(entry.name)]
    return distinct if distinct and len(names) > 1 else names


def _names_in_brackets(inside: str) -> list[str]:
    """Return other names of a company in its brackets: (KBS), (구 나래통신); no notes."""
    names = _names_of(_FORMER.sub("", inside.strip()))
    return [
        one.name
        for one in names
        if len(one.name) >= 2
        and (one.has_form or not is_common_noun(one.name))
        and one.name not in places.ALL_PLACES
        and not re.fullmatch(r"[\d\W]+", one.name)
    ]


def _strip_notes(part: str) -> tuple[str, bool]:
    """Return a part without legal forms and notes, and whether it has a legal form."""
    has_form = _FORM in part
    rest = _CONTACT.sub(" ", part)
    words = _NOTE.sub(" ", rest.replace(_FORM, " ")).split()
    # The note behind a name goes first: of "인턴 밝은솔 영업팀" 영업팀, then 인턴.
    while len(words) > 1 and is_note(words[-1], last=True) and not _is_modifier(words[:-1]):
        words.pop()
    while len(words) > 1 and is_note(words[0], last=False) and not _is_modifier(words[1:]):
        words.pop(0)
    name = " ".join(words).strip(" .,-–—~:·*#/")
    return ("", False) if len(words) == 1 and not has_form and is_note(name, last=False) else (name, has_form)


def _is_modifier(words: list[str]) -> bool:
    """Whether the words alone are no name: 한국 without 전산 would be any 한국."""
    name = " ".join(words)
    if name in EVERYDAY:
        return False
    return name in places.ALL_PLACES or name in MODIFIERS or is_dictionary_compound(name)

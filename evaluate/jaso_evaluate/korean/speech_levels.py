"""Speech levels (상대 높임법) of Korean sentences, from the last final ending.

The six levels of school grammar, with 하오체 and 하게체 as one because they are rare in writing, and the nominal
endings of notes (-음, -함, -ㄹ 것). Kiwi distinguishes endings from words that look like them, so that "있다고 합니다"
is 합쇼체 and a title such as "[꼼꼼함]" has no level.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

Morphemes = Sequence[tuple[str, str]]
"""(form, tag) of each morpheme, in Kiwi's tag set."""

LEVELS = ("hapsyo", "haeyo", "haera", "hae", "hao", "nominal")
"""합쇼체 (-습니다), 해요체 (-어요), 해라체 (-다), 해체 (-어), 하오·하게체 (-오, -게), 명사형 (-음)."""

_HAPSYO = re.compile(r"(?:.*[습ᆸ읍십답랍렵])?(?:니다|니까|디다|디까|시다|시오)|.*나이다")
_BECAUSE = re.compile(r"으?니까")
_HAEYO = re.compile(r".*[요죠]")
_NOMINAL = re.compile(r"음|ᆷ|기")
_HAO = re.compile(r"으?오|소|으?리다|구려|는구려|게|으?세|ᆷ세|음세")
_HAERA = re.compile(r".*(?:다|라|자|냐|니|구나|렴|려무나|노라|랴)")
# Questions to oneself (무엇을 할 수 있을까?) occur among sentences of every level and have none themselves.
_TO_ONESELF = re.compile(r".*(?:까|가|지)")
_ASSERTING = re.compile(r"지")
_SYMBOLS = ("S", "W_", "Z_")
_WORDS_IN_SYMBOLS = ("SL", "SN", "SH")
_BRACKETS = {")": "(", "]": "[", "}": "{", "）": "（", "】": "【", "〕": "〔", ">": "<", "》": "《", "」": "「"}


def speech_level(morphemes: Morphemes) -> str | None:
    """Return the speech level of one sentence; None without a final ending.

    A title, a noun or a truncated sentence has none.
    """
    words = _strip_tail(morphemes)
    if not words:
        return None
    form, tag = words[-1]
    if (form, tag) in (("만", "JX"), ("마는", "JX")) and len(words) > 1 and words[-2][1] == "EC":
        return "hapsyo" if _HAPSYO.fullmatch(words[-2][0]) else None
    if tag == "JX" and form in ("요", "이요"):
        return "haeyo"
    if tag == "EF":
        return _level_of_ending(form)
    if tag == "ETN" or (form == "것" and len(words) > 1 and words[-2][1] == "ETM"):
        return "nominal"
    if tag == "EC" and (_HAEYO.fullmatch(form) or _HAO.fullmatch(form)) and form != "게":
        return _level_of_ending(form)
    return None


def _level_of_ending(form: str) -> str | None:
    if _HAPSYO.fullmatch(form) and not _BECAUSE.fullmatch(form):
        return "hapsyo"
    if _HAEYO.fullmatch(form):
        return "haeyo"
    if _NOMINAL.fullmatch(form):
        return "nominal"
    if _HAO.fullmatch(form):
        return "hao"
    if _HAERA.fullmatch(form):
        return "haera"
    if _TO_ONESELF.fullmatch(form) and not _ASSERTING.fullmatch(form):
        return None
    return "hae"


def _strip_tail(morphemes: Morphemes) -> Morphemes:
    """Strip the marks, emoticons and bracketed remarks at the end of a sentence.

    A sentence that is all in brackets becomes empty.
    """
    end = len(morphemes)
    while end and _is_symbol(morphemes[end - 1][1]):
        opening = _BRACKETS.get(morphemes[end - 1][0])
        end -= 1
        if opening is not None:
            end = next((i for i in range(end - 1, -1, -1) if morphemes[i][0] == opening), end)
    return morphemes[:end]


def _is_symbol(tag: str) -> bool:
    return tag.startswith(_SYMBOLS) and tag not in _WORDS_IN_SYMBOLS

"""Rules for street addresses: region, road or lot with number, building."""

from __future__ import annotations

import re

from jaso_core.masking import places, tokens
from jaso_core.masking.pii.numbers import Rule, after_cue

_PROVINCE = "(?:" + "|".join(sorted(places.PROVINCES, key=len, reverse=True)) + ")"
_REGION = "(?:" + "|".join(sorted(places.REGIONS, key=len, reverse=True)) + ")"
_S = r"[ \t]{0,2}"
_AREA = rf"(?<![가-힣])(?:{_PROVINCE}{_S}(?:{_REGION}{_S}){{0,2}}|(?:{_REGION}{_S}){{1,2}})"
_VILLAGE = r"(?:[가-힣]{1,5}\d?(?:읍|면|동|가|리)[ \t]{1,2})?"
# "앞으로 3년": an adverb and a quantity, no road. Real roads seldom end in 으로.
_ADVERBS = r"(?!으로|[가-힣]{0,6}(?:으로|그대로|스스로|실제로|때때로|서로|따로|바로|새로|별로|주로|홀로|대로)[ \t])"
_ROAD = (
    rf"{_ADVERBS}[가-힣A-Za-z0-9·.]{{1,12}}?(?:대로|로|길)[ \t]?"
    r"(?:\d{1,4}(?:번?길|로)[ \t]?)?\d{1,4}(?:-\d{1,4})?"
)
_LOT = r"[가-힣]{1,6}\d{0,2}(?:동|리|가)[ \t](?:산[ \t]?)?\d{1,4}(?:-\d{1,4})?(?:번지)?"
_UNITS = "년|월|일|개|명|회|차|주|시|분|초|%|원|번|가지|건|위|등|배|㎞|km|만|천|억|곳|살|세|인|대|권|장|학|점|자|편|팀"
_NO_QUANTITY = rf"(?!\d)(?![ \t]?(?:{_UNITS}))"
_BETWEEN = r",?[ \t]{0,2}"
_FLOOR = r"(?:지하[ \t]?)?\d{1,3}층"
_BUILDING = r"[가-힣A-Za-z0-9]{1,15}(?:아파트|빌라|오피스텔|빌딩|타워|맨션|하이츠|캐슬|자이|마을)"
_PARTS = (r"\([가-힣0-9, \t]{2,24}\)", _FLOOR, _BUILDING, r"제?\d{1,4}동", _FLOOR, r"[Bb]?\d{1,5}호(?!선)")
_INSIDE = "(?:번지)?" + "".join(rf"(?:{_BETWEEN}{part})?" for part in _PARTS)
_POSTCODE = r"(?:(?<!\d)[(\[]?\d{5}[)\]]?[ \t]{1,2})?"
_FULL = rf"{_POSTCODE}{_AREA}{_VILLAGE}(?:{_ROAD}|{_LOT}){_NO_QUANTITY}{_INSIDE}"
_FLAT = (
    r"(?:(?<![가-힣])[가-힣A-Za-z0-9]{1,15}(?:아파트|빌라|오피스텔|맨션)[ \t]?)?"
    r"(?<![\d.-])(?<!\d[ \t])\d{1,4}동[ \t]?\d{3,4}호(?!기|선|차|점|관)"
)
_AFTER_CUE = rf"{_ROAD}{_NO_QUANTITY}{_INSIDE}"

HINT = re.compile(rf"[로길동리가][ \t]?(?:산[ \t]?)?\d{{1,4}}(?:-\d{{1,4}})?(?:번지)?{_NO_QUANTITY}|\d동|\d번?길")
RULES = (
    Rule("pii_address", tokens.ADDRESS, re.compile(_FULL)),
    Rule("pii_address", tokens.ADDRESS, re.compile(_FLAT)),
    Rule("pii_address", tokens.ADDRESS, re.compile(_AFTER_CUE), after_cue(r"(?:주소|거주지|자택)[는은:\s]{1,4}$", 10)),
)

"""Rules for street addresses: region, road or lot with number, building."""

from __future__ import annotations

import re

from jaso_core.masking import places, tokens
from jaso_core.masking.pii.rule import Rule, after_cue


def _any(names: tuple[str, ...] | frozenset[str]) -> str:
    return "(?:" + "|".join(sorted(names, key=lambda name: (-len(name), name))) + ")"


_PROVINCE, _REGION, _PLAIN = _any(places.PROVINCES), _any(places.REGIONS), _any(places.PLAIN)
_S = r"[ \t]{0,2}"
# "경기 수원 팔달구", "성남 분당구": a city without its 시 beside a region that has its ending.
_AREA = (
    rf"(?<![가-힣])(?:{_PROVINCE}{_S}(?:{_PLAIN}[ \t]{{1,2}})?(?:{_REGION}{_S}){{0,2}}"
    rf"|(?:{_PLAIN}[ \t]{{1,2}})?(?:{_REGION}{_S}){{1,2}})"
)
# 안암동5가, 을지로3가: a 가 is always numbered; without a number it is a particle (강원도가).
_VILLAGE = r"(?:[가-힣]{1,5}\d?(?:읍|면|동|리|\d가)[ \t]{1,2})"
# "앞으로 3년": an adverb and a quantity, no road. Real roads seldom end in 으로.
# "계획대로 12" is an adverb, "강남대로 12" a road.
_AS = "(?:그|이|제|뜻|마음|맘|멋|법|계획|예정|일정|규정|원칙|순서|지시|약속|생각|사실|절차|기준)대로"
_ADVERBS = rf"(?!으로|[가-힣]{{0,6}}(?:으로|스스로|실제로|때때로|서로|따로|바로|새로|별로|주로|홀로|{_AS})[ \t])"
# Nouns of action, which stand before numbers in every letter: 봉사활동 12, 공정 관리 30.
_ACTION = r"(?![가-힣]{0,4}(?:활|운|이|행|노|협|감|작|합|변|연|구|가|공|출|충)동)"
_UNITS = (
    "년|월|일(?!대)|개|명|회|차|주|시|분|초|%|원|번(?!지|길)|가지|건|위|등|배|㎞|km|만|천|억|곳|살|세|인(?!근)|대|권|장|학|점|자|편|팀"
    "|여|반|기|평|톤|쪽|줄|종|킬로|미터|cm|mm|kg|㎡|m|p|P"
)
_PARTICLE = "[은는이가을를의에도과와로까부씩간]"
# Behind a blank a unit must end there or take a particle: "12 대 판매" is a quantity, "12 대림빌라" a building.
_NO_UNIT = rf"(?!{_UNITS})(?![ \t](?:{_UNITS})(?:[^가-힣]|{_PARTICLE}|$))"
_NO_MORE = r"(?![\d~])(?!-\d)(?![.,:/]\d)"
_NO_QUANTITY = rf"{_NO_MORE}(?<![ 로길][1-9](?=가)){_NO_UNIT}"
# 123-4 and 12번지 are lots whatever comes next.
_NUMBER = rf"(?:\d{{1,4}}-\d{{1,4}}{_NO_MORE}(?!{_UNITS})|\d{{1,4}}(?=번지)|\d{{1,4}}{_NO_QUANTITY})(?:번지)?"
_SURE_NUMBER = rf"(?:\d{{1,4}}-\d{{1,4}}{_NO_MORE}(?!{_UNITS})(?:번지)?|\d{{1,4}}번지)"
_ROAD = (
    rf"{_ADVERBS}[가-힣A-Za-z0-9·.]{{1,12}}?(?:대로|로|길)[ \t]?(?:지하[ \t]?)?"
    rf"(?:\d{{1,4}}(?:번?길|로)[ \t]?)?{_NUMBER}"
)
_MOUNTAIN = r"(?:산[ \t]?)?"
_NUMBERED_LOT = rf"[가-힣]{{1,6}}[ \t]?\d{{1,2}}가[ \t]{_MOUNTAIN}{_NUMBER}"
# A 리 lies in an 읍, a 면 or a 군 (the village is read before); elsewhere it is mostly another noun (관리, 거리).
_LOT = (
    rf"(?:{_NUMBERED_LOT}|{_ACTION}[가-힣]{{1,6}}\d{{0,2}}동[ \t]{_MOUNTAIN}{_NUMBER}"
    rf"|(?:(?<=[읍면군][ \t])|(?<=[읍면군]))[가-힣]{{1,5}}\d?리[ \t]{_MOUNTAIN}{_NUMBER}"
    rf"|[가-힣]{{1,6}}\d{{0,2}}[동리][ \t]{_MOUNTAIN}{_SURE_NUMBER})"
)
_BETWEEN = r",?[ \t]{0,2}"
_KIND_OF_BUILDING = (
    "아파트|빌라|오피스텔|빌딩|타워|맨션|맨숀|하이츠|캐슬|자이|마을|연립|주택|고시원|기숙사|원룸|타운|푸르지오|래미안"
)
_BLOCK = r"제?(?:\d{1,4}|[A-Za-z가-라])동"
_ROOM = r"제?[A-Za-z]?\d{1,5}(?:-\d{1,5})?호(?![선기차점관])"
_PARTS = "|".join(
    (
        # the 동 of a road address, with the building: (역삼동, 가상빌딩); "(도보 5분 거리)" is none
        r"\([가-힣]{1,6}\d{0,2}(?:동|리|\d가)(?:[, \t]{1,2}[가-힣A-Za-z0-9 ]{1,18})?\)",
        rf"\([가-힣A-Za-z0-9]{{1,15}}(?:{_KIND_OF_BUILDING})\)",
        r"(?:지하[ \t]?)?\d{1,3}층",
        r"\d{1,2}통[ \t]?\d{1,2}반",
        rf"[가-힣A-Za-z0-9]{{1,15}}(?:{_KIND_OF_BUILDING})",
        rf"제?\d{{1,4}}동|[A-Za-z]동(?![가-힣])|{_BLOCK}(?=[ \t,]{{0,2}}제?\d{{1,5}}호)",
        _ROOM,
        # a name of any kind is a building where a block or a room follows
        rf"(?<=[ \t])[가-힣A-Za-z0-9]{{1,15}}(?=[ \t,]{{1,2}}(?:{_BLOCK}[ \t,]{{0,2}})?{_ROOM})",
    )
)
_INSIDE = rf"(?:{_BETWEEN}(?:{_PARTS})){{0,6}}"
_POSTCODE = (
    r"(?:(?:[(\[](?:우편번호|우)?[ \t:]{0,2}\d{5}[)\]]|우\)?[ \t]?\d{5}|(?<![\d-])(?:\d{5}|\d{3}-\d{3}))[ \t]{1,2})?"
)
_FULL = rf"{_POSTCODE}{_AREA}{_VILLAGE}{{0,2}}(?:{_NUMBERED_LOT}|{_ROAD}|{_LOT}){_INSIDE}"
_PLAIN_CITY = rf"(?<![가-힣]){_PLAIN}[ \t]{_ACTION}[가-힣]{{1,8}}\d?(?:동|로|길)[ \t]{_SURE_NUMBER}{_INSIDE}"
_WITHOUT_LOT = (
    rf"{_AREA}{_VILLAGE}{{0,2}}[가-힣A-Za-z0-9]{{1,15}}[ \t]"
    r"(?:제?\d{1,4}동[ \t]?제?\d{1,5}호|\d{1,4}-\d{1,5}호)(?![선기차점관])"
)
_FLAT = (
    r"(?:(?<![가-힣])[가-힣A-Za-z0-9]{1,15}(?:아파트|빌라|오피스텔|맨션)[ \t]?)?"
    r"(?<![\d.-])(?<!\d[ \t])(?:\d{1,4}동[ \t]?\d{3,4}호|제\d{1,4}동[ \t]?제\d{3,4}호)(?!기|선|차|점|관)"
)
_AFTER_CUE = rf"(?:{_ROAD}|{_LOT}){_INSIDE}"

# One class at the beginning, so that the engine skips to the characters where a hint can start.
HINT = re.compile(
    rf"[0-9로길동리가](?:(?<=[로길동리가])[ \t]?(?:산[ \t]?|지하[ \t]?)?\d{{1,4}}(?:-\d|번지|가|{_NO_QUANTITY})"
    r"|(?<=[0-9])(?:동|번?길|-\d{1,5}호))"
)
RULES = (
    Rule("pii_address", tokens.ADDRESS, re.compile(_FULL)),
    Rule("pii_address", tokens.ADDRESS, re.compile(_WITHOUT_LOT)),
    Rule("pii_address", tokens.ADDRESS, re.compile(_PLAIN_CITY)),
    Rule("pii_address", tokens.ADDRESS, re.compile(_FLAT)),
    Rule("pii_address", tokens.ADDRESS, re.compile(_AFTER_CUE), after_cue(r"(?:주소|거주지|자택)[는은:\s]{1,4}$", 10)),
)

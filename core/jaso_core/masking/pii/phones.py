"""Rules for phone numbers: mobile, fixed, service, foreign, spelled out."""

from __future__ import annotations

import re

from jaso_core.masking import tokens
from jaso_core.masking.pii.rule import END, NO_UNIT, START, Rule, after_cue, digits

# 10 to 19 mobile, 2 Seoul, 31 to 64 regions, 70 internet, 80 free of charge, 50 and 50x personal numbers.
_MOBILE = r"1[016789]"
_AREA = rf"(?:{_MOBILE}|2|3[1-3]|4[1-4]|5[1-5]|6[1-4]|70|80|50(?:[ \t]?[-.·_]?\d)?)"
# "1.010-1234-5678" is an item of a list, "0.0101234567" is a decimal.
_NO_DECIMAL = r"(?:(?<!\d\.)|(?!\d{9}))"
_GAP = r"[ \t]{0,2}[-.)/·_~]{0,2}[ \t]{0,2}"
# Nothing else than a mobile number is 01x with eight digits: any sign may separate them.
_MOBILE_GAP = r"[ \t]{0,2}[-.)/·_~=:|,\\]{0,2}[ \t]{0,2}"
_REST = rf"{_GAP}(?:\d{{3,4}}{_GAP}\d{{4}}|[\d*]{{3,4}}[-. ·_][\d*]{{4}}){END}"
_MOBILE_REST = rf"{_MOBILE_GAP}\d{{3,4}}{_MOBILE_GAP}\d{{4}}{END}"
# +82, (+82), 0082, 00182 and 001-82; without any of them 82 must have a sign behind it, or be a whole mobile number.
_COUNTRY = r"(?:(?<![\d+])(?:\((?:\+[ \t]?|00)82\)|\+[ \t]?82)|(?<![\d+-])00(?:[1-8]|[3-7]\d\d)?[ \t-]?82)"
_KOREA = rf"(?:{_COUNTRY}{_GAP}\(?0?\)?{_AREA}|(?<![\d+])82-{_AREA})"
# A bracket belongs to the number only with its partner: "(02)000-5678", not "(02-000-5678)".
_DIALLED = rf"(?:{START}\(0{_AREA}\)|{START}{_NO_DECIMAL}0{_AREA})"
_PHONE = rf"(?:{_KOREA}|{_DIALLED}){_REST}"
_MOBILE_PHONE = (
    rf"(?:{START}\(0{_MOBILE}\)|{START}{_NO_DECIMAL}0{_MOBILE}){_MOBILE_REST}"
    rf"|{START}(?<!\d\.)(?:\(82\)|82){_MOBILE_GAP}\(?0?\)?{_MOBILE}{_MOBILE_REST}"
    # any other sign, where it is the same twice: 010+0000+5678
    rf"|{START}0{_MOBILE}[ \t]?(?P<sign>[^\s\w\ue000]{{1,2}})[ \t]?\d{{3,4}}[ \t]?(?P=sign)[ \t]?\d{{4}}{END}"
)
_WITHOUT_ZERO = rf"{START}(?:\({_MOBILE}\)|{_MOBILE}){_MOBILE_GAP}\d{{3,4}}{_MOBILE_GAP}\d{{4}}{END}{NO_UNIT}"
_PHONE_LABEL = after_cue(
    r"(?:전화|연락처|휴대폰|핸드폰|폰|(?:내|제)[ \t]번호|(?<![A-Z])(?:HP|C\.?P)|H\.P"
    r"|tel|phone|mobile|cell|[☎☏✆📞📱]\ufe0f?)\.?"
    r"(?:[ \t]?번호)?[은는이]?[ \t]{0,2}[^\w\n]{0,2}[ \t]{0,2}$"
)
_ABROAD = (
    rf"(?<![\d+])\+(?!82)[1-9]\d{{0,2}}(?:[ .-]?\(\d{{1,4}}\)|[ .-]\d{{1,4}}){{1,3}}[ .-]?\d{{3,4}}[ .-]?\d{{4}}{END}"
)
# Digits one by one ("0 1 0 - 1 2 …"), or written as Hangul syllables ("공일공 일이삼사 …").
_D = r"[0-9공영빵일이삼사오육칠팔구]"
_S = r"[ \t.\-·]{0,3}"
_TURN = r"[ \t.\-·]{0,3}(?:(?:에|다시)[ \t.\-·]{0,3})?"
_SPELLED = (
    rf"(?<![\d가-힣])(?<!\d[- ])[0공영oO]{_S}[1일lI]{_S}[0공영oO]"
    rf"{_TURN}{_D}(?:{_S}{_D}){{3}}{_TURN}{_D}(?:{_S}{_D}){{3}}{END}"
)


def _is_spelled_phone(match: re.Match[str]) -> bool:
    """Whether the digits are no decimal, version, or part of a longer row.

    "0.1012345678", "2.01012345678" and "0 1 0 1 1 …" are.
    """
    number, text = match.group(), match.string
    if re.fullmatch(r"0\.\d+", number) or (number.isdigit() and re.search(r"\d\.$", text[: match.start()][-2:])):
        return False
    return not re.match(r"[ ,.]{1,2}\d(?!\d)", text[match.end() : match.end() + 3])


def _is_phone_abroad(match: re.Match[str]) -> bool:
    return 9 <= len(digits(match.group())) <= 15


_SERVICE = (
    r"(?:1588|1577|1544|1566|1599|1522|1533|1551|1600|1644|1660|1661|1666|1668|1670|1688|1800|1811|1833|1855|1877|1899)"
)
_PHONE_CUE = after_cue(r"전화|연락처|휴대폰|핸드폰|콜센터|고객센터|문의|대표번호|☎|☏|tel|phone|\bHP\b|H\.P")


def _is_service_number(match: re.Match[str]) -> bool:
    """Whether the match is a service number: 1588-1234 is, 1800-1850 may be two years."""
    first, last = match.group()[:4], match.group()[5:]
    return _PHONE_CUE(match) or (match.group()[4] == "-" and not first <= last <= "2100")


RULES = (
    Rule("pii_phone", tokens.PHONE, re.compile(_PHONE)),
    Rule("pii_phone", tokens.PHONE, re.compile(_MOBILE_PHONE)),
    Rule("pii_phone", tokens.PHONE, re.compile(_SPELLED), _is_spelled_phone),
    Rule("pii_phone", tokens.PHONE, re.compile(_WITHOUT_ZERO), _PHONE_LABEL),
    Rule("pii_phone", tokens.PHONE, re.compile(_ABROAD), _is_phone_abroad),
    Rule("pii_phone", tokens.PHONE, re.compile(rf"{START}{_SERVICE}[-. ·_]\d{{4}}{END}{NO_UNIT}"), _is_service_number),
    Rule("pii_phone", tokens.PHONE, re.compile(rf"{START}{_SERVICE}\d{{4}}{END}{NO_UNIT}"), _PHONE_CUE),
    Rule("pii_phone", tokens.PHONE, re.compile(rf"{START}[2-9]\d{{2,3}}-\d{{4}}{END}{NO_UNIT}"), _PHONE_CUE),
)

"""Rules for personal numbers: registration numbers, phones, cards, accounts.

Each rule is a pattern and a test of the match. Look-arounds replace the \\b of other languages: Hangul is \\w, and
particles follow a number without a blank ("010-1234-5678입니다").
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from jaso_core.masking import tokens

Test = Callable[[re.Match[str]], bool]


@dataclass(frozen=True)
class Rule:
    """A pattern and its token; `test` may refuse a match, as for lack of a cue."""

    kind: str
    token: str
    pattern: re.Pattern[str]
    test: Test = lambda match: True
    group: int = 0


def after_cue(cue: str, reach: int = 20) -> Test:
    """Return a test: is `cue` within `reach` characters before the match, on its line?"""
    pattern = re.compile(cue, re.IGNORECASE)

    def test(match: re.Match[str]) -> bool:
        before = match.string[max(0, match.start() - reach) : match.start()]
        return pattern.search(before.rsplit("\n", 1)[-1]) is not None

    return test


def digits(text: str) -> str:
    """Return the ASCII digits of a text."""
    return "".join(character for character in text if "0" <= character <= "9")


def luhn(number: str) -> bool:
    """Whether the last digit is the check digit of the Luhn algorithm (card numbers)."""
    # "18" → 8 + 2 · 1 = 10, valid. A doubled digit above 9 loses 9, which adds its two digits: 7 → 14 → 5.
    total = 0
    for position, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + position % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0


def business_checksum(number: str) -> bool:
    """Whether a business registration number of ten digits has a valid check digit."""
    values = [int(digit) for digit in number]
    total = sum(value * weight for value, weight in zip(values, (1, 3, 7, 1, 3, 7, 1, 3, 5), strict=False))
    return (total + values[8] * 5 // 10 + values[9]) % 10 == 0


_START = r"(?<![\d])(?<!\d-)"
_END = r"(?!\d)(?!-\d)"
# What people type between the groups of a number. Middle dots and tildes are folded by NormalisedText.
_SEP = r"[ \t]{0,2}[-.~·_]{0,2}[ \t]{0,2}"
# Other signs separate items as well (quantities, dates, prices): they count only behind a cue.
_ANY_SEP = r"(?:[ \t]{0,3}[-.~·_/,=:|()]{0,2}[ \t]{0,3}|[ \t,/]{1,3}뒷?(?:자리|번호)[는은]?[ \t:]{0,2})"
# "300-1000건", "1600-2500명": quantities. "1588-0000만 받습니다" is a number with a particle.
_UNIT = r"(?:건|명|원|개|회(?!원)|점|여|년|%|만[ \t]?(?:원|명|건|개)|천|억)"
_NO_UNIT = rf"(?!{_UNIT})(?![ \t]{_UNIT}(?:[^가-힣]|[을를이가은는의에도과와로]|$))"


def _are_dates(number: str) -> bool:
    """Whether a number begins with a date or has no group but years: 2019 2020 2021."""
    if re.match(r"(?:19|20)\d\d[-./ ](?:0?[1-9]|1[0-2])[-./ ](?:0?[1-9]|[12]\d|3[01])(?!\d)", number):
        return True
    return all(re.fullmatch(r"(?:19|20)\d\d", group) for group in re.findall(r"\d+", number))


# The sixth and seventh digit are never checked further: since October 2020 the last six are random.
_BIRTH = rf"{_START}\d{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_HIDDEN_DIGITS = r"[*●○◯#·Xx]"
_SIX = rf"(?P<sex>\d)(?:\d{{6}}|{_HIDDEN_DIGITS}{{6}})"
_SEVEN_HIDDEN = rf"[ \t]?-[ \t]?{_HIDDEN_DIGITS}{{7}}"
_RESIDENT = rf"{_BIRTH}(?:{_SEP}{_SIX}{_END}|{_SEVEN_HIDDEN})"
_BIRTH_WITH_SIGNS = rf"{_START}\d\d[./ -]?(?:0[1-9]|1[0-2])[./ -]?(?:0[1-9]|[12]\d|3[01])"
_RESIDENT_AFTER_CUE = rf"{_BIRTH_WITH_SIGNS}(?:{_ANY_SEP}{_SIX}{_END}|-(?P<only_sex>\d){_END})"
_RESIDENT_CUE = after_cue(r"주민|외국인|등록[ \t]?번호|(?<![A-Z])[RF]RN(?![A-Z])")


def _is_foreign_resident(match: re.Match[str]) -> bool:
    groups = match.groupdict()
    return (groups["sex"] or groups.get("only_sex") or "0") in "5678"


def _is_resident(match: re.Match[str]) -> bool:
    return not _is_foreign_resident(match)


# 10 to 19 mobile, 2 Seoul, 31 to 64 regions, 70 internet, 80 free of charge, 50 and 50x personal numbers.
_MOBILE = r"1[016789]"
_AREA = rf"(?:{_MOBILE}|2|3[1-3]|4[1-4]|5[1-5]|6[1-4]|70|80|50(?:[ \t]?[-.·_]?\d)?)"
# "1.010-1234-5678" is an item of a list, "0.0101234567" is a decimal.
_NO_DECIMAL = r"(?:(?<!\d\.)|(?!\d{9}))"
_GAP = r"[ \t]{0,2}[-.)/·_~]{0,2}[ \t]{0,2}"
# Nothing else than a mobile number is 01x with eight digits: any sign may separate them.
_MOBILE_GAP = r"[ \t]{0,2}[-.)/·_~=:|,\\]{0,2}[ \t]{0,2}"
_REST = rf"{_GAP}(?:\d{{3,4}}{_GAP}\d{{4}}|[\d*]{{3,4}}[-. ·_][\d*]{{4}}){_END}"
_MOBILE_REST = rf"{_MOBILE_GAP}\d{{3,4}}{_MOBILE_GAP}\d{{4}}{_END}"
# +82, (+82), 0082, 00182 and 001-82; without any of them 82 must have a sign behind it, or be a whole mobile number.
_COUNTRY = r"(?:(?<![\d+])(?:\(\+[ \t]?82\)|\+[ \t]?82)|(?<![\d+-])00(?:[1-8]|[3-7]\d\d)?[ \t-]?82)"
_KOREA = rf"(?:{_COUNTRY}{_GAP}\(?0?\)?{_AREA}|(?<![\d+])82-{_AREA})"
# A bracket belongs to the number only with its partner: "(02)000-5678", not "(02-000-5678)".
_DIALLED = rf"(?:{_START}\(0{_AREA}\)|{_START}{_NO_DECIMAL}0{_AREA})"
_PHONE = rf"(?:{_KOREA}|{_DIALLED}){_REST}"
_MOBILE_PHONE = (
    rf"(?:{_START}\(0{_MOBILE}\)|{_START}{_NO_DECIMAL}0{_MOBILE}){_MOBILE_REST}"
    rf"|{_START}(?<!\d\.)(?:\(82\)|82){_MOBILE_GAP}\(?0?\)?{_MOBILE}{_MOBILE_REST}"
    # any other sign, where it is the same twice: 010+0000+5678
    rf"|{_START}0{_MOBILE}[ \t]?(?P<sign>[^\s\w\ue000]{{1,2}})[ \t]?\d{{3,4}}[ \t]?(?P=sign)[ \t]?\d{{4}}{_END}"
)
_WITHOUT_ZERO = rf"{_START}{_MOBILE}{_MOBILE_GAP}\d{{3,4}}{_MOBILE_GAP}\d{{4}}{_END}{_NO_UNIT}"
_PHONE_LABEL = after_cue(
    r"(?:전화|연락처|휴대폰|핸드폰|폰|(?<![A-Z])(?:HP|C\.?P)|H\.P|tel|phone|mobile|cell|[☎☏✆📞📱]\ufe0f?)\.?"
    r"(?:[ \t]?번호)?[은는이]?[ \t]{0,2}[^\w\n]{0,2}[ \t]{0,2}$"
)
_ABROAD = rf"(?<![\d+])\+(?!82)[1-9]\d{{0,2}}(?:[ .-]?\(\d{{1,4}}\)|[ .-]\d{{1,4}}){{1,3}}[ .-]?\d{{3,4}}[ .-]?\d{{4}}{_END}"
# Digits one by one ("0 1 0 - 1 2 …"), or written as Hangul syllables ("공일공 일이삼사 …").
_D = r"[0-9공영빵일이삼사오육칠팔구]"
_S = r"[ \t.\-·]{0,3}"
_TURN = r"[ \t.\-·]{0,3}(?:(?:에|다시)[ \t.\-·]{0,3})?"
_SPELLED = (
    rf"(?<![\d가-힣])(?<!\d[-. ])(?:[0공영oO]{_S}[1일lI]{_S}[0공영oO]){_TURN}{_D}(?:{_S}{_D}){{3}}{_TURN}{_D}(?:{_S}{_D}){{3}}"
    rf"{_END}"
)


def _is_spelled_phone(match: re.Match[str]) -> bool:
    """Whether the digits are no decimal (0.1012345678) and no part of a longer row (0 1 0 1 1 …)."""
    after = match.string[match.end() : match.end() + 3]
    return not re.fullmatch(r"0\.\d+", match.group()) and not re.match(r"[ ,.]{1,2}\d(?!\d)", after)


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


_CARD_CUE = after_cue("카드|card")


def _is_card(match: re.Match[str]) -> bool:
    number = match.group()
    return not _are_dates(number) and ("-" in number or luhn(digits(number)) or _CARD_CUE(match))


def _is_short_card(match: re.Match[str]) -> bool:
    """Whether 14 digits are a Diners Club card; some accounts are grouped like them."""
    return luhn(digits(match.group())) and _CARD_CUE(match)


_BUSINESS_CUE = after_cue("사업자|(?<![A-Z])BRN(?![A-Z])")


def _is_business_number(match: re.Match[str]) -> bool:
    return business_checksum(digits(match.group())) or _BUSINESS_CUE(match)


_BANKS = (
    r"(?:국민|신한|우리|하나|농협|기업|산업|씨티|제일|대구|부산|광주|전북|경남|제주|수협|신협|우체국|새마을금고|"
    r"카카오뱅크|케이뱅크|토스뱅크|은행|뱅크|KB|NH|IBK|KDB)"
)
_ACCOUNT_CUE = after_cue(rf"계좌|예금주|통장|입금|송금|account|{_BANKS}[가-힣]{{0,4}}[ \t:(]{{0,3}}$", 24)


def _is_account(match: re.Match[str]) -> bool:
    number = match.group()
    return 10 <= len(digits(number)) <= 14 and not _are_dates(number) and _ACCOUNT_CUE(match)


def _is_passport(match: re.Match[str]) -> bool:
    number = match.group()[1:]
    dated = re.fullmatch(
        r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])", number
    )  # an order number with a date
    return not dated or after_cue("여권|passport")(match)


_OLD_OFFICE = "서울|부산|경기|강원|충북|충남|전북|전남|경북|경남|제주|대구|인천|광주|대전|울산"

# Six digits with few characters between them, a mobile number's beginning with any sign behind it or in words, a
# passport. One class at the beginning, so that the engine skips to the characters where a hint can start.
HINT = re.compile(
    r"[0-9공영빵oOMSRDGmsrdg](?:(?<=[0-9])(?:[ \t.()/~+·_-]{0,4}[\d*●Xx]){5}|(?<=0)(?<![0-9].)1[016789][ \t]{0,2}[^\w\s]"
    r"|(?<=[0공영빵oO])[ \t.\-·]{0,3}[1일lI][ \t.\-·]{0,3}[0공영oO]|(?<=[A-Za-z])\d{3}[A-Za-z]\d{4})"
)
# The order matters: later rules do not see what an earlier one has matched.
RULES = (
    Rule("pii_rrn", tokens.RESIDENT, re.compile(_RESIDENT), _is_resident),
    Rule("pii_frn", tokens.RESIDENT, re.compile(_RESIDENT), _is_foreign_resident),
    Rule(
        "pii_rrn",
        tokens.RESIDENT,
        re.compile(_RESIDENT_AFTER_CUE),
        lambda match: _is_resident(match) and _RESIDENT_CUE(match),
    ),
    Rule(
        "pii_frn",
        tokens.RESIDENT,
        re.compile(_RESIDENT_AFTER_CUE),
        lambda match: _is_foreign_resident(match) and _RESIDENT_CUE(match),
    ),
    Rule("pii_license", tokens.LICENCE, re.compile(rf"{_START}(?:1[1-9]|2[0-8])-\d{{2}}-\d{{6}}-\d{{2}}{_END}")),
    Rule(
        "pii_license",
        tokens.LICENCE,
        re.compile(rf"(?<![가-힣])(?:{_OLD_OFFICE})[ -]?\d{{2}}-\d{{6}}-\d{{2}}{_END}"),
    ),
    Rule(
        "pii_license",
        tokens.LICENCE,
        re.compile(rf"{_START}(?:1[1-9]|2[0-8])[ ·._-]?\d{{2}}[ ·._-]?\d{{6}}[ ·._-]?\d{{2}}{_END}"),
        after_cue("운전면허|면허[ \t]?번호"),
    ),
    Rule(
        "pii_card",
        tokens.CARD,
        re.compile(rf"{_START}\d{{4}}(?P<s>[ ]?[-·._/]?[ ]?)\d{{4}}(?P=s)\d{{4}}(?P=s)\d{{4}}{_END}"),
        _is_card,
    ),
    Rule(
        "pii_card",
        tokens.CARD,
        re.compile(rf"{_START}3(?:0[0-5]|[68]\d)\d(?P<s>[ -]?)\d{{6}}(?P=s)\d{{4}}{_END}"),
        _is_short_card,
    ),
    Rule("pii_card", tokens.CARD, re.compile(rf"{_START}3[47]\d\d(?P<s>[ -]?)\d{{6}}(?P=s)\d{{5}}{_END}"), _is_card),
    Rule(
        "pii_business_number",
        tokens.BUSINESS,
        re.compile(rf"{_START}\d{{3}}-\d{{2}}-\d{{5}}{_END}"),
        _is_business_number,
    ),
    Rule(
        "pii_business_number",
        tokens.BUSINESS,
        re.compile(rf"{_START}\d{{3}}(?P<s>[ ]?[·._/]?[ ]?)\d{{2}}(?P=s)\d{{5}}{_END}"),
        _BUSINESS_CUE,
    ),
    Rule("pii_phone", tokens.PHONE, re.compile(_PHONE)),
    Rule("pii_phone", tokens.PHONE, re.compile(_MOBILE_PHONE)),
    Rule("pii_phone", tokens.PHONE, re.compile(_SPELLED), _is_spelled_phone),
    Rule("pii_phone", tokens.PHONE, re.compile(_WITHOUT_ZERO), _PHONE_LABEL),
    Rule("pii_phone", tokens.PHONE, re.compile(_ABROAD), _is_phone_abroad),
    Rule("pii_phone", tokens.PHONE, re.compile(rf"{_START}{_SERVICE}[-. ·_]\d{{4}}{_END}{_NO_UNIT}"), _is_service_number),
    Rule("pii_phone", tokens.PHONE, re.compile(rf"{_START}{_SERVICE}\d{{4}}{_END}{_NO_UNIT}"), _PHONE_CUE),
    Rule("pii_phone", tokens.PHONE, re.compile(rf"{_START}[2-9]\d{{2,3}}-\d{{4}}{_END}{_NO_UNIT}"), _PHONE_CUE),
    Rule("pii_account", tokens.ACCOUNT, re.compile(rf"{_START}\d{{2,6}}(?:[ ·._~/-]\d{{1,8}}){{1,4}}{_END}{_NO_UNIT}"), _is_account),
    Rule("pii_account", tokens.ACCOUNT, re.compile(rf"{_START}\d{{10,14}}{_END}{_NO_UNIT}"), _is_account),
    Rule(
        "pii_passport",
        tokens.PASSPORT,
        re.compile(r"(?<![A-Za-z0-9])(?:[MSRODG]\d{8}|[MSRODG]\d{3}[A-Z]\d{4})(?![A-Za-z0-9])"),
        _is_passport,
    ),
    Rule(
        "pii_passport",
        tokens.PASSPORT,
        re.compile(r"(?<![A-Za-z0-9])(?i:[MSRODG]\d{8}|[MSRODG]\d{3}[A-Z]\d{4})(?![A-Za-z0-9])"),
        after_cue("여권|passport"),
    ),
    Rule(
        "pii_student",
        tokens.STUDENT,
        re.compile(rf"{_START}(?:\d{{6,10}}|(?:19|20)?\d\d-\d{{4,7}}){_END}"),
        after_cue(r"학번[은:\s(]{0,4}$"),
    ),
)

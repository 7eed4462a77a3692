"""Rules for numbers that belong to one person: registration numbers, phones, cards, accounts.

Each rule is a pattern and a test of the match. Look-arounds stand where other languages would have \\b: Hangul is \\w,
and particles follow a number without a blank ("010-1234-5678입니다").
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from jaso_core.masking import tokens

Test = Callable[[re.Match[str]], bool]


@dataclass(frozen=True)
class Rule:
    """What to look for. `test` may refuse a match, for instance for want of a cue before it."""

    kind: str
    token: str
    pattern: re.Pattern[str]
    test: Test = lambda found: True
    group: int = 0


def after_cue(cue: str, reach: int = 20) -> Test:
    """True when `cue` stands within `reach` characters before the match, on the same line."""
    pattern = re.compile(cue, re.IGNORECASE)

    def test(found: re.Match[str]) -> bool:
        before = found.string[max(0, found.start() - reach) : found.start()]
        return pattern.search(before.rsplit("\n", 1)[-1]) is not None

    return test


def digits(text: str) -> str:
    """The ASCII digits of a text."""
    return "".join(character for character in text if "0" <= character <= "9")


def luhn(number: str) -> bool:
    """Whether a number's last digit is the check digit that cards have."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0


def business_checksum(number: str) -> bool:
    """The tax office's check digit of a business registration number of ten digits."""
    values = [int(digit) for digit in number]
    total = sum(value * weight for value, weight in zip(values, (1, 3, 7, 1, 3, 7, 1, 3, 5), strict=False))
    return (total + values[8] * 5 // 10 + values[9]) % 10 == 0


_FREE = r"(?<![\d])(?<!\d-)"
_END = r"(?!\d)(?!-\d)"
_SEP = r"[ \t]?[-.~]?[ \t]?"

# The sixth and seventh digit are never checked further: since October 2020 the last six are random.
_RESIDENT = rf"{_FREE}\d{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]){_SEP}(?P<sex>\d)(?:\d{{6}}|[*●Xx]{{6}}){_END}"


def _foreign(found: re.Match[str]) -> bool:
    return found.group("sex") in "5678"


def _resident(found: re.Match[str]) -> bool:
    return not _foreign(found)


# 10 to 19 mobile, 2 Seoul, 31 to 64 regions, 70 internet, 80 free of charge, 50x personal numbers.
_AREA = r"(?:1[016789]|2|3[1-3]|4[1-4]|5[1-5]|6[1-4]|70|80|50\d)"
# "1.010-1234-5678" is an item of a list, "0.0101234567" is a decimal.
_NO_DECIMAL = r"(?:(?<!\d\.)|(?!\d{9}))"
_GAP = r"[ \t]?[-.)/]?[ \t]?"
_PHONE = (
    rf"(?:(?<![\d+])\+[ \t]?82{_GAP}\(?0?\)?{_AREA}|(?<![\d+])82-{_AREA}|{_FREE}{_NO_DECIMAL}\(?0{_AREA})"
    rf"{_GAP}(?:\d{{3,4}}{_GAP}\d{{4}}|[\d*]{{3,4}}-[\d*]{{4}}){_END}"
)
# Digits one by one ("0 1 0 - 1 2 …"), or written as Hangul syllables ("공일공 일이삼사 …").
_D = r"[0-9공영빵일이삼사오육칠팔구]"
_S = r"[ \t.\-]{0,3}"
_TURN = r"[ \t.\-]{0,3}(?:(?:에|다시)[ \t.\-]{0,3})?"
_SPELLED = (
    rf"(?<![\d가-힣])(?<!\d-)(?:[0공영oO]{_S}[1일lI]{_S}[0공영oO]){_TURN}{_D}(?:{_S}{_D}){{3}}{_TURN}{_D}(?:{_S}{_D}){{3}}"
    rf"{_END}"
)
_SERVICE = (
    r"(?:1588|1577|1544|1566|1599|1522|1533|1551|1600|1644|1660|1661|1666|1668|1670|1688|1800|1811|1833|1855|1877|1899)"
)
_PHONE_CUE = after_cue(r"전화|연락처|휴대폰|핸드폰|콜센터|고객센터|문의|대표번호|☎|☏|tel|phone|\bHP\b|H\.P")


def _service(found: re.Match[str]) -> bool:
    """1588-1234 is a number, 1800-1850 may be two years."""
    first, last = found.group()[:4], found.group()[5:]
    return _PHONE_CUE(found) or (found.group()[4] == "-" and not first <= last <= "2100")


def _card(found: re.Match[str]) -> bool:
    number = digits(found.group())
    return "-" in found.group() or luhn(number) or after_cue("카드|card")(found)


def _short_card(found: re.Match[str]) -> bool:
    """Diners Club's fourteen digits are grouped like those of some accounts."""
    return luhn(digits(found.group())) and after_cue("카드|card")(found)


def _business(found: re.Match[str]) -> bool:
    return business_checksum(digits(found.group())) or after_cue("사업자")(found)


_BANKS = (
    r"(?:국민|신한|우리|하나|농협|기업|산업|씨티|제일|대구|부산|광주|전북|경남|제주|수협|신협|우체국|새마을금고|"
    r"카카오뱅크|케이뱅크|토스뱅크|은행|뱅크|KB|NH|IBK|KDB)"
)
_ACCOUNT_CUE = after_cue(rf"계좌|예금주|통장|입금|송금|account|{_BANKS}[가-힣]{{0,4}}[ \t:(]{{0,3}}$", 24)


def _account(found: re.Match[str]) -> bool:
    return 10 <= len(digits(found.group())) <= 14 and _ACCOUNT_CUE(found)


def _passport(found: re.Match[str]) -> bool:
    number = found.group()[1:]
    dated = re.fullmatch(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])", number)  # an order of that day
    return not dated or after_cue("여권|passport")(found)


_OLD_OFFICE = "서울|부산|경기|강원|충북|충남|전북|전남|경북|경남|제주|대구|인천|광주|대전|울산"

# Six digits with little between them, or a phone number's beginning in words.
HINT = re.compile(
    r"\d(?:[ \t.()/~+-]{0,4}[\d*●Xx]){5}|[0공영빵oO][ \t.\-]{0,3}[1일lI][ \t.\-]{0,3}[0공영oO]"
    r"|(?i:[MSRODG]\d{3}[A-Z]\d{4})"
)
# In this order: what an earlier rule has taken is out of reach for the later ones.
RULES = (
    Rule("pii_rrn", tokens.RESIDENT, re.compile(_RESIDENT), _resident),
    Rule("pii_frn", tokens.RESIDENT, re.compile(_RESIDENT), _foreign),
    Rule("pii_license", tokens.LICENCE, re.compile(rf"{_FREE}(?:1[1-9]|2[0-8])-\d{{2}}-\d{{6}}-\d{{2}}{_END}")),
    Rule(
        "pii_license",
        tokens.LICENCE,
        re.compile(rf"(?<![가-힣])(?:{_OLD_OFFICE})[ -]?\d{{2}}-\d{{6}}-\d{{2}}{_END}"),
    ),
    Rule(
        "pii_license",
        tokens.LICENCE,
        re.compile(rf"{_FREE}(?:1[1-9]|2[0-8])[ -]?\d{{2}}[ -]?\d{{6}}[ -]?\d{{2}}{_END}"),
        after_cue("운전면허|면허번호"),
    ),
    Rule(
        "pii_card",
        tokens.CARD,
        re.compile(rf"{_FREE}\d{{4}}(?P<s>[ -]?)\d{{4}}(?P=s)\d{{4}}(?P=s)\d{{4}}{_END}"),
        _card,
    ),
    Rule(
        "pii_card",
        tokens.CARD,
        re.compile(rf"{_FREE}3(?:0[0-5]|[68]\d)\d(?P<s>[ -]?)\d{{6}}(?P=s)\d{{4}}{_END}"),
        _short_card,
    ),
    Rule("pii_card", tokens.CARD, re.compile(rf"{_FREE}3[47]\d\d(?P<s>[ -]?)\d{{6}}(?P=s)\d{{5}}{_END}"), _card),
    Rule("pii_business_number", tokens.BUSINESS, re.compile(rf"{_FREE}\d{{3}}-\d{{2}}-\d{{5}}{_END}"), _business),
    Rule(
        "pii_business_number",
        tokens.BUSINESS,
        re.compile(rf"{_FREE}\d{{3}}(?P<s> ?)\d{{2}}(?P=s)\d{{5}}{_END}"),
        after_cue("사업자|(?<![A-Z])BRN(?![A-Z])"),
    ),
    Rule("pii_phone", tokens.PHONE, re.compile(_PHONE)),
    Rule("pii_phone", tokens.PHONE, re.compile(_SPELLED)),
    Rule("pii_phone", tokens.PHONE, re.compile(rf"{_FREE}{_SERVICE}[-. ]\d{{4}}{_END}"), _service),
    Rule("pii_phone", tokens.PHONE, re.compile(rf"{_FREE}{_SERVICE}\d{{4}}{_END}"), _PHONE_CUE),
    Rule("pii_phone", tokens.PHONE, re.compile(rf"{_FREE}[2-9]\d{{2,3}}-\d{{4}}{_END}"), _PHONE_CUE),
    Rule("pii_account", tokens.ACCOUNT, re.compile(rf"{_FREE}\d{{2,6}}(?:[- ]\d{{1,8}}){{1,4}}{_END}"), _account),
    Rule("pii_account", tokens.ACCOUNT, re.compile(rf"{_FREE}\d{{10,14}}{_END}"), _account),
    Rule(
        "pii_passport",
        tokens.PASSPORT,
        re.compile(r"(?<![A-Za-z0-9])(?:[MSRODG]\d{8}|[MSRODG]\d{3}[A-Z]\d{4})(?![A-Za-z0-9])"),
        _passport,
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
        re.compile(rf"{_FREE}(?:\d{{6,10}}|(?:19|20)?\d\d-\d{{4,7}}){_END}"),
        after_cue(r"학번[은:\s(]{0,4}$"),
    ),
)

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
_SEP = r"[ \t]?[-.~]?[ \t]?"

# The sixth and seventh digit are never checked further: since October 2020 the last six are random.
_RESIDENT = rf"{_START}\d{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]){_SEP}(?P<sex>\d)(?:\d{{6}}|[*●Xx]{{6}}){_END}"


def _is_foreign_resident(match: re.Match[str]) -> bool:
    return match.group("sex") in "5678"


def _is_resident(match: re.Match[str]) -> bool:
    return not _is_foreign_resident(match)


# 10 to 19 mobile, 2 Seoul, 31 to 64 regions, 70 internet, 80 free of charge, 50x personal numbers.
_AREA = r"(?:1[016789]|2|3[1-3]|4[1-4]|5[1-5]|6[1-4]|70|80|50\d)"
# "1.010-1234-5678" is an item of a list, "0.0101234567" is a decimal.
_NO_DECIMAL = r"(?:(?<!\d\.)|(?!\d{9}))"
_GAP = r"[ \t]?[-.)/]?[ \t]?"
_PHONE = (
    rf"(?:(?<![\d+])\+[ \t]?82{_GAP}\(?0?\)?{_AREA}|(?<![\d+])82-{_AREA}|{_START}{_NO_DECIMAL}\(?0{_AREA})"
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


def _is_service_number(match: re.Match[str]) -> bool:
    """Whether the match is a service number: 1588-1234 is, 1800-1850 may be two years."""
    first, last = match.group()[:4], match.group()[5:]
    return _PHONE_CUE(match) or (match.group()[4] == "-" and not first <= last <= "2100")


def _is_card(match: re.Match[str]) -> bool:
    number = digits(match.group())
    return "-" in match.group() or luhn(number) or after_cue("카드|card")(match)


def _is_short_card(match: re.Match[str]) -> bool:
    """Whether 14 digits are a Diners Club card; some accounts are grouped like them."""
    return luhn(digits(match.group())) and after_cue("카드|card")(match)


def _is_business_number(match: re.Match[str]) -> bool:
    return business_checksum(digits(match.group())) or after_cue("사업자")(match)


_BANKS = (
    r"(?:국민|신한|우리|하나|농협|기업|산업|씨티|제일|대구|부산|광주|전북|경남|제주|수협|신협|우체국|새마을금고|"
    r"카카오뱅크|케이뱅크|토스뱅크|은행|뱅크|KB|NH|IBK|KDB)"
)
_ACCOUNT_CUE = after_cue(rf"계좌|예금주|통장|입금|송금|account|{_BANKS}[가-힣]{{0,4}}[ \t:(]{{0,3}}$", 24)


def _is_account(match: re.Match[str]) -> bool:
    return 10 <= len(digits(match.group())) <= 14 and _ACCOUNT_CUE(match)


def _is_passport(match: re.Match[str]) -> bool:
    number = match.group()[1:]
    dated = re.fullmatch(
        r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])", number
    )  # an order number with a date
    return not dated or after_cue("여권|passport")(match)


_OLD_OFFICE = "서울|부산|경기|강원|충북|충남|전북|전남|경북|경남|제주|대구|인천|광주|대전|울산"

# Six digits with few characters between them, or the beginning of a phone number in words.
HINT = re.compile(
    r"\d(?:[ \t.()/~+-]{0,4}[\d*●Xx]){5}|[0공영빵oO][ \t.\-]{0,3}[1일lI][ \t.\-]{0,3}[0공영oO]"
    r"|(?i:[MSRODG]\d{3}[A-Z]\d{4})"
)
# The order matters: later rules do not see what an earlier one has matched.
RULES = (
    Rule("pii_rrn", tokens.RESIDENT, re.compile(_RESIDENT), _is_resident),
    Rule("pii_frn", tokens.RESIDENT, re.compile(_RESIDENT), _is_foreign_resident),
    Rule("pii_license", tokens.LICENCE, re.compile(rf"{_START}(?:1[1-9]|2[0-8])-\d{{2}}-\d{{6}}-\d{{2}}{_END}")),
    Rule(
        "pii_license",
        tokens.LICENCE,
        re.compile(rf"(?<![가-힣])(?:{_OLD_OFFICE})[ -]?\d{{2}}-\d{{6}}-\d{{2}}{_END}"),
    ),
    Rule(
        "pii_license",
        tokens.LICENCE,
        re.compile(rf"{_START}(?:1[1-9]|2[0-8])[ -]?\d{{2}}[ -]?\d{{6}}[ -]?\d{{2}}{_END}"),
        after_cue("운전면허|면허번호"),
    ),
    Rule(
        "pii_card",
        tokens.CARD,
        re.compile(rf"{_START}\d{{4}}(?P<s>[ -]?)\d{{4}}(?P=s)\d{{4}}(?P=s)\d{{4}}{_END}"),
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
        re.compile(rf"{_START}\d{{3}}(?P<s> ?)\d{{2}}(?P=s)\d{{5}}{_END}"),
        after_cue("사업자|(?<![A-Z])BRN(?![A-Z])"),
    ),
    Rule("pii_phone", tokens.PHONE, re.compile(_PHONE)),
    Rule("pii_phone", tokens.PHONE, re.compile(_SPELLED)),
    Rule("pii_phone", tokens.PHONE, re.compile(rf"{_START}{_SERVICE}[-. ]\d{{4}}{_END}"), _is_service_number),
    Rule("pii_phone", tokens.PHONE, re.compile(rf"{_START}{_SERVICE}\d{{4}}{_END}"), _PHONE_CUE),
    Rule("pii_phone", tokens.PHONE, re.compile(rf"{_START}[2-9]\d{{2,3}}-\d{{4}}{_END}"), _PHONE_CUE),
    Rule("pii_account", tokens.ACCOUNT, re.compile(rf"{_START}\d{{2,6}}(?:[- ]\d{{1,8}}){{1,4}}{_END}"), _is_account),
    Rule("pii_account", tokens.ACCOUNT, re.compile(rf"{_START}\d{{10,14}}{_END}"), _is_account),
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

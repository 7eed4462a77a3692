"""Rules for personal numbers: registration numbers, phones, cards, accounts."""

from __future__ import annotations

import re

from jaso_core.masking import tokens
from jaso_core.masking.pii import phones
from jaso_core.masking.pii.rule import END, NO_UNIT, START, Rule, after_cue, digits


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


# What people type between the groups of a number. Middle dots and tildes are folded by NormalisedText.
_SEP = r"[ \t]{0,2}[-.~·_]{0,2}[ \t]{0,2}"
# Between the groups of cards, licences and accounts, which have three gaps and more.
_SIGN = r"[ ]?[-·._~/]?[ ]?"
# Other signs separate items as well (quantities, dates, prices): they count only behind a cue.
_ANY_SEP = r"(?:[ \t]{0,3}[-.~·_/,=:|()]{0,2}[ \t]{0,3}|[ \t,/]{1,3}뒷?(?:자리|번호)[는은]?[ \t:]{0,2})"


def _are_dates(number: str) -> bool:
    """Whether a number begins with a date or has no group but years: 2019 2020 2021."""
    if re.match(r"(?:19|20)\d\d[-./ ]{1,3}(?:0?[1-9]|1[0-2])[-./ ]{1,3}(?:0?[1-9]|[12]\d|3[01])(?!\d)", number):
        return True
    return all(re.fullmatch(r"(?:19|20)\d\d", group) for group in re.findall(r"\d+", number))


# The sixth and seventh digit are never checked further: since October 2020 the last six are random.
_BIRTH = rf"{START}\d{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_HIDDEN_DIGITS = r"[*●○◯#·Xx]"
_SIX = rf"(?P<sex>\d)(?:\d{{6}}|{_HIDDEN_DIGITS}{{6}})"
_SEVEN_HIDDEN = rf"[ \t]?-[ \t]?{_HIDDEN_DIGITS}{{7}}"
_RESIDENT = rf"{_BIRTH}(?:{_SEP}{_SIX}{END}|{_SEVEN_HIDDEN})"
_BIRTH_WITH_SIGNS = rf"{START}\d\d[./ -]?(?:0[1-9]|1[0-2])[./ -]?(?:0[1-9]|[12]\d|3[01])"
_RESIDENT_AFTER_CUE = rf"{_BIRTH_WITH_SIGNS}(?:{_ANY_SEP}{_SIX}{END}|-(?P<only_sex>\d){END})"
_RESIDENT_CUE = after_cue(r"주민|외국인|등록[ \t]?번호|(?<![A-Z])[RF]RN(?![A-Z])")


def _is_foreign_resident(match: re.Match[str]) -> bool:
    groups = match.groupdict()
    return (groups["sex"] or groups.get("only_sex") or "0") in "5678"


def _is_resident(match: re.Match[str]) -> bool:
    return not _is_foreign_resident(match)


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
    r"[0-9공영빵oOMSRDGmsrdg](?:(?<=[0-9])(?:[ \t.()/~+·_-]{0,4}[\d*●Xx]){5}"
    r"|(?<=0)(?<![0-9].)1[016789][ \t]{0,2}[^\w\s]"
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
    Rule("pii_license", tokens.LICENCE, re.compile(rf"{START}(?:1[1-9]|2[0-8])-\d{{2}}-\d{{6}}-\d{{2}}{END}")),
    Rule(
        "pii_license",
        tokens.LICENCE,
        re.compile(rf"(?<![가-힣])(?:{_OLD_OFFICE})[ -]?\d{{2}}-\d{{6}}-\d{{2}}{END}"),
    ),
    Rule(
        "pii_license",
        tokens.LICENCE,
        re.compile(rf"{START}(?:1[1-9]|2[0-8]){_SIGN}\d{{2}}{_SIGN}\d{{6}}{_SIGN}\d{{2}}{END}"),
        after_cue("운전면허|면허[ \t]?번호"),
    ),
    Rule(
        "pii_card",
        tokens.CARD,
        re.compile(rf"{START}\d{{4}}(?P<s>{_SIGN})\d{{4}}(?P=s)\d{{4}}(?P=s)\d{{4}}{END}"),
        _is_card,
    ),
    Rule(
        "pii_card",
        tokens.CARD,
        re.compile(rf"{START}3(?:0[0-5]|[68]\d)\d(?P<s>[ -]?)\d{{6}}(?P=s)\d{{4}}{END}"),
        _is_short_card,
    ),
    Rule("pii_card", tokens.CARD, re.compile(rf"{START}3[47]\d\d(?P<s>[ -]?)\d{{6}}(?P=s)\d{{5}}{END}"), _is_card),
    Rule(
        "pii_business_number",
        tokens.BUSINESS,
        re.compile(rf"{START}\d{{3}}-\d{{2}}-\d{{5}}{END}"),
        _is_business_number,
    ),
    Rule(
        "pii_business_number",
        tokens.BUSINESS,
        re.compile(rf"{START}\d{{3}}(?P<s>{_SIGN})\d{{2}}(?P=s)\d{{5}}{END}"),
        _BUSINESS_CUE,
    ),
    *phones.RULES,
    Rule(
        "pii_account",
        tokens.ACCOUNT,
        re.compile(rf"{START}\d{{2,6}}(?:(?:[ ]|[ ]?[-·._~/][ ]?)\d{{1,8}}){{1,4}}{END}{NO_UNIT}"),
        _is_account,
    ),
    Rule("pii_account", tokens.ACCOUNT, re.compile(rf"{START}\d{{10,14}}{END}{NO_UNIT}"), _is_account),
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
        re.compile(rf"{START}(?:\d{{6,10}}|(?:19|20)?\d\d-\d{{4,7}}){END}"),
        after_cue(r"학번[은:\s(]{0,4}$"),
    ),
)

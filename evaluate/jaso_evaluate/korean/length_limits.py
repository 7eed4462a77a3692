"""Length limits (글자 수 제한) in Korean application forms: parsing and counting.

"(1000자 이내)", "500자 이상 700자 이하", "최대 1,500 byte", "공백 제외 800자": read from a question's text. Numbers
that mean something else (2023년, 3가지, 제3자, 34세, 500만 원) are no limits.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Unit = Literal["characters", "characters_without_blanks", "bytes"]
UNITS: dict[str, Unit] = {
    "characters": "characters",
    "characters_without_blanks": "characters_without_blanks",
    "bytes": "bytes",
    "자": "characters",
    "바이트": "bytes",
}
"""Units of a limit, by the names that a prediction's meta may use."""

ABOUT = 0.1
""" "1000자 내외" (about) is taken as 900 to 1,100."""

_MIN_CHARACTERS = 10
"""Smaller numbers of characters (한 자, 3자) limit no answer."""


@dataclass(frozen=True)
class Limit:
    """Inclusive bounds of a text's length; None: no such bound. At least one is set."""

    low: int | None
    high: int | None
    unit: Unit = "characters"


@dataclass(frozen=True)
class ByteCounting:
    """How a form counts bytes.

    `hangul_bytes`: 2 as in EUC-KR, 3 as in UTF-8. `line_end_bytes`: 2 where a form stores CR and LF.
    """

    hangul_bytes: int = 2
    line_end_bytes: int = 2


def character_costs(text: str, unit: Unit, counting: ByteCounting) -> NDArray[np.int64]:
    """Return the length of each character in `unit`, shape [characters].

    The text is taken in NFC with "\\n" as its only line end.
    """
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    if unit == "characters":
        return np.ones(len(points), dtype=np.int64)
    if unit == "characters_without_blanks":
        return np.array([not c.isspace() for c in text], dtype=np.int64)
    if counting.hangul_bytes == 2:
        sizes = 1 + (points >= 0x80)
    else:
        sizes = 1 + (points >= 0x80) + (points >= 0x800) + (points >= 0x10000)
    return np.where(points == ord("\n"), counting.line_end_bytes, sizes).astype(np.int64)


_NUMBER = r"(?:\d{1,3}(?:,\d{3}){1,2}|\d{1,2} ?천(?: ?\d백)?|\d백|\d{1,6})"
_BEHIND_CHARACTERS = (
    "이내|이하|이상|미만|초과|내외|내|정도|안팎|가량|전후|까지|분량|제한|기준|한도|넘|를|로|의|씩|[^가-힣A-Za-z0-9]|$"
)
_CHARACTERS = rf"글?자(?= ?(?:{_BEHIND_CHARACTERS}))"
_UNIT = rf"(?:{_CHARACTERS}|바이트|(?:bytes?|characters?|chars?)(?![A-Za-z]))"
_HIGH = r"이내|이하|미만|까지|(?:를 ?)?(?:초과하지|초과 ?(?:불가|금지)|넘지|넘기지)|내(?:로|에서|에)?(?![가-힣])|한도"
_LOW = r"이상|초과|(?:를 ?)?넘"
_NEAR = r"내외|안팎|정도|가량|전후"
_AMOUNT = re.compile(
    rf"(?P<before>최대|최소|적어도|약|대략)? ?(?<![\d.,제])"
    rf"(?:(?P<first>{_NUMBER}) ?(?:{_UNIT})? ?(?:[~∼〜–—−-]|에서|부터) ?)?"
    rf"(?P<number>{_NUMBER}) ?(?P<unit>{_UNIT}) ?(?P<after>{_HIGH}|{_LOW}|{_NEAR})?",
    re.IGNORECASE,
)
# Contexts in which a number alone means a limit: in brackets, after _BARE_BEFORE, or before _BARE_AFTER or the end.
_OPEN_BRACKET = re.compile(r"[(\[<{【〔][^)\]>}】〕]*$")
_BARE_BEFORE = re.compile(r"(?:최대|총|한글|국문|글자 ?수|분량|제한|한도|max\.?|within)[ :은는]{0,3}$", re.IGNORECASE)
_BARE_AFTER = re.compile(r" ?(?:로(?![가-힣])|분량|제한|기준|한도|[(,/]? ?(?:공백|띄어|한글|국문|영문)|[.,]? ?$)")
_PER_PART = re.compile(r"(?:각각?|(?:각 ?)?항목 ?(?:별|당)(?:로)?) ?$")
_WITHOUT_BLANKS = re.compile(
    r"(?:공백|띄어 ?쓰기|빈 ?칸) ?(?:은|는|을|를)? ?(?:제외|미 ?포함|불 ?포함|빼고|포함 ?(?:하지|안))"
)
_WITH_BLANKS = re.compile(r"(?:공백|띄어 ?쓰기|빈 ?칸) ?(?:은|는|을|를)? ?포함(?! ?(?:하지|안))")


_CONTEXT_CHARACTERS = 30
"""Characters before a number in which a bracket or a word can make it a limit."""


class _Amount(NamedTuple):
    low: int | None
    high: int | None
    in_bytes: bool


def find_limit(text: str) -> Limit | None:
    """Return the length limit that a question states, or None.

    Of several ("2,000Byte 이내(한글 1,000자)") the first upper bound counts, with lower bounds in the same unit; an
    amount for each of several parts ("각 300자") says nothing about the whole.
    """
    normalised = " ".join(unicodedata.normalize("NFKC", text).split())
    amounts = list(_amounts(normalised))
    if not amounts:
        return None
    main = next((amount for amount in amounts if amount.high is not None), amounts[0])
    lows = [amount.low for amount in amounts if amount.in_bytes == main.in_bytes and amount.low is not None]
    low = max(lows, default=None)
    if low is not None and main.high is not None and low > main.high:
        low = None
    return Limit(low, main.high, "bytes" if main.in_bytes else _character_unit(normalised))


def _character_unit(text: str) -> Unit:
    """Return the unit of a limit in characters: with or without blanks.

    Blanks count unless the question says that they do not; the first statement counts.
    """
    without_blanks, with_blanks = _WITHOUT_BLANKS.search(text), _WITH_BLANKS.search(text)
    if without_blanks and (not with_blanks or without_blanks.start() < with_blanks.start()):
        return "characters_without_blanks"
    return "characters"


def _amounts(text: str) -> Iterator[_Amount]:
    for match in _AMOUNT.finditer(text):
        number = _number(match["number"])
        if number < _MIN_CHARACTERS or _PER_PART.search(
            text[max(0, match.start() - _CONTEXT_CHARACTERS) : match.start()]
        ):
            continue
        low, high = _bounds(match, number, text)
        if low is not None or high is not None:
            yield _Amount(low, high, match["unit"].lower().startswith(("b", "바")))


def _bounds(match: re.Match[str], number: int, text: str) -> tuple[int | None, int | None]:
    before, after = match["before"] or "", match["after"] or ""
    if match["first"] and _number(match["first"]) < number:
        return _number(match["first"]), number
    if re.fullmatch(_HIGH, after):
        return None, number - (after == "미만")
    if before in ("최소", "적어도") or re.fullmatch(_LOW, after):
        return number + (after == "초과"), None
    if after or before in ("약", "대략"):
        return round(number * (1 - ABOUT)), round(number * (1 + ABOUT))
    context = text[max(0, match.start("number") - _CONTEXT_CHARACTERS) : match.start("number")]
    is_limit = (
        before == "최대"
        or _OPEN_BRACKET.search(context)
        or _BARE_BEFORE.search(context)
        or _BARE_AFTER.match(text, match.end())
    )
    return None, number if is_limit else None


def _number(text: str) -> int:
    """Parse a number: 1,000 · 1천 · 1천5백 · 5백."""
    digits = text.replace(",", "").replace(" ", "")
    if digits.isdigit():
        return int(digits)
    thousands, _, rest = digits.partition("천") if "천" in digits else ("0", "", digits)
    return 1000 * int(thousands) + 100 * int(rest.removesuffix("백") or 0)

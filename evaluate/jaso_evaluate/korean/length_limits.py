"""Length limits as Korean application forms write them, and lengths as they count them.

"(1000자 이내)", "500자 이상 700자 이하", "최대 1,500 byte", "공백 제외 800자": read from a question's text.
Numbers that mean something else (2023년, 3가지, 제3자, 34세, 500만 원) are no limits.
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
"""What a limit is counted in, by the names that a prediction's meta may give it."""

ABOUT = 0.1
""" "1000자 내외" (about) is taken as 900 to 1,100."""

_FEWEST = 10
"""Smaller numbers of characters (한 자, 3자) limit no answer."""


@dataclass(frozen=True)
class Limit:
    """The shortest and the longest that a text may be, both allowed; None: no such bound. One of them is there."""

    low: int | None
    high: int | None
    unit: Unit = "characters"


@dataclass(frozen=True)
class Counting:
    """`hangul_bytes`: 2 as forms in EUC-KR count, 3 as in UTF-8. `line_end_bytes`: 2 where a form stores CR and LF."""

    hangul_bytes: int = 2
    line_end_bytes: int = 2


def costs(text: str, unit: Unit, counting: Counting) -> NDArray[np.int64]:
    """What each character of the text, in NFC and with "\\n" as its only line end, costs; shape [characters]."""
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
# Where a number alone means a limit: in brackets, before these words or at the end, behind those words.
_OPEN = re.compile(r"[(\[<{【〔][^)\]>}】〕]*$")
_BARE_BEFORE = re.compile(r"(?:최대|총|한글|국문|글자 ?수|분량|제한|한도|max\.?|within)[ :은는]{0,3}$", re.IGNORECASE)
_BARE_AFTER = re.compile(r" ?(?:로(?![가-힣])|분량|제한|기준|한도|[(,/]? ?(?:공백|띄어|한글|국문|영문)|[.,]? ?$)")
_EACH = re.compile(r"(?:각각?|(?:각 ?)?항목 ?(?:별|당)(?:로)?) ?$")
_WITHOUT_BLANKS = re.compile(
    r"(?:공백|띄어 ?쓰기|빈 ?칸) ?(?:은|는|을|를)? ?(?:제외|미 ?포함|불 ?포함|빼고|포함 ?(?:하지|안))"
)
_WITH_BLANKS = re.compile(r"(?:공백|띄어 ?쓰기|빈 ?칸) ?(?:은|는|을|를)? ?포함(?! ?(?:하지|안))")


_NEARBY = 30
"""Characters before a number in which a bracket or a word may stand that makes a limit of it."""


class _Amount(NamedTuple):
    low: int | None
    high: int | None
    in_bytes: bool


def find_limit(text: str) -> Limit | None:
    """The limit that a question states, or None.

    Of several ("2,000Byte 이내(한글 1,000자)") the first upper bound counts, with lower bounds in the same unit; an
    amount for each of several parts ("각 300자") says nothing about the whole.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    amounts = list(_amounts(plain))
    if not amounts:
        return None
    main = next((amount for amount in amounts if amount.high is not None), amounts[0])
    lows = [amount.low for amount in amounts if amount.in_bytes == main.in_bytes and amount.low is not None]
    low = max(lows, default=None)
    if low is not None and main.high is not None and low > main.high:
        low = None
    return Limit(low, main.high, "bytes" if main.in_bytes else _characters(plain))


def _characters(text: str) -> Unit:
    """Blanks count unless the question says that they do not; said twice, the first counts."""
    without, included = _WITHOUT_BLANKS.search(text), _WITH_BLANKS.search(text)
    if without and (not included or without.start() < included.start()):
        return "characters_without_blanks"
    return "characters"


def _amounts(text: str) -> Iterator[_Amount]:
    for found in _AMOUNT.finditer(text):
        number = _number(found["number"])
        if number < _FEWEST or _EACH.search(text[max(0, found.start() - _NEARBY) : found.start()]):
            continue
        low, high = _bounds(found, number, text)
        if low is not None or high is not None:
            yield _Amount(low, high, found["unit"].lower().startswith(("b", "바")))


def _bounds(found: re.Match[str], number: int, text: str) -> tuple[int | None, int | None]:
    before, after = found["before"] or "", found["after"] or ""
    if found["first"] and _number(found["first"]) < number:
        return _number(found["first"]), number
    if re.fullmatch(_HIGH, after):
        return None, number - (after == "미만")
    if before in ("최소", "적어도") or re.fullmatch(_LOW, after):
        return number + (after == "초과"), None
    if after or before in ("약", "대략"):
        return round(number * (1 - ABOUT)), round(number * (1 + ABOUT))
    front = text[max(0, found.start("number") - _NEARBY) : found.start("number")]
    stated = (
        before == "최대" or _OPEN.search(front) or _BARE_BEFORE.search(front) or _BARE_AFTER.match(text, found.end())
    )
    return None, number if stated else None


def _number(text: str) -> int:
    """1,000 · 1천 · 1천5백 · 5백 → a number."""
    digits = text.replace(",", "").replace(" ", "")
    if digits.isdigit():
        return int(digits)
    thousands, _, rest = digits.partition("천") if "천" in digits else ("0", "", digits)
    return 1000 * int(thousands) + 100 * int(rest.removesuffix("백") or 0)

"""Helpers of all letter sites: question numbers, counts, "nothing" values, URLs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import SplitResult, urljoin, urlsplit

from jaso_core.moved_modules import former_names
from jaso_crawl.types import is_blank

__getattr__ = former_names(__name__)

_NOTHING = frozenset({"", "-", "none", "없음", "null"})


def strip_number(question: str, number: int) -> str:
    """Strip the site's "3. " from a question if it is `number`.

    A number that the writer wrote stays.
    """
    return re.sub(rf"^\s*{number}\s*\.\s*", "", question, count=1)


def leading_number(text: str) -> int | None:
    """Return the number before a heading: 3 of "3. 지원동기", else None.

    "3.5점" has none.
    """
    match = re.match(r"\s*(\d{1,2})\s*\.(?!\d)", text)
    return int(match[1]) if match else None


def numbered_headings(headings: Sequence[str]) -> list[int]:
    """Return indices of headings numbered by the site, starting at 1 and rising."""
    # 1. 지원동기, 안내, 2. 포부, 1. 첫째, 4. 성격 → [0, 2, 4]: numbers may be missing, but must rise
    indices: list[int] = []
    last = 0
    for index, text in enumerate(headings):
        number = leading_number(text)
        if number is not None and (number == 1 if not indices else number > last):
            indices.append(index)
            last = number
    return indices


def cell_value(text: str | None) -> str | None:
    """Return a cell's text on one line; None for a site's "nothing" values."""
    text_value = " ".join((text or "").split())
    return None if text_value.lower() in _NOTHING or is_blank(text_value) else text_value


def parse_count(digits: str) -> int | None:
    """Parse a count: "1,026" → 1026; None for other text or over 18 digits."""
    plain_digits = digits.replace(",", "")
    return int(plain_digits) if plain_digits.isdecimal() and len(plain_digits) <= 18 else None


def resolve_url(target: object, page_url: str = "") -> SplitResult:
    """Resolve a link on a page into its parts; all empty for an invalid URL.

    "http://[" is invalid, for example.
    """
    try:
        return urlsplit(urljoin(page_url, str(target)))
    except ValueError:
        return urlsplit("")


def experience_of(text: str | None) -> str | None:
    """Return AI Hub's level for a heading: NEW, EXPERIENCED or None.

    NEW for 신입 and 인턴, EXPERIENCED for 경력.
    """
    words = text or ""
    if "경력" in words and "신입" not in words:
        return "EXPERIENCED"
    return "NEW" if "신입" in words or "인턴" in words else None


def merged(contexts: Iterable[Mapping[str, str | None]]) -> dict[str, str | None]:
    """Merge contexts of one letter, independent of their order.

    Of each key the first value in alphabetical order.
    """
    # {company: 나, role: None}, {company: 가, role: 전산} → {company: 가, role: 전산}
    values_by_key: dict[str, set[str]] = {}
    for context in contexts:
        for key, value in context.items():
            values_by_key.setdefault(key, set()).update([value] if value else [])
    return {key: min(values, default=None) for key, values in sorted(values_by_key.items())}

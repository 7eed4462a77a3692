"""What the parsers of all letter sites share: seasons, numbers before questions, words for "nothing"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import SplitResult, urljoin, urlsplit

from jaso_core.moved_modules import former_names
from jaso_crawl.types import is_blank

__getattr__ = former_names(__name__)

_NOTHING = frozenset({"", "-", "none", "없음", "null"})


def strip_number(question: str, number: int) -> str:
    """The question without the "3. " that the site put before it, if it is `number`; a writer's own number stays."""
    return re.sub(rf"^\s*{number}\s*\.\s*", "", question, count=1)


def leading_number(text: str) -> int | None:
    """The number before a heading: 3 of "3. 지원동기"; None without one. "3.5점" begins with none."""
    match = re.match(r"\s*(\d{1,2})\s*\.(?!\d)", text)
    return int(match[1]) if match else None


def numbered_headings(headings: Sequence[str]) -> list[int]:
    """Indices of the headings that carry a site's numbers: the first with 1, each other with one that is higher."""
    indices: list[int] = []
    last = 0
    for index, text in enumerate(headings):
        number = leading_number(text)
        if number is not None and (number == 1 if not indices else number > last):
            indices.append(index)
            last = number
    return indices


def cell_value(text: str | None) -> str | None:
    """A cell's text on one line; None for what sites write where there is nothing."""
    text_value = " ".join((text or "").split())
    return None if text_value.lower() in _NOTHING or is_blank(text_value) else text_value


def parse_count(digits: str) -> int | None:
    """ "1,026" → 1026; None for what is no number, or one of more digits than anything on a page has."""
    plain_digits = digits.replace(",", "")
    return int(plain_digits) if plain_digits.isdecimal() and len(plain_digits) <= 18 else None


def resolve_url(target: object, page_url: str = "") -> SplitResult:
    """What a link on the page `here` leads to, in parts; all of them are empty for what is none, like "http://["."""
    try:
        return urlsplit(urljoin(page_url, str(target)))
    except ValueError:
        return urlsplit("")


def experience_of(text: str | None) -> str | None:
    """AI Hub's word for the level that a heading names: NEW for 신입 and 인턴, EXPERIENCED for 경력, else None."""
    words = text or ""
    if "경력" in words and "신입" not in words:
        return "EXPERIENCED"
    return "NEW" if "신입" in words or "인턴" in words else None


def merged(contexts: Iterable[Mapping[str, str | None]]) -> dict[str, str | None]:
    """What several entries say of one letter: of each thing the first in alphabetical order, whatever theirs was."""
    values_by_key: dict[str, set[str]] = {}
    for context in contexts:
        for key, value in context.items():
            values_by_key.setdefault(key, set()).update([value] if value else [])
    return {key: min(values, default=None) for key, values in sorted(values_by_key.items())}

"""Numbers and names for people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jaso_core.text.occupation_codes import KOREAN_NAMES

NONE = "–"
_NAMES = {
    **KOREAN_NAMES,
    "NEW": "신입",
    "EXPERIENCED": "경력",
    "letter": "자기소개서",
    "interview": "면접",
    "dialogue": "상담 대화",
    "posting": "채용 공고",
    "message": "메시지",
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]+")
# Links stay whole; of a file's path only the name is told, because folders are named after people and projects.
_PATH = re.compile(r"(?<![\w:/.])(?:~|\.{1,2})?/?(?:[\w가-힣.@+-]+/)+([\w가-힣.@+-]*)|(?<![\w:/.])/([\w가-힣.@+-]+)")


def number(value: float | None) -> str:
    """Thousands apart; one decimal where it is no whole number."""
    if value is None:
        return NONE
    return f"{int(value):,}" if float(value).is_integer() else f"{value:z,.1f}"


def percent(part: float, whole: float) -> str:
    """One decimal, and never 0.0 for something or 100.0 for less than all."""
    if not whole:
        return NONE
    share = 100 * part / whole
    if 0 < share < 0.05:
        return "< 0.1 %"
    if 99.95 <= share < 100:
        return "> 99.9 %"
    return f"{share:.1f} %"


def plain(value: object) -> str:
    """A value as one line of text that every file format takes: no control characters, no half surrogates."""
    return " ".join(_CONTROL.sub(" ", str(value)).encode("utf-8", "replace").decode("utf-8").split())


def name_of(value: object, labels: Mapping[str, Any] | None = None) -> str:
    """Of a source, an occupation, a topic: its Korean name with the code behind it, else itself."""
    code = plain(value)
    known = (labels or {}).get(str(value)) or _NAMES.get(code)
    return f"{plain(known)} ({code})" if known and plain(known) != code else code


def short(text: str, length: int = 24) -> str:
    """Cut for an axis."""
    return text if len(text) <= length else text[: length - 1] + "…"


def without_folders(text: object) -> str:
    """The text with "some/folder/name" become "name"."""
    return _PATH.sub(lambda found: found[1] or found[2] or found[0].rstrip("/").split("/")[-1], plain(text))


def size_category(examples: int) -> str:
    """The hub's name for a number of examples."""
    steps = ((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"), (10**7, "1M<n<10M"))
    return next((name for limit, name in steps if examples < limit), "n>10M")

"""Number and name formatting for the corpus card."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jaso_core.report.number_format import NONE
from jaso_core.text.occupation_codes import KOREAN_NAMES

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
# Links stay whole; a file path is reduced to its name, because folders are named after people and projects.
_PATH = re.compile(r"(?<![\w:/.])(?:~|\.{1,2})?/?(?:[\w가-힣.@+-]+/)+([\w가-힣.@+-]*)|(?<![\w:/.])/([\w가-힣.@+-]+)")


def number(value: float | None) -> str:
    """Format a number with thousands separators; one decimal unless it is whole."""
    if value is None:
        return NONE
    return f"{int(value):,}" if float(value).is_integer() else f"{value:z,.1f}"


def sanitize(value: object) -> str:
    """Return a value as one line of text that every file format takes.

    Control characters and lone surrogates are removed.
    """
    return " ".join(_CONTROL.sub(" ", str(value)).encode("utf-8", "replace").decode("utf-8").split())


def display_name(value: object, labels: Mapping[str, Any] | None = None) -> str:
    """Return the Korean name of a source, occupation or topic with its code.

    The code itself where there is no Korean name.
    """
    code = sanitize(value)
    label = (labels or {}).get(str(value)) or _NAMES.get(code)
    return f"{sanitize(label)} ({code})" if label and sanitize(label) != code else code


def truncate(text: str, length: int = 24) -> str:
    """Truncate a label for an axis."""
    return text if len(text) <= length else text[: length - 1] + "…"


def without_folders(text: object) -> str:
    """Strip folders from paths: "some/folder/name" becomes "name"."""
    return _PATH.sub(lambda match: match[1] or match[2] or match[0].rstrip("/").split("/")[-1], sanitize(text))


def size_category(examples: int) -> str:
    """Return the Hub's size category of a number of examples."""
    steps = ((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"), (10**7, "1M<n<10M"))
    return next((name for limit, name in steps if examples < limit), "n>10M")

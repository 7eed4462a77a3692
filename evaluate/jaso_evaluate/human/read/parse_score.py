"""Parse a cell as a score, or give the reason why it is none."""

from __future__ import annotations

import re

from jaso_evaluate.human.read.files import DateOrError, Formula, Value
from jaso_evaluate.rubric import Criterion

_WHOLE = re.compile(r"[+-]?[0-9]{1,6}(?:\.0?)?")
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
"""Full-width characters as a Korean keyboard writes them.

No other digit-like sign (², ①) counts.
"""


class InvalidScoreError(Exception):
    """`what` is wrong with the cell, `cure` says what to write.

    It is turned into a line for the rater.
    """

    def __init__(self, what: str, cure: str) -> None:
        super().__init__(what)
        self.what, self.cure = what, cure


def parse_score(value: Value, criterion: Criterion) -> int | None:
    """Parse the score, None for a blank cell.

    InvalidScoreError with a cure for anything but a whole number of the scale. "1.0" is 1 (Google Sheets writes so),
    and full-width digits count: both can mean one thing only.
    """
    cure = f"write one of {criterion.scale} as a number alone"
    if isinstance(value, Formula):
        raise InvalidScoreError(f"holds a formula ({value[:40]})", cure)
    if isinstance(value, DateOrError):
        raise InvalidScoreError(f"holds a date or an error ({value[:40]})", f"format the cell as a number, then {cure}")
    if isinstance(value, bool):
        raise InvalidScoreError(f"holds {str(value).upper()}", cure)
    text = str("" if value is None else value).translate(_WIDE).replace("\u2212", "-").strip().lstrip("'")
    if not text:
        return None
    if not _WHOLE.fullmatch(text):
        raise InvalidScoreError(f"holds {_describe(text)}", cure)
    score = int(float(text))
    if not criterion.lowest <= score <= criterion.highest:
        raise InvalidScoreError(f"holds {score}, outside {criterion.lowest} to {criterion.highest}", cure)
    return score


def _describe(text: str) -> str:
    if text.startswith("="):
        return f"a formula ({text[:40]})"
    if re.fullmatch(r"[+-]?\d+[.,]\d+", text):
        return f"{text}, which is no whole number"
    if re.search(r"\d[-/.월]\s?\d|[A-Z][a-z]{2}[-/]\d|\d[-/][A-Z][a-z]{2}", text):
        return f"'{text[:40]}', which looks like a date that a spreadsheet made"
    return f"the text '{text[:40]}'"

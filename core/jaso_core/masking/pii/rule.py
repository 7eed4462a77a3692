"""Rule of the masking of personal data: a pattern, its token, a test of the match.

Look-arounds replace the \\b of other languages: Hangul is \\w, and particles follow a number without a blank
("010-1234-5678입니다").
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

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


# A number neither goes on behind the match nor began before it.
START = r"(?<![\d])(?<!\d-)"
END = r"(?!\d)(?!-\d)"
# "300-1000건", "1600-2500명": quantities. "1588-0000만 받습니다" is a number with a particle.
_UNIT = r"(?:건|명|원|개|회(?!원)|점|통|콜|곳|권|대(?!표)|여|년|%|만[ \t]?(?:원|명|건|개)|천|억)"
NO_UNIT = rf"(?!{_UNIT})(?![ \t]{_UNIT}(?:[^가-힣]|[을를이가은는의에도과와로]|$))"

"""Repeated characters: long laughter, tears and punctuation."""

from __future__ import annotations

import re
from collections.abc import Sequence

from jaso_core.registry import NoOptions
from jaso_core.text.edits import Edit
from jaso_preprocess.steps import STEPS, EditStep

# Jamo and punctuation only: 1000000원, "Zzz" and 다아아아 are not for a rule to shorten. Asterisks, hyphens, equals
# signs and geometric shapes hide names and draw lines, which other steps look at; stars are ratings.
_RUN = re.compile(r"([ㄱ-ㅣ!?~^,;:])\1{2,}|\.{4,}|…{3,}")


@STEPS.register("repeats")
class Repeats(EditStep):
    """ㅋㅋㅋㅋ to ㅋㅋ, !!!! to !!, at most three full stops and two ellipses."""

    def __init__(self, options: NoOptions) -> None:
        del options

    def edits(self, text: str, field: str) -> Sequence[Edit]:
        del field
        return [Edit(*match.span(), _shorter(match.group()), "repeated_chars") for match in _RUN.finditer(text)]


def _shorter(run: str) -> str:
    return run[:3] if run[0] == "." else run[:2]

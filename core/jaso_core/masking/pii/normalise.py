"""A copy of a text on which numbers and addresses can be matched however they were typed."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from jaso_core.masking.tokens import shielded

# Characters that the copy writes differently. Circled and bracketed numbers are no digits of a phone number.
_ODD = re.compile(r"[^\x00-\x7f가-힣\ue000]")
_DASHES = "‐‑‒–—―−－﹣－ㅡ"
_GONE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"


class Copy:
    """`text` is what to match on; `span` gives the place of a match in the original.

    NFKC per character where one ASCII character comes of it; dashes of all kinds become "-", zero-width characters
    go; everything else stays. Tokens are blotted out.
    """

    def __init__(self, original: str) -> None:
        text = shielded(original)
        self._places: list[int] | None = None
        if not _ODD.search(text):
            self.text = text
            return
        characters, places = [], []
        for place, character in enumerate(text):
            if character in _GONE:
                continue
            characters.append(_plain(character))
            places.append(place)
        self.text = "".join(characters)
        if len(places) < len(text):
            self._places = places

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the original of copy[start:end], which must not be empty."""
        if self._places is None:
            return start, end
        return self._places[start], self._places[end - 1] + 1


@lru_cache(maxsize=8192)
def _plain(character: str) -> str:
    if character <= "\x7f":
        return character
    if character in _DASHES:
        return "-"
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.digit(character))
    if category == "Zs":
        return " "
    if category == "No":
        return character
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 and folded <= "\x7f" else character

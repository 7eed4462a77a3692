"""Text normalisation for matching numbers and addresses in any typing."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from jaso_core.masking.tokens import hide_tokens

# Characters that may change. Circled and bracketed numbers are no digits of a phone number.
_NOT_PLAIN = re.compile(r"[^\x00-\x7f가-힣\ue000]")
_DASHES = "‐‑‒–—―−－﹣－ㅡ"
_ZERO_WIDTH = "\u00ad\u200b\u200c\u200d\u2060\ufeff"


class NormalisedText:
    """A normalised text, and the mapping of its spans to the original.

    NFKC per character where it gives one ASCII character; dashes of all kinds become "-", zero-width characters are
    removed; the rest is unchanged. Tokens are hidden.
    """

    def __init__(self, original: str) -> None:
        text = hide_tokens(original)
        self._offsets: list[int] | None = None
        if not _NOT_PLAIN.search(text):
            self.text = text
            return
        # "전", a zero-width space, "０１０" → "전010" with offsets [0, 2, 3, 4]
        characters, offsets = [], []
        for offset, character in enumerate(text):
            if character in _ZERO_WIDTH:
                continue
            characters.append(_fold(character))
            offsets.append(offset)
        self.text = "".join(characters)
        if len(offsets) < len(text):
            self._offsets = offsets

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the original span of text[start:end], which must not be empty."""
        if self._offsets is None:
            return start, end
        return self._offsets[start], self._offsets[end - 1] + 1


@lru_cache(maxsize=8192)
def _fold(character: str) -> str:
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

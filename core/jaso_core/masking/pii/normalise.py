"""Text normalisation for matching numbers and addresses in any typing."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from jaso_core.masking.tokens import hide_tokens

# Characters that may change.
_NOT_PLAIN = re.compile(r"[^\x00-\x7f가-힣\ue000]")
_FOLDED = {
    **dict.fromkeys("‐‑‒–—―−－﹣－ㅡ", "-"),
    **dict.fromkeys("·ㆍ•∙⋅・･‧◦ᆞ᛫⸱", "·"),
    **dict.fromkeys("∼〜～˜", "~"),
    **dict.fromkeys("。．", "."),
    **dict.fromkeys("、，", ","),
    **dict.fromkeys("│┃∣", "|"),
    "\u3164": " ",
    "\uffa0": " ",
}
_ZERO_WIDTH = "\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u115f\u1160"
_IS_ZERO_WIDTH = re.compile(f"[{_ZERO_WIDTH}]")
# A long vowel of katakana and a line of a table: dashes where they stand between digits.
_DRAWN_DASH = re.compile(r"(?<=[0-9])([ \t]{0,2})[ー─━┄┈](?=[ \t]{0,2}[0-9*])")
# Digits in circles and brackets, of which one in front of a number is the mark of a list: "①010-…".
_RINGED = "\u2460-\u2468\u2474-\u247c\u2488-\u2490\u24ea\u24f5-\u24fd\u24ff\u2776-\u277e\u2780-\u2788\u278a-\u2792"
_HAS_RINGED = re.compile(f"[{_RINGED}]")
_RINGED_NUMBER = re.compile(
    rf"[{_RINGED}](?:[ \t.\-·~_]{{0,3}}[{_RINGED}])+|(?<=[0-9])[{_RINGED}](?=[0-9])|[⓪⓿](?=[0-9])|(?<=[0-9])[⓪⓿]"
)


class NormalisedText:
    """A normalised text, and the mapping of its spans to the original.

    NFKC per character where it gives one ASCII character; dashes, middle dots and tildes of all kinds become one of
    each; zero-width characters and the marks on a character (the box of a keycap) are removed; two and more digits in
    circles are digits; the rest is unchanged. Tokens are hidden.
    """

    def __init__(self, original: str) -> None:
        text = hide_tokens(original)
        self._original = text
        self._offsets: list[int] | None = None
        if not _NOT_PLAIN.search(text):
            self.text = text
            return
        # "전", a zero-width space, "０１０" → "전010" with offsets [0, 2, 3, 4]
        characters = [_fold(character) for character in text]
        self.text = _fold_between_digits("".join(characters))
        if len(self.text) < len(text):
            self._offsets = [offset for offset, character in enumerate(characters) if character]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the original span of text[start:end], which must not be empty."""
        if self._offsets is None:
            return start, end
        stop = self._offsets[end - 1] + 1
        # "8", variation selector, box of a keycap: the last digit goes with its marks
        while stop < len(self._original) and unicodedata.category(self._original[stop]) in ("Mn", "Me"):
            stop += 1
        return self._offsets[start], stop


def _fold_between_digits(text: str) -> str:
    """Fold what is a digit or a dash only in a number; the length stays."""
    if _HAS_RINGED.search(text):
        text = _RINGED_NUMBER.sub(lambda match: "".join(map(_plain_digit, match.group())), text)
    return _DRAWN_DASH.sub(r"\1-", text)


def _plain_digit(character: str) -> str:
    digit = unicodedata.digit(character, None)
    return character if digit is None else str(digit)


@lru_cache(maxsize=8192)
def _fold(character: str) -> str:
    if character <= "\x7f":
        return character
    if character in _FOLDED:
        return _FOLDED[character]
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.digit(character))
    if category == "Zs":
        return " "
    if category in ("Mn", "Me") or _IS_ZERO_WIDTH.match(character):
        return ""
    if category == "No":
        return character
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 and folded <= "\x7f" else character

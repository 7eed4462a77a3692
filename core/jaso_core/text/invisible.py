"""Invisible characters: which there are, and names compared without them."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

FILLERS = "\u115f\u1160\u3164\uffa0\u2800\u034f" + "".join(map(chr, range(0xFE00, 0xFE10)))
"""Invisible, though Unicode counts them as letters, marks or symbols.

Hangul fillers, the empty Braille pattern, the grapheme joiner, variation selectors.
"""
_FILLERS = frozenset(FILLERS)


def is_invisible(char: str) -> bool:
    """Return whether a character shows nothing: a filler, zero-width or control."""
    return char in _FILLERS or unicodedata.category(char) in ("Cc", "Cf")


@lru_cache(maxsize=4096)
def comparable_name(name: str) -> str:
    """Return a name as it is compared: NFC, without invisible characters.

    White space of any kind is one blank.
    """
    # "질문\u200b" in NFD and "\ufeff 질문" → "질문"
    composed = unicodedata.normalize("NFC", name)
    if composed.isascii() and composed.isprintable():
        return " ".join(composed.split())
    visible = "".join(" " if char.isspace() else "" if is_invisible(char) else char for char in composed)
    return " ".join(visible.split())

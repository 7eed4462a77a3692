"""Windows of a text for an embedder, which blurs long ones: whole sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST = 120
"""Characters of a window; a longer sentence is cut at blanks."""

_SENTENCE = re.compile(r"[^\n.!?。…]+[.!?。…]*[\"'”’)\]]*\s*|[.!?。…\s]+")


def split_windows(text: str) -> list[str]:
    """Return a text's windows: as many whole sentences as fit, without outer blanks.

    Sentence ends are marks and line ends, so that nothing is analysed: the windows of two texts need not be the
    same. No window is blank.
    """
    windows: list[str] = []
    current = ""
    for piece in _pieces(text):
        if current and len(current) + len(piece) > LONGEST:
            windows.append(current)
            current = ""
        current += piece
    return [window.strip() for window in [*windows, current] if window.strip()]


def _pieces(text: str) -> Iterator[str]:
    for match in _SENTENCE.finditer(text):
        sentence = match[0]
        while len(sentence) > LONGEST:
            blank = sentence.rfind(" ", 1, LONGEST)
            cut = blank + 1 if blank > 0 else LONGEST
            yield sentence[:cut]
            sentence = sentence[cut:]
        yield sentence

"""Tokens on a terminal, with the loss mask: in columns that Hangul does not push out of line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING
from unicodedata import combining, east_asian_width

from jaso_core.modeling.encode import IGNORED, Encoded, encode_offsets, end_id
from jaso_core.prompts import Piece, PromptFormat
from jaso_core.records import Example

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

SHOWN = 200
"""Tokens of an example at most."""
WIDEST = 16
"""Columns of a token at most."""


class Tint(StrEnum):
    """What a colour means."""

    LEARNED = "\x1b[32;1m"
    MARKER = "\x1b[36m"
    GIVEN = "\x1b[2m"
    OFF = "\x1b[0m"


def grid(texts: Sequence[str], encoded: Encoded, colour: bool, width: int) -> Iterator[str]:
    """Mark, id and text of the first SHOWN tokens, side by side, in lines of at most `width` columns.

    `texts` may be longer than the tokens: those that were truncated have no cell.
    """
    wide = min(WIDEST, max(map(columns, texts)))
    digits = max(len(str(i)) for i in encoded.input_ids)
    cells = []
    for text, i, label in list(zip(texts, encoded.input_ids, encoded.labels, strict=False))[:SHOWN]:
        mark, tint = ("+", Tint.LEARNED) if label != IGNORED else ("·", Tint.GIVEN)
        cells.append(tinted(f"{mark} {i:>{digits}} {fitted(text, wide)}", tint, colour))
    across = max(1, width // (wide + digits + 5))
    for first in range(0, len(cells), across):
        yield f"  {'  '.join(cells[first : first + across])}".rstrip()


def token_texts(example: Example, prompt: PromptFormat, tokenizer: PreTrainedTokenizerFast) -> list[str]:
    """What each token stands for in the text, the end token's included; "~" where it holds a part of a character."""
    texts: list[str] = []
    for piece in (*prompt.context(example), Piece(prompt.target(example))):
        texts += [piece.text] if piece.marker else _pieces(piece.text, encode_offsets(piece.text, tokenizer))
    return [*texts, str(tokenizer.convert_ids_to_tokens(end_id(tokenizer)))]


def _pieces(text: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    shared = [False, *(before[1] > after[0] for before, after in pairwise(spans)), False]
    return [
        "~" * shared[place] + visible(text[start:end], blank="␣") + "~" * shared[place + 1]
        for place, (start, end) in enumerate(spans)
    ]


def columns(text: str) -> int:
    """Columns of a terminal: Hangul takes two."""
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def fitted(text: str, wide: int) -> str:
    """Padded to `wide` columns, or cut with "…"."""
    if columns(text) > wide:
        while columns(text) >= wide:
            text = text[:-1]
        text += "…"
    return text + " " * (wide - columns(text))


def visible(text: str, blank: str = " ") -> str:
    """Line ends and other characters that a terminal would act upon, as signs."""
    signs = {"\n": "⏎", "\t": "⇥", " ": blank}
    return "".join(signs.get(c, c if c.isprintable() else f"\\u{ord(c):04x}") for c in text)


def tinted(text: str, tint: Tint, colour: bool) -> str:
    """In colour, if there is to be any."""
    return f"{tint}{text}{Tint.OFF}" if colour else text

"""Token table for terminals with the loss mask, aligned for wide Hangul."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING
from unicodedata import combining, east_asian_width

from jaso_core.modeling.encode import IGNORED, Encoded, encode_offsets, marker_id
from jaso_core.prompts import PromptFormat
from jaso_core.records import Example

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

MAX_TOKENS = 200
"""Maximum number of tokens of an example."""
MAX_CELL_WIDTH = 16
"""Maximum width of a token in columns."""


class Tint(StrEnum):
    """ANSI escape codes by meaning."""

    LEARNED = "\x1b[32;1m"
    MARKER = "\x1b[36m"
    GIVEN = "\x1b[2m"
    OFF = "\x1b[0m"


def grid(texts: Sequence[str], encoded: Encoded, colour: bool, width: int) -> Iterator[str]:
    """Yield lines with mark, id and text of the first MAX_TOKENS tokens.

    The tokens are side by side, in lines of at most `width` columns. `texts` may be longer than the tokens: those that
    were truncated have no cell.
    """
    cell_width = min(MAX_CELL_WIDTH, max(map(display_width, texts)))
    digits = max(len(str(i)) for i in encoded.input_ids)
    cells = []
    for text, i, label in list(zip(texts, encoded.input_ids, encoded.labels, strict=False))[:MAX_TOKENS]:
        mark, tint = ("+", Tint.LEARNED) if label != IGNORED else ("·", Tint.GIVEN)
        cells.append(colour_text(f"{mark} {i:>{digits}} {fit_width(text, cell_width)}", tint, colour))
    cells_per_line = max(1, width // (cell_width + digits + 5))
    for first in range(0, len(cells), cells_per_line):
        yield f"  {'  '.join(cells[first : first + cells_per_line])}".rstrip()


def token_texts(example: Example, prompt: PromptFormat, tokenizer: PreTrainedTokenizerFast) -> list[str]:
    """Return the text of each token, including the end token's.

    A "~" marks a token that holds a part of a character.
    """
    texts: list[str] = []
    for piece in prompt.context(example):
        texts += [piece.text] if piece.marker else _token_texts(piece.text, encode_offsets(piece.text, tokenizer))
    for piece in prompt.ending(example):
        texts += (
            [str(tokenizer.convert_ids_to_tokens(marker_id(piece, tokenizer)))]
            if piece.marker
            else _token_texts(piece.text, encode_offsets(piece.text, tokenizer))
        )
    return texts


def _token_texts(text: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    # spans [(0, 1), (0, 1), (1, 2)]: the first two tokens share a character → "가~", "~가", "나"
    is_split = [False, *(before[1] > after[0] for before, after in pairwise(spans)), False]
    return [
        "~" * is_split[index] + show_controls(text[start:end], blank="␣") + "~" * is_split[index + 1]
        for index, (start, end) in enumerate(spans)
    ]


def display_width(text: str) -> int:
    """Return the width in terminal columns: Hangul takes two."""
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def fit_width(text: str, width: int) -> str:
    """Pad to `width` columns, or cut with "…"."""
    if display_width(text) > width:
        while display_width(text) >= width:
            text = text[:-1]
        text += "…"
    return text + " " * (width - display_width(text))


def show_controls(text: str, blank: str = " ") -> str:
    """Replace line ends and control characters by visible signs."""
    signs = {"\n": "⏎", "\t": "⇥", " ": blank}
    return "".join(signs.get(c, c if c.isprintable() else f"\\u{ord(c):04x}") for c in text)


def colour_text(text: str, tint: Tint, colour: bool) -> str:
    """Colour the text, if `colour` is on."""
    return f"{tint}{text}{Tint.OFF}" if colour else text

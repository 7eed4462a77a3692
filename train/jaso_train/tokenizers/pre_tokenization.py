"""Pre-tokenization: split texts into words and spell them, before any trainer.

bytes: GPT-2's splitting (a word takes the space before it) and its spelling of bytes as printable characters.
characters: a space is spelt ▁ and begins a word; line breaks, "<" and characters outside of the alphabet are isolated.
No ▁ is added before the first word, other than in KoGPT2's vocabulary: a space at the begin of a text would be lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers.decoders import Decoder
    from tokenizers.pre_tokenizers import PreTokenizer

SPACE = "▁"
LONGEST = 96
"""Symbols of a word (32 syllables in bytes); longer ones are split. WordPiece's time is cubic in a word's length."""

# "<" isolated: then no model can read a special token out of plain text.
_ISOLATED = r"<|[\r\n]+"


def word_pre_tokenizer(units: str) -> PreTokenizer:
    """Return the pre-tokenizer for counting words, before the alphabet is known."""
    from tokenizers import Regex, pre_tokenizers

    if units == "bytes":
        return pre_tokenizers.ByteLevel(add_prefix_space=False)
    spaces = pre_tokenizers.Metaspace(replacement=SPACE, prepend_scheme="never")
    return pre_tokenizers.Sequence([spaces, pre_tokenizers.Split(Regex(_ISOLATED), "isolated")])


def full_pre_tokenizer(units: str, alphabet: Iterable[str]) -> PreTokenizer:
    """Return the pre-tokenizer of the finished tokenizer.

    Characters outside of `alphabet` are isolated, and no word is above LONGEST. An isolated unknown character is one
    `<unk>` for every model; WordPiece would else lose its whole word.
    """
    from tokenizers import Regex, pre_tokenizers

    parts = [word_pre_tokenizer(units)]
    if units == "characters":
        parts.append(pre_tokenizers.Split(Regex(f"[^{_ranges(alphabet)}]"), "isolated"))
    return pre_tokenizers.Sequence([*parts, pre_tokenizers.FixedLength(LONGEST)])


def decoder(units: str) -> Decoder:
    """Return the decoder from tokens to text."""
    from tokenizers import decoders

    if units == "bytes":
        return decoders.ByteLevel()
    return decoders.Metaspace(replacement=SPACE, prepend_scheme="never")


def _ranges(alphabet: Iterable[str]) -> str:
    """Return the inside of a regex character class, as code points without escapes."""
    codes = sorted(map(ord, alphabet))
    # "abcx" → codes [97, 98, 99, 120] → \x{61}-\x{63}\x{78}-\x{78}
    begins = [codes[0], *(code for before, code in pairwise(codes) if code != before + 1)]
    ends = [*(before for before, code in pairwise(codes) if code != before + 1), codes[-1]]
    return "".join(rf"\x{{{begin:X}}}-\x{{{end:X}}}" for begin, end in zip(begins, ends, strict=True))


@cache
def unicode_to_byte() -> dict[str, int]:
    """Return GPT-2's 256 characters and their bytes (inverse of `bytes_to_unicode`).

    Printable Latin-1 represents itself, the rest begins at U+0100.
    """
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(0x100 + index): byte for index, byte in enumerate(others)}

"""How a text is divided into words before tokens are looked for, and how tokens are spelt: the same for every trainer.

bytes: GPT-2's division (a word takes the space before it) and its spelling of bytes as printable characters.
characters: a space is spelt ▁ and begins a word; line breaks, "<" and characters outside of the alphabet stand alone.
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
"""Symbols of a word (32 syllables in bytes); longer ones are divided. WordPiece's time is cubic in a word's length."""

# "<" alone: no special token can then be read out of plain text, by whatever model.
_ALONE = r"<|[\r\n]+"


def divider(units: str) -> PreTokenizer:
    """Divides texts while words are counted: without what hangs on the alphabet, which is not known by then."""
    from tokenizers import Regex, pre_tokenizers

    if units == "bytes":
        return pre_tokenizers.ByteLevel(add_prefix_space=False)
    spaces = pre_tokenizers.Metaspace(replacement=SPACE, prepend_scheme="never")
    return pre_tokenizers.Sequence([spaces, pre_tokenizers.Split(Regex(_ALONE), "isolated")])


def full_divider(units: str, alphabet: Iterable[str]) -> PreTokenizer:
    """Divides texts as the finished tokenizer does: characters outside of `alphabet` alone, no word above LONGEST.

    An unknown character that stands alone is one `<unk>` for every model; WordPiece would else lose its whole word.
    """
    from tokenizers import Regex, pre_tokenizers

    parts = [divider(units)]
    if units == "characters":
        parts.append(pre_tokenizers.Split(Regex(f"[^{_ranges(alphabet)}]"), "isolated"))
    return pre_tokenizers.Sequence([*parts, pre_tokenizers.FixedLength(LONGEST)])


def decoder(units: str) -> Decoder:
    """Turns tokens into text again."""
    from tokenizers import decoders

    if units == "bytes":
        return decoders.ByteLevel()
    return decoders.Metaspace(replacement=SPACE, prepend_scheme="never")


def _ranges(alphabet: Iterable[str]) -> str:
    """The inside of a character class, in code points so that nothing needs an escape of its own."""
    codes = sorted(map(ord, alphabet))
    begins = [codes[0], *(code for before, code in pairwise(codes) if code != before + 1)]
    ends = [*(before for before, code in pairwise(codes) if code != before + 1), codes[-1]]
    return "".join(rf"\x{{{begin:X}}}-\x{{{end:X}}}" for begin, end in zip(begins, ends, strict=True))


@cache
def byte_spelling() -> dict[str, int]:
    """GPT-2's 256 characters and their bytes: printable Latin-1 stands for itself, the rest begins at U+0100."""
    itself = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = [byte for byte in range(256) if byte not in itself]
    return {chr(byte): byte for byte in itself} | {chr(0x100 + place): byte for place, byte in enumerate(others)}

"""Tokenizer options; checking them imports no tokenizer library."""

from __future__ import annotations

from dataclasses import dataclass

from jaso_core.errors import RequestError, did_you_mean
from jaso_train.tokenizers.special_tokens import SPECIAL_TOKENS

NAMES = ["bpe", "pretrained", "unigram", "wordpiece"]
UNITS = ["bytes", "characters"]
SMALLEST = {"bytes": len(SPECIAL_TOKENS) + 256, "characters": len(SPECIAL_TOKENS) + 1}
"""Tokens before any is learned: special ones, and the bytes or the symbol of a space."""


@dataclass(frozen=True)
class TokenizerOptions:
    """Tokenizer options: `name` of the algorithm and `vocabulary` size.

    `name`: bpe, wordpiece, unigram, or pretrained for models that bring their own. `vocabulary`: tokens, the 109
    special ones included. `min_frequency`: how often a future token has to occur. `units`: bytes (nothing is unknown,
    all texts come back unchanged) or characters (as KoGPT2's). `alphabet`: with units=characters the number of
    characters, the most frequent; null for all that occur.
    """

    name: str = "bpe"
    vocabulary: int = 4000
    min_frequency: int = 2
    units: str = "bytes"
    alphabet: int | None = None

    def __post_init__(self) -> None:
        if self.name not in NAMES:
            raise RequestError(f"tokenizer '{self.name}' is unknown", did_you_mean(self.name, NAMES))
        if self.units not in UNITS:
            raise RequestError(f"config key 'tokenizer.units': '{self.units}'", did_you_mean(self.units, UNITS))
        smallest = SMALLEST[self.units] + (self.alphabet or 0)
        if self.vocabulary <= smallest:
            raise RequestError(
                f"config key 'tokenizer.vocabulary': {self.vocabulary} is too small", f"give more than {smallest}"
            )
        if self.min_frequency < 1:
            raise RequestError(f"config key 'tokenizer.min_frequency': {self.min_frequency}", "give 1 or more")
        if self.alphabet is not None and self.units == "bytes":
            raise RequestError(
                f"config key 'tokenizer.alphabet': {self.alphabet}, but the alphabet of bytes is always whole",
                "leave it out, or set tokenizer.units=characters",
            )
        if self.alphabet is not None and self.alphabet < 1:
            raise RequestError(f"config key 'tokenizer.alphabet': {self.alphabet}", "give 1 or more, or null for all")

"""Generated ids as text: the whole, and piece by piece as tokens come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

_INCOMPLETE = "\ufffd"
"""What byte-level tokenizers decode a part of a character to."""


def decode_text(tokenizer: PreTrainedTokenizerFast, ids: Sequence[int]) -> str:
    """The text of generated ids, without special tokens and outer white space."""
    text = tokenizer.decode(list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False)
    return str(text).strip()


def stream_text(tokenizer: PreTrainedTokenizerFast, tokens: Iterable[int]) -> Iterator[str]:
    """Pieces of text as tokens come; joined they are `decode_text` of all of them.

    White space at the end waits for what follows it, and so does a character of which only some bytes are there: 자
    may come as two tokens, and shows after the second.
    """
    ids: list[int] = []
    sent = ""
    for token in tokens:
        ids.append(token)
        text = decode_text(tokenizer, ids)
        if text.startswith(sent) and not text.endswith(_INCOMPLETE) and len(text) > len(sent):
            yield text[len(sent) :]
            sent = text
    text = decode_text(tokenizer, ids)
    if len(text) > len(sent):
        yield text[len(sent) :]

"""The one place where token ids and labels are made, for training, for likelihoods and for generation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jaso_core.errors import RequestError
from jaso_core.prompts.base import Piece, PromptFormat
from jaso_core.records import Example

if TYPE_CHECKING:
    from tokenizers import Encoding
    from transformers import PreTrainedTokenizerFast

IGNORED = -100
"""The label that the loss passes over."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """Token ids with labels of the same length; labels are IGNORED before the text to be learned.

    `truncated` counts the target tokens that did not fit; the end-of-text token is only there if all fitted.
    """

    input_ids: list[int]
    labels: list[int]
    truncated: int


class PromptTooLongError(RequestError):
    """The context alone fills the limit: nothing would be left to learn or to write."""


def encode_context(example: Example, prompt: PromptFormat, tokenizer: PreTrainedTokenizerFast) -> list[int]:
    """The ids of all that stands before the target."""
    ids: list[int] = []
    for piece in prompt.context(example):
        ids += [marker_id(piece, tokenizer)] if piece.marker else encode_text(piece.text, tokenizer)
    return ids


def encode_example(
    example: Example, prompt: PromptFormat, tokenizer: PreTrainedTokenizerFast, max_length: int
) -> Encoded:
    """Context, target and end-of-text, cut at the end to `max_length` tokens.

    PromptTooLongError (a RequestError) when the context alone fills `max_length`.
    """
    context = encode_context(example, prompt, tokenizer)
    if len(context) >= max_length:
        raise PromptTooLongError(
            f"example '{example.id}': its prompt has {len(context)} tokens, the limit is {max_length}",
            "raise trainer.max_length or drop the example",
        )
    target = [*encode_text(prompt.target(example), tokenizer), end_id(tokenizer)]
    room = max_length - len(context)
    kept = target[:room]
    return Encoded(context + kept, [IGNORED] * len(context) + kept, len(target) - len(kept))


def encode_text(text: str, tokenizer: PreTrainedTokenizerFast) -> list[int]:
    """Ids of plain text: a "</s>" that somebody typed is text, not the end."""
    return list(_encode_plain(text, tokenizer).ids)


def encode_offsets(text: str, tokenizer: PreTrainedTokenizerFast) -> list[tuple[int, int]]:
    """Where each token of `encode_text` begins and ends in the text, in code points."""
    return list(_encode_plain(text, tokenizer).offsets)


def _encode_plain(text: str, tokenizer: PreTrainedTokenizerFast) -> Encoding:
    backend = tokenizer.backend_tokenizer
    backend.encode_special_tokens = True
    try:
        return backend.encode(text, add_special_tokens=False)
    finally:
        backend.encode_special_tokens = False


def marker_id(piece: Piece, tokenizer: PreTrainedTokenizerFast) -> int:
    """The id of a marker. RequestError when the vocabulary has no such token."""
    found = tokenizer.convert_tokens_to_ids(piece.text)
    if not isinstance(found, int) or found == tokenizer.unk_token_id:
        raise RequestError(
            f"the tokenizer has no token '{piece.text}', which the prompt format uses as a marker",
            "take another prompt= or a model whose vocabulary has it",
        )
    return found


def end_id(tokenizer: PreTrainedTokenizerFast) -> int:
    """The id of the end-of-text token. RequestError when there is none."""
    found = tokenizer.eos_token_id
    if not isinstance(found, int):
        raise RequestError("the tokenizer has no end-of-text token", "set eos_token in tokenizer_config.json")
    return found

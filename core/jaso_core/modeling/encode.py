"""Encode examples: token ids and labels, for training, likelihoods and generation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from jaso_core.errors import RequestError
from jaso_core.prompts.base import END, Piece, PromptFormat
from jaso_core.records import Example

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

IGNORED = -100
"""The label that the loss passes over."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """Token ids with labels of the same length.

    Labels are IGNORED before the text to be learned.

    `truncated` counts the target tokens that did not fit; the end-of-text token is only there if all fitted.
    """

    input_ids: list[int]
    labels: list[int]
    truncated: int


class PromptTooLongError(RequestError):
    """The context alone fills the limit: nothing would be left to learn or to write."""


def encode_context(example: Example, prompt: PromptFormat, tokenizer: PreTrainedTokenizerFast) -> list[int]:
    """Return the token ids of all that is before the target."""
    return encode_pieces(prompt.context(example), prompt, tokenizer)


def encode_pieces(pieces: Sequence[Piece], prompt: PromptFormat, tokenizer: PreTrainedTokenizerFast) -> list[int]:
    """Return the token ids of pieces, encoded one by one or as one text."""
    text = prompt.one_text(pieces)
    if text is not None:
        return list(_copied_tokenizer(tokenizer, special_as_text=False).encode(text, add_special_tokens=False).ids)
    ids: list[int] = []
    for piece in pieces:
        ids += [marker_id(piece, tokenizer)] if piece.marker else encode_text(piece.text, tokenizer)
    return ids


def encode_segments(
    segments: Sequence[Sequence[Piece]], prompt: PromptFormat, tokenizer: PreTrainedTokenizerFast
) -> list[list[int]]:
    """Return the token ids of consecutive segments; joined they are the whole.

    Where a token would reach over a border, each segment is encoded by itself, as it is when a model goes on writing.
    """
    if prompt.one_text([piece for segment in segments for piece in segment]) is None:
        return [encode_pieces(segment, prompt, tokenizer) for segment in segments]
    ids: list[list[int]] = []
    before: list[int] = []
    pieces: list[Piece] = []
    for segment in segments:
        pieces += segment
        whole = encode_pieces(pieces, prompt, tokenizer)
        if whole[: len(before)] != before:
            return [encode_pieces(segment, prompt, tokenizer) for segment in segments]
        ids.append(whole[len(before) :])
        before = whole
    return ids


def encode_example(
    example: Example, prompt: PromptFormat, tokenizer: PreTrainedTokenizerFast, max_length: int
) -> Encoded:
    """Context, target and end-of-text, cut at the end to `max_length` tokens.

    PromptTooLongError (a RequestError) when the context alone fills `max_length`.
    """
    context, target = _context_and_target(example, prompt, tokenizer, max_length)
    fitting = target[: max_length - len(context)]
    return Encoded(context + fitting, [IGNORED] * len(context) + fitting, len(target) - len(fitting))


def encode_windows(
    example: Example, prompt: PromptFormat, tokenizer: PreTrainedTokenizerFast, max_length: int, overlap: int
) -> list[Encoded]:
    """Return the target in overlapping windows of at most `max_length` tokens.

    Each window comes after the context; there is one where all fits.

    Each token of the target, the end-of-text token included, is learned in exactly one window. A later window shows
    the `overlap` tokens before its own, unlearned; fewer where the context leaves so little room that they would take
    more than half of it. PromptTooLongError when the context alone fills `max_length`.
    """
    context, target = _context_and_target(example, prompt, tokenizer, max_length)
    room = max_length - len(context)
    shown = max(0, min(overlap, room // 2))
    windows = []
    for start in range(0, max(1, len(target) - shown), room - shown):
        seen = shown if start else 0
        part = target[start : start + room]
        labels = [IGNORED] * (len(context) + seen) + part[seen:]
        windows.append(Encoded(context + part, labels, 0))
    return windows


def _context_and_target(
    example: Example, prompt: PromptFormat, tokenizer: PreTrainedTokenizerFast, max_length: int
) -> tuple[list[int], list[int]]:
    context, target = encode_segments([prompt.context(example), prompt.ending(example)], prompt, tokenizer)
    if len(context) >= max_length:
        raise PromptTooLongError(
            f"example '{example.id}': its prompt has {len(context)} tokens, the limit is {max_length}",
            "raise trainer.max_length or drop the example",
        )
    return context, target


def encode_text(text: str, tokenizer: PreTrainedTokenizerFast) -> list[int]:
    """Return the token ids of plain text.

    Special tokens spelt out in it ("</s>") are text. Safe from several threads.
    """
    # A batch of one, because only batches can be had without offsets: half as long again otherwise.
    return list(_copied_tokenizer(tokenizer).encode_batch_fast([text], add_special_tokens=False)[0].ids)


def encode_offsets(text: str, tokenizer: PreTrainedTokenizerFast) -> list[tuple[int, int]]:
    """Start and end of each token of `encode_text` in the text, in code points."""
    return list(_copied_tokenizer(tokenizer).encode(text, add_special_tokens=False).offsets)


_COPIES: WeakKeyDictionary[PreTrainedTokenizerFast, dict[bool, tuple[int, Tokenizer]]] = WeakKeyDictionary()
_COPYING = Lock()


def _copied_tokenizer(tokenizer: PreTrainedTokenizerFast, *, special_as_text: bool = True) -> Tokenizer:
    """Return a copy of the tokenizer that reads special tokens as text, or not.

    It is copied again when tokens were added.

    A copy, for the flag belongs to the tokenizer: to set it on a shared one while another thread encodes would let a
    user's "</s>" become the end token.
    """
    backend = tokenizer.backend_tokenizer
    size = backend.get_vocab_size()
    with _COPYING:
        copies = _COPIES.setdefault(tokenizer, {})
        copied = copies.get(special_as_text)
        if copied is None or copied[0] != size:
            copy = type(backend).from_str(backend.to_str())
            copy.no_truncation()
            copy.no_padding()
            copy.encode_special_tokens = special_as_text
            copied = copies[special_as_text] = (size, copy)
    return copied[1]


def marker_id(piece: Piece, tokenizer: PreTrainedTokenizerFast) -> int:
    """The id of a marker; of `</s>` that of the tokenizer's own end-of-text token.

    RequestError when the vocabulary has no such token.
    """
    if piece.text == END:
        return end_id(tokenizer)
    marker = tokenizer.convert_tokens_to_ids(piece.text)
    if not isinstance(marker, int) or marker == tokenizer.unk_token_id:
        raise RequestError(
            f"the tokenizer has no token '{piece.text}', which the prompt format uses as a marker",
            "take another prompt= or a model whose vocabulary has it",
        )
    return marker


def stop_ids(prompt: PromptFormat, tokenizer: PreTrainedTokenizerFast) -> list[int]:
    """The ids at which writing ends. RequestError when the vocabulary lacks one."""
    return list(dict.fromkeys(marker_id(Piece(stop, True), tokenizer) for stop in prompt.stops))


def end_id(tokenizer: PreTrainedTokenizerFast) -> int:
    """The id of the end-of-text token. RequestError when there is none."""
    end = tokenizer.eos_token_id
    if not isinstance(end, int):
        raise RequestError("the tokenizer has no end-of-text token", "set eos_token in tokenizer_config.json")
    return end

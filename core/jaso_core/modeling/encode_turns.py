"""Encode conversations for training: labels on every answer of the assistant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jaso_core.modeling.encode import IGNORED, Encoded, PromptTooLongError, encode_segments
from jaso_core.prompts.chat import ChatPrompt
from jaso_core.records import Example

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast


def encode_turns(
    example: Example, prompt: ChatPrompt, tokenizer: PreTrainedTokenizerFast, max_length: int
) -> list[Encoded]:
    """Return training rows of a conversation with several answers.

    Each is cut at its end to `max_length` tokens.

    None of one with a single answer, or where the last alone is learned: `encode_example` has its row. `truncated`
    counts tokens of answers. PromptTooLongError where no row has an answer's token within `max_length`.
    """
    rows = []
    segment_rows = prompt.turn_rows(example)
    for segments in segment_rows:
        ids: list[int] = []
        labels: list[int] = []
        encoded = encode_segments([pieces for pieces, _ in segments], prompt, tokenizer)
        for (_, is_learned), part in zip(segments, encoded, strict=True):
            ids += part
            labels += part if is_learned else [IGNORED] * len(part)
        truncated = sum(label != IGNORED for label in labels[max_length:])
        if any(label != IGNORED for label in labels[:max_length]):
            rows.append(Encoded(ids[:max_length], labels[:max_length], truncated))
    if segment_rows and not rows:
        raise PromptTooLongError(
            f"example '{example.id}': no answer begins within {max_length} tokens",
            "raise trainer.max_length or drop the example",
        )
    return rows

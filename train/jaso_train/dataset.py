"""Encoded examples and the batches that are made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch.utils.data import Dataset

from jaso_core.errors import RequestError
from jaso_core.labels import IGNORED, PromptTooLongError, encode_example
from jaso_core.prompts import PromptFormat
from jaso_core.records import Example
from jaso_core.say import progress

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast


@dataclass
class EncodedDataset(Dataset[dict[str, Any]]):
    """Examples as token ids and labels.

    `characters`: of the targets, in code points. `incomplete`: examples that lack a field that the prompt format
    reads. `too_long`: examples whose prompt alone fills the limit. `truncated`: examples whose target lost its
    end, `truncated_tokens` in all.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    characters: int = 0
    target_tokens: int = 0
    incomplete: int = 0
    too_long: int = 0
    truncated: int = 0
    truncated_tokens: int = 0

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, place: int) -> dict[str, Any]:
        return self.rows[place]

    def counts(self) -> dict[str, int]:
        """What went in, what was cut, and what was left out, for the manifest."""
        return {
            "examples": len(self.rows),
            "target_tokens": self.target_tokens,
            "truncated_examples": self.truncated,
            "truncated_tokens": self.truncated_tokens,
            "incomplete_examples": self.incomplete,
            "too_long_prompts": self.too_long,
        }


def encode_all(
    examples: Sequence[Example],
    prompt: PromptFormat,
    tokenizer: PreTrainedTokenizerFast,
    max_length: int,
    *,
    whole_only: bool = False,
    what: str = "encoding",
) -> EncodedDataset:
    """Encodes what the prompt format can render. With `whole_only` truncated examples are counted and left out,
    so that tokens and characters speak of the same text. RequestError when nothing is left.
    """
    data = EncodedDataset()
    for example in progress(examples, len(examples), what, "examples"):
        if not prompt.complete(example):
            data.incomplete += 1
            continue
        try:
            encoded = encode_example(example, prompt, tokenizer, max_length)
        except PromptTooLongError:
            data.too_long += 1
            continue
        data.truncated += encoded.truncated > 0
        data.truncated_tokens += encoded.truncated
        if encoded.truncated and whole_only:
            continue
        learned = sum(label != IGNORED for label in encoded.labels)
        data.rows.append({"input_ids": encoded.input_ids, "labels": encoded.labels, "length": len(encoded.labels)})
        data.target_tokens += learned
        data.characters += len(prompt.target(example))
    if not data.rows:
        fields = ", ".join((*prompt.reads, prompt.writes))
        raise RequestError(
            f"none of {len(examples):,} examples can be used with prompt format '{prompt.name}' "
            f"(it needs {fields}; {data.incomplete:,} lack one, {data.truncated + data.too_long:,} are too long)",
            "take another prompt=, a source that has the fields, or a larger trainer.max_length",
        )
    return data


@dataclass(frozen=True)
class Collator:
    """Pads on the right to the longest of the batch; padding is neither attended to nor learned."""

    pad: int

    def __call__(self, rows: Sequence[dict[str, Any]]) -> dict[str, torch.Tensor]:
        longest = max(len(row["input_ids"]) for row in rows)

        def padded(values: Sequence[int], filler: int) -> list[int]:
            return [*values, *[filler] * (longest - len(values))]

        return {
            "input_ids": torch.tensor([padded(row["input_ids"], self.pad) for row in rows]),
            "attention_mask": torch.tensor([padded([1] * len(row["input_ids"]), 0) for row in rows]),
            "labels": torch.tensor([padded(row["labels"], IGNORED) for row in rows]),
        }

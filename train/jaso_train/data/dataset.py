"""Dataset of encoded examples, with counts of truncated and dropped ones."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from torch.utils.data import Dataset

from jaso_core.console import progress
from jaso_core.errors import RequestError
from jaso_core.modeling.encode import (
    IGNORED,
    Encoded,
    PromptTooLongError,
    encode_example,
    encode_windows,
)
from jaso_core.modeling.encode_turns import encode_turns
from jaso_core.prompts import PromptFormat
from jaso_core.prompts.chat import ChatPrompt
from jaso_core.records import Example
from jaso_train.data.collators import Row

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast


THINKING = "<think>"
"""What begins a thinking block, in the templates of models that think."""


class TaskDataset(Dataset[Row], ABC):
    """Base class of encoded splits; a row has its number of tokens as `length`."""

    rows: list[Row]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Row:
        return self.rows[index]

    @property
    def lengths(self) -> list[int]:
        """Tokens of each row."""
        return [row["length"] for row in self.rows]

    @abstractmethod
    def counts(self) -> dict[str, int]:
        """Return the counts of examples used, truncated and left out, for the manifest."""


@dataclass
class EncodedDataset(TaskDataset):
    """Examples as token ids and labels.

    `characters`: of the targets, in code points. `incomplete`: examples that lack a field that the prompt format reads.
    `too_long`: examples whose prompt alone fills the limit. `truncated`: examples whose target lost its end
    (`truncated_tokens` in all), or that were dropped for it. `windows`, `turn_rows`: rows in excess of examples, where
    long targets were divided, or answers of a conversation have rows of their own. `thinking`: examples whose answers
    hold a thinking block.
    """

    rows: list[Row] = field(default_factory=list)
    characters: int = 0
    target_tokens: int = 0
    tokens: int = 0
    incomplete: int = 0
    too_long: int = 0
    truncated: int = 0
    truncated_tokens: int = 0
    dropped: int = 0
    windows: int = 0
    turn_rows: int = 0
    thinking: int = 0

    def add(self, encoded: Encoded) -> None:
        """Add one row."""
        length = len(encoded.input_ids)
        self.rows.append({"input_ids": encoded.input_ids, "labels": encoded.labels, "length": length})
        self.tokens += length
        self.target_tokens += sum(label != IGNORED for label in encoded.labels)

    def counts(self) -> dict[str, int]:
        return {
            "examples": len(self.rows) - self.windows - self.turn_rows,
            "rows": len(self.rows),
            "tokens": self.tokens,
            "target_tokens": self.target_tokens,
            "characters": self.characters,
            "truncated_examples": self.truncated,
            "truncated_tokens": self.truncated_tokens,
            "dropped_examples": self.dropped,
            "incomplete_examples": self.incomplete,
            "too_long_prompts": self.too_long,
            **({"thinking_examples": self.thinking} if self.thinking else {}),
        }


def encode_all(
    examples: Sequence[Example],
    prompt: PromptFormat,
    tokenizer: PreTrainedTokenizerFast,
    max_length: int,
    *,
    long: str = "truncate",
    overlap: int = 0,
    all_turns: bool = False,
    what: str = "encoding",
) -> EncodedDataset:
    """Encode the examples that the prompt format can render.

    `long`: what to do with a target that does not fit: truncate, drop (validation has to, so that tokens and characters
    are counted over the same text) or window. `all_turns`: of a conversation learn every answer, not the last alone;
    those are truncated in place of windows. RequestError when no example is left.
    """
    data = EncodedDataset()
    for example in progress(examples, len(examples), what, "examples"):
        if not prompt.complete(example):
            data.incomplete += 1
            continue
        chat = prompt if isinstance(prompt, ChatPrompt) else None
        texts = [prompt.target(example)]
        try:
            rows = encode_turns(example, chat, tokenizer, max_length) if all_turns and chat is not None else []
            if chat is not None and rows:
                texts = chat.answers(example)
            else:
                rows = [encode_example(example, prompt, tokenizer, max_length)]
        except PromptTooLongError:
            data.too_long += 1
            continue
        truncated_tokens = sum(row.truncated for row in rows)
        if truncated_tokens and long == "window" and len(texts) == 1:
            rows = encode_windows(example, prompt, tokenizer, max_length, overlap)
            data.windows += len(rows) - 1
        elif truncated_tokens:
            data.truncated += 1
            if long == "drop":
                data.dropped += 1
                continue
            data.truncated_tokens += truncated_tokens
        if len(texts) > 1:
            data.turn_rows += len(rows) - 1
        data.thinking += chat is not None and any(THINKING in text for text in texts)
        for row in rows:
            data.add(row)
        data.characters += sum(map(len, texts))
    if not data.rows:
        _raise_no_rows(data, prompt, examples)
    return data


def _raise_no_rows(data: EncodedDataset, prompt: PromptFormat, examples: Sequence[Example]) -> None:
    missing = {what for example in examples for what in prompt.lacks(example)}
    lacking = " or ".join(what for what in prompt.needs if what in missing)
    reasons = [f"{data.incomplete:,} lack {lacking}"] if data.incomplete else []
    long = data.dropped + data.too_long
    reasons += [f"{long:,} are too long"] if long else []
    raise RequestError(
        f"none of {len(examples):,} examples can be used with prompt format '{prompt.name}' "
        f"(it needs {', '.join(prompt.needs)}; {', '.join(reasons) or 'there are none'})",
        "take another prompt=, a source that has the fields, or a larger trainer.max_length",
    )

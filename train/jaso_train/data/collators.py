"""Collators: encoded examples to the tensors of a padded or packed batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import torch

from jaso_core.modeling.encode import IGNORED

Row = dict[str, Any]
Batch = dict[str, Any]
Collator = Callable[[Sequence[Row]], Batch]
"""Makes a batch of rows; it is given none by a process that has none left in an epoch's last step."""

DUMMY_ROW = {"input_ids": [0], "labels": [IGNORED]}
"""The batch of a process that has no example left while others have the epoch's last ones: one unlabelled token."""


@dataclass(frozen=True)
class PaddingCollator:
    """Pad examples on the right to the longest, one a row.

    Padding is neither attended to nor learned.
    """

    pad: int

    def __call__(self, rows: Sequence[Row]) -> Batch:
        rows = rows or [DUMMY_ROW]
        longest = max(len(row["input_ids"]) for row in rows)

        def pad_to_longest(values: Sequence[int], filler: int) -> list[int]:
            return [*values, *[filler] * (longest - len(values))]

        return {
            "input_ids": torch.tensor([pad_to_longest(row["input_ids"], self.pad) for row in rows]),
            "attention_mask": torch.tensor([pad_to_longest([1] * len(row["input_ids"]), 0) for row in rows]),
            "labels": torch.tensor([pad_to_longest(row["labels"], IGNORED) for row in rows]),
        }


@dataclass(frozen=True)
class PackingCollator:
    """Pack examples end to end into one row, without padding.

    Positions begin again at 0 with each example, `cu_seq_lens_*` hold where each begins, and no example predicts the
    first token of the next. So a batch holds the same examples as a padded one, and has the same loss and gradients.
    """

    def __call__(self, rows: Sequence[Row]) -> Batch:
        rows = rows or [DUMMY_ROW]
        lengths = [len(row["input_ids"]) for row in rows]
        # Examples of 3 and 2 tokens → borders [0, 3, 5], positions [0, 1, 2, 0, 1].
        borders = torch.tensor([0, *accumulate(lengths)], dtype=torch.int32)
        return {
            "input_ids": torch.tensor([[token for row in rows for token in row["input_ids"]]]),
            "labels": torch.tensor([[label for row in rows for label in (IGNORED, *row["labels"][1:])]]),
            "position_ids": torch.tensor([[position for length in lengths for position in range(length)]]),
            "cu_seq_lens_q": borders,
            "cu_seq_lens_k": borders,
            "max_length_q": max(lengths),
            "max_length_k": max(lengths),
        }


def to_device(batch: Batch, device: Any) -> Batch:
    """Return the batch with its tensors on a device."""
    return {name: value.to(device) if torch.is_tensor(value) else value for name, value in batch.items()}

"""From encoded examples to the tensors of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import torch

from jaso_core.modeling.encode import IGNORED

Batch = dict[str, Any]

NOTHING = {"input_ids": [0], "labels": [IGNORED]}
"""What a process computes where others have the last examples of an epoch: a token of which nothing is learned."""


@dataclass(frozen=True)
class PaddingCollator:
    """One row an example, padded on the right to the longest; padding is neither attended to nor learned."""

    pad: int

    def __call__(self, rows: Sequence[dict[str, Any]]) -> Batch:
        rows = rows or [NOTHING]
        longest = max(len(row["input_ids"]) for row in rows)

        def padded(values: Sequence[int], filler: int) -> list[int]:
            return [*values, *[filler] * (longest - len(values))]

        return {
            "input_ids": torch.tensor([padded(row["input_ids"], self.pad) for row in rows]),
            "attention_mask": torch.tensor([padded([1] * len(row["input_ids"]), 0) for row in rows]),
            "labels": torch.tensor([padded(row["labels"], IGNORED) for row in rows]),
        }


@dataclass(frozen=True)
class PackingCollator:
    """One row with all examples end to end, and no padding at all.

    Positions begin anew with each example, `cu_seq_lens_*` say where each begins, and no example predicts the first
    token of the next. So a batch holds the same examples as a padded one, and has the same loss and gradients.
    """

    def __call__(self, rows: Sequence[dict[str, Any]]) -> Batch:
        rows = rows or [NOTHING]
        lengths = [len(row["input_ids"]) for row in rows]
        borders = torch.tensor([0, *accumulate(lengths)], dtype=torch.int32)
        return {
            "input_ids": torch.tensor([[token for row in rows for token in row["input_ids"]]]),
            "labels": torch.tensor([[label for row in rows for label in (IGNORED, *row["labels"][1:])]]),
            "position_ids": torch.tensor([[place for length in lengths for place in range(length)]]),
            "cu_seq_lens_q": borders,
            "cu_seq_lens_k": borders,
            "max_length_q": max(lengths),
            "max_length_k": max(lengths),
        }

"""Validation: token by token, on validation data, and in bits that do not depend on the vocabulary."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import torch

from jaso_train.data.collators import PackingCollator
from jaso_train.ops.causal_lm_loss import loss_on_labels_only, use_packed_attention

if TYPE_CHECKING:
    from jaso_train.data.dataset import EncodedDataset

TOKENS_AT_ONCE = 8192

BEST = "validation_bits_per_character"


def validation(nats: float, data: EncodedDataset) -> dict[str, float]:
    """validation_loss (nats a token) and validation_bits_per_character from the sum of nats over `data`.

    A mean of batch means would weigh short batches too much; sums do not.
    """
    return {"validation_loss": nats / data.target_tokens, BEST: nats / math.log(2) / data.characters}


def sum_nll(model: Any, data: EncodedDataset, share: int = 0, shares: int = 1) -> float:
    """Minus the log-likelihood of all learned tokens, in nats, dropout off, in the weights' own precision.

    With `shares` > 1 only of every `shares`-th batch: what one of several processes does.
    """
    with use_packed_attention(model), loss_on_labels_only(model):
        return _total(model, data, share, shares)


def _total(model: Any, data: EncodedDataset, share: int, shares: int) -> float:
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    total = 0.0
    collate = PackingCollator()
    with torch.no_grad():
        for places, counts in _turns(list(_by_tokens([len(row["input_ids"]) for row in data.rows])), share, shares):
            batch = collate([data[place] for place in places])
            batch = {name: value.to(device) if torch.is_tensor(value) else value for name, value in batch.items()}
            total += counts * float(model(**batch, num_items_in_batch=1).loss)
    model.train(was_training)
    return total


def _turns(batches: list[list[int]], share: int, shares: int) -> Iterator[tuple[list[int], bool]]:
    """Every `shares`-th batch, and whether it counts. All shares take as many turns, as FSDP needs: who has no batch
    left takes the last one, for nothing."""
    for first in range(0, len(batches), shares):
        place = first + share
        yield batches[min(place, len(batches) - 1)], place < len(batches)


def _by_tokens(lengths: list[int]) -> Iterator[list[int]]:
    batch: list[int] = []
    tokens = 0
    for place, length in enumerate(lengths):
        if batch and tokens + length > TOKENS_AT_ONCE:
            yield batch
            batch, tokens = [], 0
        batch.append(place)
        tokens += length
    if batch:
        yield batch

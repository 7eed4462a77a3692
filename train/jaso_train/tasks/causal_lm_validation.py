"""Causal-LM validation: negative log-likelihood (NLL) summed over tokens.

It is given in nats a token and bits a character.

Bits a character do not depend on the vocabulary.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jaso_train.data.dataset import EncodedDataset

TOKENS_AT_ONCE = 8192

LOSS = "validation_loss"
BEST = "validation_bits_per_character"


def validation(nats: float, data: EncodedDataset) -> dict[str, float]:
    """Return validation_loss (nats a token) and validation_bits_per_character.

    `nats`: summed over `data`. A mean of batch means would weigh short batches too much; sums do not.
    """
    return {LOSS: nats / data.target_tokens, BEST: nats / math.log(2) / data.characters}


def sum_nll(model: Any, data: EncodedDataset, shard: int = 0, shards: int = 1, *, pad: int | None = None) -> float:
    """Return −ln p summed over all learned tokens, in nats.

    Dropout is off, and the weights' own precision is used, also within autocast. With `shards` > 1 only of every
    `shards`-th batch: the part of one of several processes. Examples are packed, or padded with the id `pad`.
    """
    from jaso_train.ops.causal_lm_loss import in_own_precision, loss_on_labels_only
    from jaso_train.ops.packed_attention import use_packed_attention

    is_packed = pad is None
    with use_packed_attention(model) if is_packed else nullcontext(), loss_on_labels_only(model), in_own_precision():
        return _sum_batches(model, data, shard, shards, pad)


def _sum_batches(model: Any, data: EncodedDataset, shard: int, shards: int, pad: int | None) -> float:
    import torch

    from jaso_train.data.collators import PackingCollator, PaddingCollator, to_device

    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    total = 0.0
    collate = PackingCollator() if pad is None else PaddingCollator(pad)
    batches = list(_batches_by_tokens(data.lengths) if pad is None else _padded_batches(data.lengths))
    with torch.no_grad():
        for indices, counts in _batches_of_shard(batches, shard, shards):
            batch = to_device(collate([data[index] for index in indices]), device)
            total += counts * float(model(**batch, num_items_in_batch=1).loss)
    model.train(was_training)
    return total


def _batches_of_shard(batches: list[list[int]], shard: int, shards: int) -> Iterator[tuple[list[int], bool]]:
    """Yield every `shards`-th batch, and whether it counts.

    All shards yield equally many, as FSDP needs: one that has no batch left yields the last one, which does not count.
    """
    # 3 batches, 2 shards → shard 0: batches 0 and 2; shard 1: batch 1, then batch 2 again, not counted
    for first in range(0, len(batches), shards):
        number = first + shard
        yield batches[min(number, len(batches) - 1)], number < len(batches)


def _batches_by_tokens(lengths: list[int]) -> Iterator[list[int]]:
    """Yield indices of neighbouring rows, at most TOKENS_AT_ONCE tokens together."""
    batch: list[int] = []
    tokens = 0
    for index, length in enumerate(lengths):
        if batch and tokens + length > TOKENS_AT_ONCE:
            yield batch
            batch, tokens = [], 0
        batch.append(index)
        tokens += length
    if batch:
        yield batch


def _padded_batches(lengths: list[int]) -> Iterator[list[int]]:
    """Yield indices of rows of like length.

    At most TOKENS_AT_ONCE tokens, with their padding.
    """
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda index: lengths[index]):  # so the last is the longest
        if batch and (len(batch) + 1) * lengths[index] > TOKENS_AT_ONCE:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch

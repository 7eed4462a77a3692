"""Attention over packed examples: several in one row, none attends to another.

Registered with transformers under the name `packed`. A batch with `cu_seq_lens_q` (the borders of its examples) is
attended to example by example; any other batch gets PyTorch's scaled_dot_product_attention, so that the same model
generates and evaluates as always.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor
from torch.nn.attention.varlen import varlen_attn
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

from jaso_train.ops.dropout_attention import dropout_attention

NAME = "packed"

_SKIPS_MASK: ContextVar[bool] = ContextVar("attention resets at example borders", default=False)


@contextmanager
def without_mask() -> Iterator[None]:
    """Skip the mask of tokens × tokens within the context: the borders replace it."""
    token = _SKIPS_MASK.set(True)
    try:
        yield
    finally:
        _SKIPS_MASK.reset(token)


def packed_attention(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    dropout: float = 0.0,
    scaling: float | None = None,
    cu_seq_lens_q: Tensor | None = None,
    max_length_q: int | None = None,
    **kwargs: Any,
) -> tuple[Tensor, None]:
    """Attend within each example of a packed row, as an attention function.

    query (1, heads, tokens, head size), key and value alike → (1, tokens, heads, head size). `cu_seq_lens_q`:
    (examples + 1,), where each example begins, and the end. On CUDA without dropout all examples go through one
    FlashAttention call; else one call for each example, which on a CPU is as fast as it gets (with dropout there:
    `dropout_attention`).
    """
    if cu_seq_lens_q is None:
        out: Tensor = sdpa_attention_forward(
            module, query, key, value, attention_mask, dropout=dropout, scaling=scaling, **kwargs
        )[0]
        return out, None
    # varlen_attn knows no dropout and takes 16-bit numbers only.
    if query.is_cuda and not dropout and query.dtype in (torch.float16, torch.bfloat16):
        return _varlen(query, key, value, cu_seq_lens_q, max_length_q, scaling), None
    # Examples of 3 and 5 tokens → borders [0, 3, 8] → parts [0, 3) and [3, 8).
    borders = cu_seq_lens_q.tolist()
    if dropout and query.device.type == "cpu":
        return _dropout_parts(query, key, value, borders, dropout, scaling), None
    parts = [
        sdpa_attention_forward(
            module,
            query[:, :, start:end],
            key[:, :, start:end],
            value[:, :, start:end],
            None,
            dropout=dropout,
            scaling=scaling,
            is_causal=True,
        )[0]
        for start, end in pairwise(borders)
    ]
    return torch.cat(parts, dim=1), None


def _dropout_parts(
    query: Tensor, key: Tensor, value: Tensor, borders: list[int], dropout: float, scaling: float | None
) -> Tensor:
    """Attend part by part with dropout on a CPU; shapes as in `packed_attention`."""
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    # Grouped-query attention: 8 query heads, 2 key heads → each key head is repeated 4 times.
    group_size = query.shape[1] // key.shape[1]
    key, value = (heads.repeat_interleave(group_size, dim=1) if group_size > 1 else heads for heads in (key, value))
    parts = []
    for start, end in pairwise(borders):
        rows = slice(start, end)
        # Drawn for each example: 3 and 5 tokens have 9 + 25 pairs, the whole row would have 64.
        keep_mask = torch.empty((*query.shape[:2], end - start, end - start), dtype=torch.bool).bernoulli_(1 - dropout)
        parts.append(
            dropout_attention(query[:, :, rows], key[:, :, rows], value[:, :, rows], keep_mask, dropout, scale)
        )
    return torch.cat(parts, dim=2).transpose(1, 2)


def _varlen(
    query: Tensor, key: Tensor, value: Tensor, borders: Tensor, longest: int | None, scaling: float | None
) -> Tensor:
    """Attend by FlashAttention in one call; shapes as in `packed_attention`."""
    # (1, heads, tokens, head size) → (tokens, heads, head size): the examples end to end, without a batch.
    queries, keys, values = (states[0].transpose(0, 1) for states in (query, key, value))
    longest = int(borders.diff().max()) if longest is None else longest
    grouped = query.shape[1] != key.shape[1]
    out = varlen_attn(
        queries,
        keys,
        values,
        borders,
        borders,
        longest,
        longest,
        scale=scaling,
        # causal: to the left without limit, nothing to the right
        window_size=(-1, 0),
        enable_gqa=grouped,
    )
    assert isinstance(out, Tensor)
    return out[None]


def packed_mask(*args: Any, **kwargs: Any) -> Tensor | None:
    """Return None within `without_mask`, else the mask of PyTorch's attention."""
    if _SKIPS_MASK.get():
        return None
    mask: Tensor | None = sdpa_mask(*args, **kwargs)
    return mask


AttentionInterface.register(NAME, packed_attention)
AttentionMaskInterface.register(NAME, packed_mask)

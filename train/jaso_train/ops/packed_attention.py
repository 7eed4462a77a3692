"""Attention over packed examples: several in one row, none attends to another.

Registered with transformers under the name `packed`. A batch with `cu_seq_lens_q` (the borders of its examples) is
attended to example by example; any other batch gets the attention that the model had before, so that the same model
generates and evaluates as always.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor
from torch.nn.attention.varlen import varlen_attn
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface

from jaso_core.compat.transformers import attention_of
from jaso_train.ops.dropout_attention import dropout_attention
from jaso_train.ops.window_attention import causal_mask, window_attention

NAME = "packed"

_SKIPS_MASK: ContextVar[bool] = ContextVar("attention resets at example borders", default=False)
_FORMER: ContextVar[str] = ContextVar("attention of batches that are not packed", default="sdpa")


@contextmanager
def use_packed_attention(model: Any) -> Iterator[None]:
    """Use packed attention within the context: it resets at the borders of the batch.

    No mask is built for it.
    """
    inner = unwrap_peft(model)
    former = attention_of(inner)
    # FlashAttention takes the same borders; `packed` is there already in a validation amid training.
    if former.startswith("flash_attention") or former == NAME:
        yield
        return
    token = _FORMER.set(former)
    try:
        inner.set_attn_implementation(NAME)
        yield
    finally:
        inner.set_attn_implementation(former)
        _FORMER.reset(token)


def unwrap_peft(model: Any) -> Any:
    """Return the model of transformers, also where PEFT wraps it."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model


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
    sliding_window: int | None = None,
    **kwargs: Any,
) -> tuple[Tensor, Tensor | None]:
    """Attend within each example of a packed row, as an attention function.

    query (1, heads, tokens, head size), key and value alike → (1, tokens, heads, head size). `cu_seq_lens_q`:
    (examples + 1,), where each example begins, and the end. `sliding_window`: tokens that a token attends to, itself
    included. On CUDA without dropout all examples go through one FlashAttention call; else one call for each example,
    which on a CPU is as fast as it gets (with dropout there: `dropout_attention`).

    What PyTorch's attention does not know (soft caps, sinks) is left to the architecture's own function, example by
    example.
    """
    if cu_seq_lens_q is None:
        former = _attention_function(module, _FORMER.get())
        return former(
            module, query, key, value, attention_mask,
            dropout=dropout, scaling=scaling, sliding_window=sliding_window, **kwargs,
        )  # fmt: skip
    needs_own = any(kwargs.get(name) is not None for name in ("softcap", "s_aux", "position_bias"))
    # varlen_attn knows no dropout and takes 16-bit numbers only.
    if not needs_own and query.is_cuda and not dropout and query.dtype in (torch.float16, torch.bfloat16):
        return _varlen(query, key, value, cu_seq_lens_q, max_length_q, scaling, sliding_window), None
    # Examples of 3 and 5 tokens → borders [0, 3, 8] → parts [0, 3) and [3, 8).
    borders = cu_seq_lens_q.tolist()
    attend = _attention_of_one(module, query, borders, dropout, scaling, sliding_window, kwargs, needs_own=needs_own)
    parts = [
        attend(query[:, :, start:end], key[:, :, start:end], value[:, :, start:end]) for start, end in pairwise(borders)
    ]
    return torch.cat(parts, dim=1), None


def _attention_of_one(
    module: torch.nn.Module,
    query: Tensor,
    borders: list[int],
    dropout: float,
    scaling: float | None,
    window: int | None,
    extras: dict[str, Any],
    *,
    needs_own: bool,
) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
    """Return the attention of a single example, of query, key and value.

    It returns (1, tokens, heads, head size).
    """
    if needs_own:
        own = _attention_function(module, "eager")

        def attend_own(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
            mask = causal_mask(query.shape[2], window, query.dtype, query.device)
            out: Tensor = own(module, query, key, value, mask, dropout=dropout, scaling=scaling, **extras)[0]
            return out

        return attend_own
    longest = max(end - start for start, end in pairwise(borders))
    if window is not None and window < longest:
        return lambda query, key, value: window_attention(query, key, value, window, dropout, scaling)
    if dropout and query.device.type == "cpu":
        return lambda query, key, value: _attend_with_dropout(query, key, value, dropout, scaling)

    def attend(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        out: Tensor = sdpa_attention_forward(
            module, query, key, value, None, dropout=dropout, scaling=scaling, is_causal=True
        )[0]
        return out

    return attend


def _attention_function(module: torch.nn.Module, name: str) -> Callable[..., tuple[Tensor, Tensor | None]]:
    """Return an attention function by its name; `eager` is each architecture's own."""
    own: Any = sys.modules[type(module).__module__]
    function: Callable[..., tuple[Tensor, Tensor | None]]
    function = own.eager_attention_forward if name == "eager" else AttentionInterface()[name]
    return function


def _attend_with_dropout(query: Tensor, key: Tensor, value: Tensor, dropout: float, scaling: float | None) -> Tensor:
    """Attend with dropout on a CPU; shapes as in `packed_attention`."""
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    # Grouped-query attention: 8 query heads, 2 key heads → each key head is repeated 4 times.
    group_size = query.shape[1] // key.shape[1]
    key, value = (heads.repeat_interleave(group_size, dim=1) if group_size > 1 else heads for heads in (key, value))
    # Drawn for each example: 3 and 5 tokens have 9 + 25 pairs, the whole row would have 64.
    keep_mask = torch.empty((*query.shape[:3], query.shape[2]), dtype=torch.bool).bernoulli_(1 - dropout)
    return dropout_attention(query, key, value, keep_mask, dropout, scale).transpose(1, 2)


def _varlen(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    borders: Tensor,
    longest: int | None,
    scaling: float | None,
    window: int | None,
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
        # A window of 8 tokens: the token itself and 7 to its left; -1: without limit. Nothing to the right.
        window_size=(-1 if window is None else window - 1, 0),
        enable_gqa=grouped,
    )
    assert isinstance(out, Tensor)
    return out[None]


def packed_mask(*args: Any, **kwargs: Any) -> Tensor | None:
    """Return None within `without_mask`, else the former attention's mask."""
    if _SKIPS_MASK.get():
        return None
    mask: Tensor | None = AttentionMaskInterface()[_FORMER.get()](*args, **kwargs)
    return mask


AttentionInterface.register(NAME, packed_attention)
AttentionMaskInterface.register(NAME, packed_mask)

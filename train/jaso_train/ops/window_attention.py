"""Causal attention with a sliding window, in blocks of queries.

A mask over all pairs costs as much as attention without a window, and more where the causal half would be skipped. A
block of queries needs the keys of its own tokens and of one window before them.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

_BLOCK = 128
_ONE_CALL = 256
"""Tokens up to which one masked call is faster than several without a mask."""


def window_attention(
    query: Tensor, key: Tensor, value: Tensor, window: int, dropout: float = 0.0, scaling: float | None = None
) -> Tensor:
    """Attend to the last `window` tokens, the token itself included.

    query (rows, heads, tokens, head size), key and value with as many heads or a divisor of them → (rows, tokens,
    heads, head size).
    """
    length = query.shape[2]
    has_groups = query.shape[1] != key.shape[1]

    def attend(rows: slice, columns: slice, mask: Tensor | None) -> Tensor:
        return scaled_dot_product_attention(
            query[:, :, rows],
            key[:, :, columns],
            value[:, :, columns],
            mask,
            dropout,
            is_causal=mask is None,
            scale=scaling,
            enable_gqa=has_groups,
        )

    if length <= window:
        return attend(slice(length), slice(length), None).transpose(1, 2)
    if length <= _ONE_CALL:
        everything = slice(length)
        return attend(everything, everything, _band(0, length, 0, window, query.device)).transpose(1, 2)
    # Window 128, 300 tokens → queries [0, 128) over keys [0, 128); [128, 256) over [1, 256); [256, 300) over [129, 300)
    parts = [attend(slice(window), slice(window), None)]
    for start in range(window, length, _BLOCK):
        end, first = min(start + _BLOCK, length), start - window + 1
        parts.append(attend(slice(start, end), slice(first, end), _band(start, end, first, window, query.device)))
    return torch.cat(parts, dim=2).transpose(1, 2)


def causal_mask(length: int, window: int | None, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return what is added to the scores of one example: 0, or the least number.

    (1, 1, length, length); a token attends to itself and the last tokens, `window` in all.
    """
    is_seen = _band(0, length, 0, length if window is None else window, device)
    mask = torch.zeros((1, 1, length, length), dtype=dtype, device=device)
    return mask.masked_fill_(~is_seen, torch.finfo(dtype).min)


def _band(start: int, end: int, first: int, window: int, device: torch.device) -> Tensor:
    """Return which keys [first, end) the queries [start, end) attend to."""
    queries = torch.arange(start, end, device=device)[:, None]
    keys = torch.arange(first, end, device=device)[None]
    return (keys <= queries) & (keys > queries - window)

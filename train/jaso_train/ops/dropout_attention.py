"""Causal attention with dropout on a CPU, which keeps a byte for each pair of tokens instead of fifteen.

PyTorch's own keeps the scores, their softmax and what dropout left, in float32, for the way back: the most of all
activations. Here only what dropout chose is kept. The rest is computed again, which costs little beside the drawing.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def dropped_attention(
    query: Tensor, key: Tensor, value: Tensor, kept: Tensor, dropout: float, scaling: float
) -> Tensor:
    """softmax(scaling · query keyᵀ, each token seeing those up to itself), without what was dropped, times value.

    query, key, value (…, tokens, head size); kept (…, tokens, tokens) bool, True with probability 1 − dropout. Computed
    in float32 at least, and given in query's type.
    """
    apply: Any = _DroppedAttention.apply
    out: Tensor = apply(query, key, value, kept, dropout, scaling)
    return out


class _DroppedAttention(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, query: Tensor, key: Tensor, value: Tensor, kept: Tensor, dropout: float, scaling: float
    ) -> Tensor:
        ctx.save_for_backward(query, key, value, kept)
        ctx.dropout, ctx.scaling = dropout, scaling
        with torch.autocast(query.device.type, enabled=False):
            weights = _weights(query, key, scaling)
            weights.mul_(kept).mul_(1 / (1 - dropout))
            return (weights @ _wide(value)).to(query.dtype)

    @staticmethod
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor, Tensor, Tensor, None, None, None]:
        query, key, value, kept = ctx.saved_tensors
        with torch.autocast(query.device.type, enabled=False):
            weights, slope = _weights(query, key, ctx.scaling), _wide(slope)
            left = (weights * kept).mul_(1 / (1 - ctx.dropout))
            value_grad = left.transpose(-1, -2) @ slope
            # Of the softmax: weights · (d − Σ d · weights), d being the slope of the weights before dropout.
            pulled = (slope @ _wide(value).transpose(-1, -2)).mul_(left)
            pulled -= weights.mul_(pulled.sum(dim=-1, keepdim=True))
            pulled *= ctx.scaling
            query_grad = pulled @ _wide(key)
            key_grad = pulled.transpose(-1, -2) @ _wide(query)
        return query_grad.to(query.dtype), key_grad.to(key.dtype), value_grad.to(value.dtype), None, None, None


def _weights(query: Tensor, key: Tensor, scaling: float) -> Tensor:
    scores = (_wide(query) * scaling) @ _wide(key).transpose(-1, -2)
    later = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).triu_(1)
    return scores.masked_fill_(later, -torch.inf).softmax(dim=-1)


def _wide(given: Tensor) -> Tensor:
    return given if given.dtype == torch.float64 else given.float()

"""Causal attention with dropout on a CPU: 1 byte for each pair of tokens, not 15.

For the backward pass PyTorch's own keeps the scores, their softmax and the result of dropout in float32: the most of
all activations. Here only the dropout mask is kept. The rest is computed again, which costs little beside drawing it.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def dropout_attention(
    query: Tensor, key: Tensor, value: Tensor, keep_mask: Tensor, dropout: float, scaling: float
) -> Tensor:
    """Compute causal softmax attention with a given dropout mask, times value.

    Scores are scaling · query keyᵀ; a token attends to itself and earlier ones. query, key, value (…, tokens, head
    size); keep_mask (…, tokens, tokens) bool, True with probability 1 − dropout. Computed in float32 at least, returned
    in query's type.
    """
    apply: Any = _DropoutAttention.apply
    out: Tensor = apply(query, key, value, keep_mask, dropout, scaling)
    return out


class _DropoutAttention(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, query: Tensor, key: Tensor, value: Tensor, keep_mask: Tensor, dropout: float, scaling: float
    ) -> Tensor:
        ctx.save_for_backward(query, key, value, keep_mask)
        ctx.dropout, ctx.scaling = dropout, scaling
        with torch.autocast(query.device.type, enabled=False):
            weights = _weights(query, key, scaling)
            weights.mul_(keep_mask).mul_(1 / (1 - dropout))
            return (weights @ _upcast(value)).to(query.dtype)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor, Tensor, Tensor, None, None, None]:
        query, key, value, keep_mask = ctx.saved_tensors
        with torch.autocast(query.device.type, enabled=False):
            weights, grad_output = _weights(query, key, ctx.scaling), _upcast(grad_output)
            dropped = (weights * keep_mask).mul_(1 / (1 - ctx.dropout))
            value_grad = dropped.transpose(-1, -2) @ grad_output
            # Softmax backward: weights · (d − Σ d · weights), d being the gradient of the weights before dropout.
            scores_grad = (grad_output @ _upcast(value).transpose(-1, -2)).mul_(dropped)
            scores_grad -= weights.mul_(scores_grad.sum(dim=-1, keepdim=True))
            scores_grad *= ctx.scaling
            query_grad = scores_grad @ _upcast(key)
            key_grad = scores_grad.transpose(-1, -2) @ _upcast(query)
        return query_grad.to(query.dtype), key_grad.to(key.dtype), value_grad.to(value.dtype), None, None, None


def _weights(query: Tensor, key: Tensor, scaling: float) -> Tensor:
    scores = (_upcast(query) * scaling) @ _upcast(key).transpose(-1, -2)
    future = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).triu_(1)
    return scores.masked_fill_(future, -torch.inf).softmax(dim=-1)


def _upcast(values: Tensor) -> Tensor:
    return values if values.dtype == torch.float64 else values.float()

"""Cross-entropy over a large vocabulary without the large table of logits.

The logits of all tokens of a batch (tokens × vocabulary) are the biggest thing in training a small model: for 4,096
tokens of KoGPT2 0.8 GB in float32, several times over. Here they are made for a part of the tokens at a time, and the
gradients of that part are taken at once, so that nothing of them is kept.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

LOGITS_AT_ONCE = 1 << 24
"""Logits held at once: 64 MiB in float32. Fewer cost time (the head's gradient is added to once a part)."""


def linear_cross_entropy(hidden: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
    """Sum over the tokens of −ln p(target), in nats, as float32.

    hidden (tokens, width), weight (vocabulary, width), targets (tokens,). Matrix products run in autocast's type where
    autocast is on, else in hidden's; softmax and sums in float32 either way, as transformers' loss does it.
    """
    apply: Any = _LinearCrossEntropy.apply
    total: Tensor = apply(hidden, weight, targets)
    return total


class _LinearCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
        wants_hidden, wants_weight = ctx.needs_input_grad[:2]
        kind = hidden.device.type
        dtype = torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else hidden.dtype
        total = torch.zeros((), dtype=torch.float32, device=hidden.device)
        hidden_grad = torch.empty_like(hidden) if wants_hidden else None
        weight_grad = torch.zeros_like(weight) if wants_weight else None
        part = max(1, LOGITS_AT_ONCE // weight.shape[0])
        with torch.autocast(kind, enabled=False):
            head = weight.detach().to(dtype)
            for start in range(0, len(targets), part):
                rows = slice(start, start + part)
                inputs, wanted = hidden[rows].detach().to(dtype), targets[rows, None]
                table = torch.log_softmax(inputs @ head.T, dim=-1, dtype=torch.float32)
                total -= table.gather(1, wanted).sum()
                if not (wants_hidden or wants_weight):
                    continue
                table.exp_().scatter_add_(1, wanted, table.new_full(wanted.shape, -1.0))
                slope = table.to(dtype)
                if hidden_grad is not None:
                    hidden_grad[rows] = slope @ head
                if weight_grad is not None:
                    weight_grad += slope.T @ inputs
        ctx.save_for_backward(hidden_grad, weight_grad)
        return total

    @staticmethod
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor | None, Tensor | None, None]:
        hidden_grad, weight_grad = ctx.saved_tensors
        scaled = [None if grad is None else grad.mul_(slope) for grad in (hidden_grad, weight_grad)]
        return scaled[0], scaled[1], None

"""Chunked linear cross-entropy, without the full table of logits.

The logits of all tokens of a batch (tokens × vocabulary) take the most memory in training a small model: for 4,096
tokens of KoGPT2 0.8 GB in float32, several times over. Here they are computed for a part of the tokens at a time, and
the gradients of that part at once, so that no logits are kept.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

LOGITS_AT_ONCE = 1 << 24
"""Logits in memory at once: 64 MiB in float32. Fewer cost time (the head's gradient is added to once a chunk)."""


def linear_cross_entropy(hidden: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
    """Return the sum over the tokens of −ln p(target), in nats, as float32.

    hidden (tokens, width), weight (vocabulary, width), targets (tokens,). Matrix products run in autocast's type where
    autocast is on, else in hidden's; softmax and sums in float32 either way, as in transformers' loss.
    """
    apply: Any = _LinearCrossEntropy.apply
    total: Tensor = apply(hidden, weight, targets)
    return total


class _LinearCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
        wants_hidden, wants_weight = ctx.needs_input_grad[:2]
        device_type = hidden.device.type
        dtype = torch.get_autocast_dtype(device_type) if torch.is_autocast_enabled(device_type) else hidden.dtype
        total = torch.zeros((), dtype=torch.float32, device=hidden.device)
        hidden_grad = torch.empty_like(hidden) if wants_hidden else None
        weight_grad = torch.zeros_like(weight) if wants_weight else None
        chunk = max(1, LOGITS_AT_ONCE // weight.shape[0])
        with torch.autocast(device_type, enabled=False):
            head = weight.detach().to(dtype)
            for start in range(0, len(targets), chunk):
                rows = slice(start, start + chunk)
                inputs, target_ids = hidden[rows].detach().to(dtype), targets[rows, None]
                log_probs = torch.log_softmax(inputs @ head.T, dim=-1, dtype=torch.float32)
                total -= log_probs.gather(1, target_ids).sum()
                if not (wants_hidden or wants_weight):
                    continue
                # In place: log p → p → p − 1 at the targets, which is the gradient of the logits.
                log_probs.exp_().scatter_add_(1, target_ids, log_probs.new_full(target_ids.shape, -1.0))
                logits_grad = log_probs.to(dtype)
                if hidden_grad is not None:
                    hidden_grad[rows] = logits_grad @ head
                if weight_grad is not None:
                    weight_grad += logits_grad.T @ inputs
        # The gradients are those of the sum itself; backward only scales them by the incoming gradient.
        ctx.save_for_backward(hidden_grad, weight_grad)
        return total

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, Tensor | None, None]:
        hidden_grad, weight_grad = ctx.saved_tensors
        scaled = [None if grad is None else grad.mul_(grad_output) for grad in (hidden_grad, weight_grad)]
        return scaled[0], scaled[1], None

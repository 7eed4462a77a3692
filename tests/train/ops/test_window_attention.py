"""Attention with a window in blocks, against a mask over all pairs."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from jaso_train.ops.window_attention import causal_mask, window_attention


@pytest.mark.parametrize(
    ("length", "window", "key_heads"),
    [(7, 3, 4), (8, 8, 4), (9, 8, 2), (256, 100, 4), (257, 64, 2), (300, 1, 4), (700, 130, 2), (513, 512, 4)],
)
def test_blocks_attend_as_one_mask_does(length: int, window: int, key_heads: int) -> None:
    generator = torch.Generator().manual_seed(length)
    query = torch.randn(1, 4, length, 8, generator=generator, requires_grad=True)
    key, value = (torch.randn(1, key_heads, length, 8, generator=generator, requires_grad=True) for _ in range(2))
    weights = torch.randn(1, length, 4, 8, generator=generator)

    out = window_attention(query, key, value, window, scaling=0.5)
    # By the definition: token i attends to the tokens j with i - window < j <= i.
    seen = torch.tensor([[i - window < j <= i for j in range(length)] for i in range(length)])
    repeated = (heads.repeat_interleave(4 // key_heads, dim=1) for heads in (key, value))
    expected = scaled_dot_product_attention(query, *repeated, seen, scale=0.5).transpose(1, 2)

    assert torch.allclose(out, expected, atol=1e-6)
    for ours, theirs in zip(gradients(out * weights, query, key, value),
                            gradients(expected * weights, query, key, value), strict=True):  # fmt: skip
        assert torch.allclose(ours, theirs, atol=1e-5)


def gradients(out: torch.Tensor, *inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return torch.autograd.grad(out.sum(), inputs, retain_graph=True)


def test_the_mask_of_a_window() -> None:
    mask = causal_mask(4, 2, torch.float32, torch.device("cpu"))[0, 0]
    assert (mask == 0).int().tolist() == [[1, 0, 0, 0], [1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]]
    assert mask.min() == torch.finfo(torch.float32).min

"""Attention with dropout that keeps little: the same numbers and gradients as the formula that keeps all."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from jaso_train.ops.dropout_attention import dropout_attention
from jaso_train.ops.packed_attention import packed_attention

DROPOUT = 0.3


def by_the_formula(query: Tensor, key: Tensor, value: Tensor, kept: Tensor, scaling: float) -> Tensor:
    scores = query @ key.transpose(-1, -2) * scaling
    scores = scores + torch.full_like(scores, -math.inf).triu(1)
    return (torch.softmax(scores, dim=-1) * kept / (1 - DROPOUT)) @ value


def made(*shape: int, dtype: torch.dtype = torch.float64) -> list[Tensor]:
    torch.manual_seed(0)
    return [torch.randn(*shape, dtype=dtype, requires_grad=True) for _ in range(3)]


def test_output_and_gradients_are_those_of_the_formula() -> None:
    given = made(1, 2, 7, 4)
    kept = torch.rand(1, 2, 7, 7) > DROPOUT
    slope = torch.randn(1, 2, 7, 4, dtype=torch.float64)
    outputs, gradients = [], []
    for way in (lambda *of: dropout_attention(*of, kept, DROPOUT, 0.5), lambda *of: by_the_formula(*of, kept, 0.5)):
        out = way(*given)
        outputs.append(out)
        gradients.append(torch.autograd.grad((out * slope).sum(), given))
    torch.testing.assert_close(outputs[0], outputs[1], rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(gradients[0], gradients[1], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_it_gives_the_type_that_it_was_given(dtype: torch.dtype) -> None:
    given = made(1, 2, 5, 4, dtype=dtype)
    out = dropout_attention(*given, torch.ones(1, 2, 5, 5, dtype=torch.bool), DROPOUT, 0.5)
    out.sum().backward()  # type: ignore[no-untyped-call]
    assert out.dtype == dtype
    assert {each.grad.dtype for each in given if each.grad is not None} == {dtype}


def test_in_a_packed_row_no_example_sees_another_and_heads_that_share_keys_are_served() -> None:
    query, _, value = made(1, 4, 6, 8, dtype=torch.float32)
    shared = [each.detach()[:, :2].clone().requires_grad_() for each in (query, value)]
    borders = torch.tensor([0, 2, 6], dtype=torch.int32)
    module = torch.nn.Module()
    module.num_key_value_groups = 2  # type: ignore[assignment]
    out, _ = packed_attention(module, query, *shared, None, dropout=DROPOUT, cu_seq_lens_q=borders)
    assert out.shape == (1, 6, 4, 8)
    out[0, 2:].sum().backward()  # type: ignore[no-untyped-call]
    for each in (query, *shared):
        assert each.grad is not None
        assert not each.grad[:, :, :2].any()
        assert each.grad[:, :, 2:].any()


def test_as_much_is_dropped_as_was_asked_for() -> None:
    query = torch.zeros(1, 8, 400, 4)
    value = torch.ones(1, 8, 400, 4)
    torch.manual_seed(1)
    borders = torch.tensor([0, 400], dtype=torch.int32)
    out, _ = packed_attention(torch.nn.Module(), query, query, value, None, dropout=DROPOUT, cu_seq_lens_q=borders)
    assert float(out[0, 200:].mean()) == pytest.approx(1.0, abs=0.01), "what is left is scaled up"
    assert float(out[0, 200:, :, 0].var()) == pytest.approx(DROPOUT / (1 - DROPOUT) / 300, rel=0.15)

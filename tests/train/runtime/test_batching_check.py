"""The check before training: what is packed has the loss of each example alone, or is not packed."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from architectures import ARCHITECTURES, PADDED, POSITIONS
from support import one_thread
from transformers import BertConfig, BertLMHeadModel

from jaso_core.errors import RequestError
from jaso_train.ops import packed_attention
from jaso_train.ops.packed_attention import use_packed_attention
from jaso_train.runtime import float32_model
from jaso_train.runtime.batching_check import check_batching

__all__ = ["one_thread"]


def rows(*lengths: int) -> list[dict[str, Any]]:
    generator = torch.Generator().manual_seed(1)
    made = []
    for length in lengths:
        ids = torch.randint(2, 300, (length,), generator=generator).tolist()
        made.append({"input_ids": ids, "labels": [-100] * 4 + ids[4:], "length": length})
    return made


@pytest.mark.parametrize("name", ["gpt2", "mistral", "gemma2", "gpt_oss", "exaone4"])
def test_windows_caps_and_sinks_are_packed(name: str) -> None:
    check = check_batching(ARCHITECTURES[name].draw(), rows(60, 20, 45), "packed", 0)
    assert (check.batching, check.reason, check.longest, check.examples) == ("packed", None, 60, 3)
    assert check.loss_difference is not None
    assert check.loss_difference < 1e-6
    assert check.gradient_difference is not None
    assert check.gradient_difference < 1e-5


@pytest.mark.parametrize("name", ["bloom", "lfm2", "stablelm"])
def test_examples_that_would_see_each_other_are_padded(name: str) -> None:
    check = check_batching(ARCHITECTURES[name].draw(), rows(60, 20, 45), "packed", 0)
    assert (check.asked, check.batching) == ("packed", PADDED)
    assert check.reason is not None
    assert "of the gradient's norm" in check.reason
    assert check.loss_difference is not None
    assert check.loss_difference < 1e-6


def test_a_window_that_is_forgotten_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    # What packed attention did before: the window is passed on to nothing.
    def without_window(*arguments: Any, sliding_window: int | None = None, **more: Any) -> Any:
        return packed_attention.packed_attention(*arguments, **more)

    packed_attention.AttentionInterface.register(packed_attention.NAME, without_window)
    try:
        check = check_batching(ARCHITECTURES["mistral"].draw(), rows(60, 20, 45), "packed", 0)
    finally:
        packed_attention.AttentionInterface.register(packed_attention.NAME, packed_attention.packed_attention)
    assert check.batching == PADDED


def test_the_longest_examples_are_tried_and_rows_longer_than_the_positions() -> None:
    # Two examples fit into GPT-Neo's table of 256 positions, a batch of four does not.
    model = ARCHITECTURES["gpt_neo"].draw()
    short = [20] * 30
    assert check_batching(model, rows(*short, 90, 85), "packed", 0, batch_size=2).batching == "packed"
    check = check_batching(model, rows(*short, 90, 85, 80), "packed", 0, batch_size=4)
    assert (check.longest, check.batching) == (90, PADDED)
    assert check.reason is not None
    assert str(POSITIONS) in check.reason


def test_it_leaves_no_trace() -> None:
    model = ARCHITECTURES["gemma2"].draw().train()
    frozen = next(model.parameters()).requires_grad_(False)
    weights = {name: value.clone() for name, value in model.state_dict().items()}
    random_state = torch.random.get_rng_state()
    check_batching(model, rows(30, 20), "packed", 0)
    assert torch.equal(torch.random.get_rng_state(), random_state)
    assert model.training
    assert not frozen.requires_grad
    assert all(parameter.grad is None for parameter in model.parameters())
    assert all(torch.equal(value, weights[name]) for name, value in model.state_dict().items())
    assert model.config._attn_implementation == "eager"


def test_weights_of_16_bits_are_checked_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    model = ARCHITECTURES["mistral"].draw().to(torch.bfloat16)
    check = check_batching(model, rows(60, 20, 45), "packed", 0)
    assert (check.dtype, check.batching, model.dtype) == ("float32", "packed", torch.bfloat16)
    assert check.gradient_difference is not None
    assert check.gradient_difference < 1e-5
    monkeypatch.setattr(float32_model, "_HEADROOM", 1e12)  # as if there were no memory for a copy
    check = check_batching(model, rows(60, 20, 45), "packed", 0)
    assert (check.dtype, check.batching) == ("bfloat16", "packed")


def test_a_model_that_sees_what_it_predicts_is_refused() -> None:
    config = BertConfig(
        vocab_size=300, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )
    torch.manual_seed(0)
    with pytest.raises(RequestError, match="model 'bert' sees the tokens that it has to predict"):
        check_batching(BertLMHeadModel(config).eval(), rows(30, 20), "packed", 0)


@pytest.mark.parametrize("name", ["gemma2", "gpt_oss", "gpt2"])
def test_a_batch_without_borders_gets_the_models_own_attention(name: str) -> None:
    model = ARCHITECTURES[name].draw()
    ids = torch.tensor([rows(40)[0]["input_ids"]])
    with torch.no_grad():
        expected = model(input_ids=ids).logits
        with use_packed_attention(model):
            assert torch.equal(model(input_ids=ids).logits, expected)

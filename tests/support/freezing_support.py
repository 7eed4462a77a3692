"""Tiny models of several architectures, and a training loop written out, for what concerns freezing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from transformers import (
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    GPT2Config,
    GPT2LMHeadModel,
    GPTJConfig,
    GPTJForCausalLM,
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    MixtralConfig,
    MixtralForCausalLM,
    Qwen2MoeConfig,
    Qwen2MoeForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
    Qwen3MoeConfig,
    Qwen3MoeForCausalLM,
)

from jaso_train.freezing import FreezePlan

WIDTH, BLOCKS, VOCABULARY, CONTEXT = 16, 3, 64, 32
_SPECIAL: dict[str, Any] = {"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 3}
_OF_GPT2: dict[str, Any] = {
    "vocab_size": VOCABULARY, "n_positions": CONTEXT, "n_embd": WIDTH, "n_layer": BLOCKS, "n_head": 2, **_SPECIAL,
}  # fmt: skip
_OF_LLAMA: dict[str, Any] = {
    "vocab_size": VOCABULARY, "hidden_size": WIDTH, "num_hidden_layers": BLOCKS, "num_attention_heads": 2,
    "intermediate_size": 32, "max_position_embeddings": CONTEXT, **_SPECIAL,
}  # fmt: skip


def gpt2(*, tied: bool = True) -> Any:
    """Without dropout: what is computed twice is equal."""
    none = {"resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0}
    return GPT2LMHeadModel(GPT2Config(**_OF_GPT2, **none, tie_word_embeddings=tied))


def llama(*, biases: bool = True) -> Any:
    """Untied, with biases in attention and MLP, as some relatives of Llama have them."""
    return LlamaForCausalLM(
        LlamaConfig(
            **_OF_LLAMA, num_key_value_heads=1, attention_bias=biases, mlp_bias=biases, tie_word_embeddings=False
        )
    )


MODELS: dict[str, Callable[[], Any]] = {
    "gpt2": gpt2,
    "gpt2 untied": lambda: gpt2(tied=False),
    "gpt-neox": lambda: GPTNeoXForCausalLM(GPTNeoXConfig(**_OF_LLAMA, tie_word_embeddings=False)),
    "gpt-j": lambda: GPTJForCausalLM(GPTJConfig(**_OF_GPT2, rotary_dim=4, tie_word_embeddings=False)),
    "llama": llama,
    "qwen3": lambda: Qwen3ForCausalLM(
        Qwen3Config(**_OF_LLAMA, num_key_value_heads=1, head_dim=8, tie_word_embeddings=True)
    ),
    "gemma3": lambda: Gemma3ForCausalLM(Gemma3TextConfig(**_OF_LLAMA, num_key_value_heads=1, head_dim=8)),
}


_OF_EXPERTS: dict[str, Any] = {**_OF_LLAMA, "num_key_value_heads": 1, "num_experts_per_tok": 2}
EXPERTS: dict[str, Callable[[], Any]] = {
    "mixtral": lambda: MixtralForCausalLM(MixtralConfig(**_OF_EXPERTS, num_local_experts=4)),
    "qwen3-moe": lambda: Qwen3MoeForCausalLM(
        Qwen3MoeConfig(**_OF_EXPERTS, num_experts=4, moe_intermediate_size=8, head_dim=8)
    ),
    "qwen2-moe": lambda: Qwen2MoeForCausalLM(
        Qwen2MoeConfig(**_OF_EXPERTS, num_experts=4, moe_intermediate_size=8, shared_expert_intermediate_size=24)
    ),
}
"""Mixtures of experts, whose matrices are one tensor a block."""


def tiny(name: str) -> Any:
    """The same weights each time."""
    torch.manual_seed(0)
    return {**MODELS, **EXPERTS}[name]()


def values(model: Any) -> dict[str, torch.Tensor]:
    """Copies of all parameters."""
    return {name: value.detach().clone() for name, value in model.named_parameters()}


def train(model: Any, plan: FreezePlan, steps: int, after: Callable[[int], None] | None = None) -> None:
    """A plain loop with AdamW and weight decay; `after` is called with the number of steps that are done."""
    plan.open(model)
    optimizer = torch.optim.AdamW(
        [value for value in model.parameters() if value.requires_grad], 1e-2, weight_decay=0.1
    )
    model.train()
    for step in range(steps):
        plan.apply(model, step / steps)
        ids = torch.randint(VOCABULARY, (2, CONTEXT), generator=torch.Generator().manual_seed(step))
        optimizer.zero_grad()
        model(input_ids=ids, labels=ids).loss.backward()
        optimizer.step()
        if after:
            after(step + 1)

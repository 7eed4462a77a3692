"""Every tensor of every architecture has its block and its part, ties are told, adapters are found."""

from __future__ import annotations

import pytest
from freezing_support import BLOCKS, VOCABULARY, WIDTH, tiny

from jaso_train.freezing import FREEZING
from jaso_train.freezing.parameters import Layout

ATTN, MLP, LN = "attn", "mlp", "ln"
_GPT2_BLOCK = {
    "ln_1.weight": LN, "ln_1.bias": LN, "attn.c_attn.weight": ATTN, "attn.c_attn.bias": ATTN,
    "attn.c_proj.weight": ATTN, "attn.c_proj.bias": ATTN, "ln_2.weight": LN, "ln_2.bias": LN,
    "mlp.c_fc.weight": MLP, "mlp.c_fc.bias": MLP, "mlp.c_proj.weight": MLP, "mlp.c_proj.bias": MLP,
}  # fmt: skip
_LLAMA_BLOCK = {
    **{f"self_attn.{name}_proj.weight": ATTN for name in "qkvo"},
    **{f"mlp.{name}_proj.weight": MLP for name in ("gate", "up", "down")},
    "input_layernorm.weight": LN, "post_attention_layernorm.weight": LN,
}  # fmt: skip
_BIASES = {name.replace("weight", "bias"): part for name, part in _LLAMA_BLOCK.items() if part != LN}
_QWEN3_BLOCK = {**_LLAMA_BLOCK, "self_attn.q_norm.weight": LN, "self_attn.k_norm.weight": LN}
_GEMMA3_BLOCK = {**_QWEN3_BLOCK, "pre_feedforward_layernorm.weight": LN, "post_feedforward_layernorm.weight": LN}
_NEOX_BLOCK = {
    f"{name}.{kind}": part
    for name, part in {
        "input_layernorm": LN, "post_attention_layernorm": LN, "attention.query_key_value": ATTN,
        "attention.dense": ATTN, "mlp.dense_h_to_4h": MLP, "mlp.dense_4h_to_h": MLP,
    }.items()
    for kind in ("weight", "bias")
}  # fmt: skip
_GPTJ_BLOCK = {
    "ln_1.weight": LN, "ln_1.bias": LN, **{f"attn.{name}_proj.weight": ATTN for name in ("k", "v", "q", "out")},
    "mlp.fc_in.weight": MLP, "mlp.fc_in.bias": MLP, "mlp.fc_out.weight": MLP, "mlp.fc_out.bias": MLP,
}  # fmt: skip
_GPT2_OUTSIDE = {"transformer.wte.weight": "embeddings", "transformer.wpe.weight": "positions"}
_GPT2_NORM = {"transformer.ln_f.weight": "final_norm", "transformer.ln_f.bias": "final_norm"}
_LLAMA_OUTSIDE = {"model.embed_tokens.weight": "embeddings", "model.norm.weight": "final_norm"}
_HEAD = {"lm_head.weight": "head"}

EXPECTED: dict[str, tuple[str, dict[str, str], dict[str, str]]] = {
    "gpt2": ("transformer.h", _GPT2_BLOCK, {**_GPT2_OUTSIDE, **_GPT2_NORM}),
    "gpt2 untied": ("transformer.h", _GPT2_BLOCK, {**_GPT2_OUTSIDE, **_GPT2_NORM, **_HEAD}),
    "gpt-neox": (
        "gpt_neox.layers", _NEOX_BLOCK,
        {"gpt_neox.embed_in.weight": "embeddings", "gpt_neox.final_layer_norm.weight": "final_norm",
         "gpt_neox.final_layer_norm.bias": "final_norm", **_HEAD},
    ),
    "gpt-j": (
        "transformer.h", _GPTJ_BLOCK,
        {"transformer.wte.weight": "embeddings", **_GPT2_NORM, **_HEAD, "lm_head.bias": "head"},
    ),
    "llama": ("model.layers", {**_LLAMA_BLOCK, **_BIASES}, {**_LLAMA_OUTSIDE, **_HEAD}),
    "qwen3": ("model.layers", _QWEN3_BLOCK, _LLAMA_OUTSIDE),
    "gemma3": ("model.layers", _GEMMA3_BLOCK, _LLAMA_OUTSIDE),
}  # fmt: skip


def layout(name: str = "gpt2") -> Layout:
    return Layout.of(tiny(name))


@pytest.mark.parametrize("name", EXPECTED)
def test_every_tensor_of_an_architecture_has_its_place(name: str) -> None:
    path, block, outside = EXPECTED[name]
    expected = {full: (None, part) for full, part in outside.items()}
    for number in range(BLOCKS):
        expected |= {f"{path}.{number}.{rest}": (number, part) for rest, part in block.items()}  # type: ignore[misc]
    found = layout(name)
    assert {tensor.name: (tensor.block, tensor.part) for tensor in found.tensors} == expected
    assert found.blocks == BLOCKS
    assert {tensor.name for tensor in found.tensors if tensor.bias} == {each for each in expected if "bias" in each}


def test_sizes_are_those_of_gpt2_by_hand() -> None:
    where = layout()
    sizes = {tensor.name: tensor.size for tensor in where.tensors}
    assert sizes["transformer.wte.weight"] == VOCABULARY * WIDTH == 1024
    # 12 d² of matrices; 9 d of their biases (3 + 1 + 4 + 1) and 4 d of the norms.
    assert sum(tensor.size for tensor in where.tensors if tensor.block == 1) == 12 * WIDTH**2 + 13 * WIDTH == 3280


def test_ties_are_told_once() -> None:
    embeddings = next(tensor for tensor in layout().tensors if tensor.part == "embeddings")
    assert embeddings.tied_with == ("lm_head.weight",)
    assert layout().tied == [["lm_head.weight", "transformer.wte.weight"]]
    assert layout("gpt2 untied").tied == []


@pytest.mark.parametrize("name", ["gpt2", "llama", "gpt-neox"])
def test_adapters_lie_in_their_blocks_and_the_rest_stays_where_it_was(name: str) -> None:
    before = layout(name)
    wrapped = Layout.of(FREEZING.build({"name": "lora"}, "freeze").prepare(tiny(name)))
    assert wrapped.blocks == BLOCKS
    assert {tensor.block for tensor in wrapped.tensors if tensor.part == "adapter"} == set(range(BLOCKS))
    rest = [tensor for tensor in wrapped.tensors if tensor.part != "adapter"]
    assert [(each.block, each.part, each.size) for each in rest] == [
        (each.block, each.part, each.size) for each in before.tensors
    ]
    assert wrapped.tied == before.tied

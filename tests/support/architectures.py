"""Tiny shapes of model architectures, each with what makes it hard: windows, caps, sinks, ALiBi, states, experts."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from train_support import write_byte_tokenizer

VOCABULARY = 320
POSITIONS = 256
WINDOW = 16
"""Far shorter than the examples that the tests train on."""

_COMMON = {
    "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
    "max_position_embeddings": POSITIONS,
}  # fmt: skip
_GROUPED = {"num_key_value_heads": 2}
_GPT2 = {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": POSITIONS}
_EXPERTS = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 16}
_LOCAL_EXPERTS = {"num_local_experts": 4, "num_experts_per_tok": 2}
_ALTERNATING = {"sliding_window": WINDOW, "layer_types": ["sliding_attention", "full_attention"]}
_MAMBA = {"mamba_n_heads": 8, "mamba_d_head": 8, "mamba_d_state": 8, "mamba_n_groups": 1}

_SHARED_KEYS = {
    "num_hidden_layers": 4, "head_dim": 8, "sliding_window": WINDOW, "layer_types": ["sliding_attention", "full_attention"] * 2,
    "num_kv_shared_layers": 2, "vocab_size_per_layer_input": VOCABULARY, "hidden_size_per_layer_input": 8,
}  # fmt: skip


@dataclass(frozen=True)
class Architecture:
    """A configuration; `common`: the keys most architectures share. `batching`: what training has to take for it."""

    kind: str
    config: dict[str, Any] = field(default_factory=dict)
    common: dict[str, Any] = field(default_factory=lambda: {**_COMMON, **_GROUPED})
    batching: str = "packed"

    def model_config(self) -> Any:
        """The configuration as an object of transformers."""
        from transformers import AutoConfig

        special = {"vocab_size": VOCABULARY, "bos_token_id": 0, "eos_token_id": 0, "pad_token_id": 0}
        return AutoConfig.for_model(self.kind, **{**self.common, **special, **self.config})

    def draw(self) -> Any:
        """A model whose weights are large enough for attention to matter; seeded."""
        import torch

        from jaso_core.modeling.load import draw_model

        model = draw_model(self.model_config(), 0)
        generator = torch.Generator().manual_seed(0)
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.dim() > 1:
                    parameter.normal_(0, 0.15, generator=generator)
        return model.eval()

    def write(self, folder: Path) -> Path:
        """A model folder with a byte-level tokenizer."""
        self.draw().save_pretrained(folder)
        write_byte_tokenizer(folder)
        return folder


PADDED = "grouped"

ARCHITECTURES = {
    "afmoe": Architecture("afmoe", {**_ALTERNATING, **_EXPERTS, "head_dim": 8, "num_dense_layers": 1}),
    "bamba": Architecture("bamba", {**_MAMBA, "attn_layer_indices": [1]}, batching=PADDED),
    "biogpt": Architecture("biogpt", {}, _COMMON),
    "bloom": Architecture(
        "bloom", {"hidden_size": 32, "n_layer": 2, "n_head": 4, "seq_length": POSITIONS}, {}, batching=PADDED
    ),
    "codegen": Architecture("codegen", {"rotary_dim": 4}, _GPT2),
    "cohere2": Architecture("cohere2", {**_ALTERNATING}),
    "deepseek_v3": Architecture(
        "deepseek_v3",
        {
            "num_key_value_heads": 4,
            "q_lora_rank": 16,
            "kv_lora_rank": 16,
            "qk_rope_head_dim": 8,
            "qk_nope_head_dim": 8,
            "v_head_dim": 8,
            "n_routed_experts": 4,
            "num_experts_per_tok": 2,
            "moe_intermediate_size": 16,
            "first_k_dense_replace": 1,
            "n_group": 2,
            "topk_group": 1,
        },
    ),
    "exaone4": Architecture("exaone4", {**_ALTERNATING, "sliding_window_pattern": 2}),
    "exaone_moe": Architecture("exaone_moe", {**_ALTERNATING, **_EXPERTS, "mlp_layer_types": ["dense", "sparse"]}),
    "falcon": Architecture("falcon", {"new_decoder_architecture": False, "alibi": False}, _COMMON, batching=PADDED),
    "falcon-alibi": Architecture(
        "falcon", {"new_decoder_architecture": False, "alibi": True}, _COMMON, batching=PADDED
    ),
    "falcon_h1": Architecture("falcon_h1", {"mamba_d_ssm": 32, **_MAMBA, "mamba_n_heads": 4}, batching=PADDED),
    "gemma": Architecture("gemma", {"head_dim": 8}),
    "gemma2": Architecture(
        "gemma2",
        {
            "head_dim": 8,
            "sliding_window": WINDOW,
            "attn_logit_softcapping": 2.0,
            "final_logit_softcapping": 3.0,
            "query_pre_attn_scalar": 8,
        },
    ),
    "gemma3": Architecture("gemma3_text", {"head_dim": 8, **_ALTERNATING}),
    "gemma3n": Architecture(
        "gemma3n_text",
        {
            **_SHARED_KEYS,
            "intermediate_size": [48] * 4,
            "altup_num_inputs": 2,
            "laurel_rank": 4,
            "activation_sparsity_pattern": [0.0] * 4,
        },
    ),
    "gemma4": Architecture("gemma4_text", {**_SHARED_KEYS, "global_head_dim": 8}),
    "glm4": Architecture("glm4", {"head_dim": 8}),
    "gpt2": Architecture("gpt2", {}, _GPT2),
    "gpt2-untied": Architecture("gpt2", {"tie_word_embeddings": False}, _GPT2),
    "gpt_bigcode": Architecture("gpt_bigcode", {}, _GPT2),
    "gpt_neo": Architecture(
        "gpt_neo",
        {
            "hidden_size": 32,
            "num_layers": 2,
            "num_heads": 4,
            "attention_types": [[["global", "local"], 1]],
            "window_size": WINDOW,
            "max_position_embeddings": POSITIONS,
        },
        {},
        batching=PADDED,
    ),
    "gpt_neox": Architecture("gpt_neox", {}, _COMMON),
    "gpt_oss": Architecture("gpt_oss", {"head_dim": 8, **_ALTERNATING, **_LOCAL_EXPERTS}),
    "gptj": Architecture("gptj", {"rotary_dim": 4}, _GPT2),
    "granite": Architecture("granite"),
    "granite_swa": Architecture("granite_swa", {**_ALTERNATING}),
    "granitemoe": Architecture("granitemoe", {**_LOCAL_EXPERTS}),
    "hyperclovax": Architecture("hyperclovax"),
    "jamba": Architecture(
        "jamba",
        {
            "num_experts": 2,
            "mamba_d_state": 8,
            "mamba_dt_rank": 4,
            "attn_layer_period": 2,
            "attn_layer_offset": 1,
            "use_mamba_kernels": False,
        },
        batching=PADDED,
    ),
    "lfm2": Architecture("lfm2", {"layer_types": ["conv", "full_attention"]}, batching=PADDED),
    "llama": Architecture("llama"),
    "llama-tied": Architecture("llama", {"tie_word_embeddings": True}),
    "llama4": Architecture(
        "llama4_text",
        {
            "head_dim": 8,
            "attention_chunk_size": WINDOW,
            "num_local_experts": 4,
            "intermediate_size_mlp": 48,
            "moe_layers": [1],
            "layer_types": ["chunked_attention", "full_attention"],
        },
        batching=PADDED,
    ),
    "mamba": Architecture("mamba", {"hidden_size": 32, "num_hidden_layers": 2, "state_size": 8}, {}, batching=PADDED),
    "mamba2": Architecture(
        "mamba2",
        {
            "hidden_size": 32,
            "num_hidden_layers": 2,
            "state_size": 8,
            "num_heads": 8,
            "head_dim": 8,
            "n_groups": 1,
            "chunk_size": 16,
        },
        {},
        batching=PADDED,
    ),
    "mimo_v2_flash": Architecture(
        "mimo_v2_flash", {"sliding_window": WINDOW, "head_dim": 8, "v_head_dim": 8, **_EXPERTS, "n_routed_experts": 4}
    ),
    "minimax": Architecture(
        "minimax",
        {"head_dim": 8, "num_local_experts": 4, "layer_types": ["linear_attention", "full_attention"], "block_size": 8},
        batching=PADDED,
    ),
    "mistral": Architecture("mistral", {"head_dim": 8, "sliding_window": WINDOW}),
    "mixtral": Architecture("mixtral", {"sliding_window": WINDOW, "num_local_experts": 4}),
    "modernbert-decoder": Architecture(
        "modernbert-decoder", {"local_attention": WINDOW, "global_attn_every_n_layers": 2}, _COMMON
    ),
    "mpt": Architecture(
        "mpt", {"d_model": 32, "n_heads": 4, "n_layers": 2, "max_seq_len": POSITIONS}, {}, batching=PADDED
    ),
    "nemotron": Architecture("nemotron", batching=PADDED),
    "olmo3": Architecture("olmo3", {**_ALTERNATING}),
    "olmoe": Architecture("olmoe", {"num_experts": 4, "num_experts_per_tok": 2}),
    "opt": Architecture(
        "opt",
        {
            "hidden_size": 32,
            "ffn_dim": 48,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "max_position_embeddings": POSITIONS,
            "word_embed_proj_dim": 32,
        },
        {},
    ),
    "phi": Architecture("phi", {}, _COMMON),
    "phi3": Architecture("phi3", {"sliding_window": WINDOW}),
    "phimoe": Architecture("phimoe", {"num_local_experts": 4}),
    "qwen2": Architecture("qwen2"),
    "qwen2-window": Architecture(
        "qwen2", {"use_sliding_window": True, "sliding_window": WINDOW, "max_window_layers": 1}
    ),
    "qwen3": Architecture("qwen3", {"head_dim": 8}),
    "qwen3_moe": Architecture("qwen3_moe", {"head_dim": 8, **_EXPERTS}),
    "qwen3_next": Architecture(
        "qwen3_next",
        {
            "head_dim": 8,
            "linear_num_value_heads": 4,
            "linear_num_key_heads": 2,
            "linear_key_head_dim": 8,
            "linear_value_head_dim": 8,
            "shared_expert_intermediate_size": 16,
            **_EXPERTS,
            "layer_types": ["linear_attention", "full_attention"],
        },
        batching=PADDED,
    ),
    "recurrent_gemma": Architecture(
        "recurrent_gemma",
        {"num_hidden_layers": 3, "lru_width": 32, "attention_window_size": WINDOW},
        _COMMON,
        batching=PADDED,
    ),
    "smollm3": Architecture("smollm3"),
    "stablelm": Architecture("stablelm", batching=PADDED),
    "starcoder2": Architecture("starcoder2", {"sliding_window": WINDOW}),
    "xglm": Architecture(
        "xglm",
        {"d_model": 32, "ffn_dim": 48, "num_layers": 2, "attention_heads": 4, "max_position_embeddings": POSITIONS},
        {},
        batching=PADDED,
    ),
}

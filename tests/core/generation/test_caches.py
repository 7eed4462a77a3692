"""Models with windows, hybrid and state caches: batches and sessions give what plain transformers gives one by one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import torch
from generation_support import END, PAD, VOCABULARY, make_tokenizer, texts
from support import one_thread  # noqa: F401 - a fixture, for all tests here
from transformers import AutoConfig, AutoModelForCausalLM, GenerationConfig

from jaso_core.compat.transformers import forget_states
from jaso_core.generation import torch_engine
from jaso_core.generation.generate import GenerationOptions, Task, banned_ids
from jaso_core.generation.session import GenerationSession
from jaso_core.generation.torch_engine import batches_of, takes_padding

WINDOW, NEW = 4, 20
STOPS = [END, 12, 21]
CONTEXTS = [[8 + (i * 11 + j * (1 + i % 3)) % 32 for j in range(1 + (i * 7) % 13)] for i in range(12)]
_SIZES: dict[str, Any] = {
    "vocab_size": VOCABULARY, "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2,
    "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 64, "initializer_range": 0.5,
    "eos_token_id": END, "bos_token_id": END, "pad_token_id": PAD,
}  # fmt: skip
_HALF = {"sliding_window": WINDOW, "layer_types": ["sliding_attention", "full_attention"]}
_MAMBA = {"mamba_n_heads": 4, "mamba_d_head": 8, "mamba_n_groups": 1, "mamba_d_state": 8, "mamba_chunk_size": 8}
_STATE = {"num_heads": 4, "head_dim": 8, "n_groups": 1, "state_size": 8, "chunk_size": 8}
_EXPERTS = {"num_local_experts": 4, "num_experts_per_tok": 2}
WINDOWED: dict[str, dict[str, Any]] = {
    "mistral": {"sliding_window": WINDOW},
    "qwen2": {"sliding_window": WINDOW, "use_sliding_window": True, "max_window_layers": 1},
    "gemma2": {"sliding_window": WINDOW, "head_dim": 8, "query_pre_attn_scalar": 8},
    "gemma3_text": {**_HALF, "head_dim": 8, "query_pre_attn_scalar": 8},
    "cohere2": _HALF,
    "exaone4": _HALF,
    "gpt_oss": {**_HALF, **_EXPERTS, "head_dim": 8},
}
HYBRID: dict[str, dict[str, Any]] = {
    "lfm2": {"layer_types": ["conv", "full_attention"], "conv_L_cache": 3, "block_multiple_of": 8},
    "falcon_h1": {**_MAMBA, "mamba_d_ssm": 32, "head_dim": 4},
    "bamba": {**_MAMBA, "attn_layer_indices": [1]},
    "jamba": {"attn_layer_period": 2, "attn_layer_offset": 1, "expert_layer_period": 2, "expert_layer_offset": 1,
              "num_experts": 2, "num_experts_per_tok": 1, "mamba_d_state": 8, "mamba_dt_rank": 4,
              "use_mamba_kernels": False},
    "qwen3_next": {"layer_types": ["linear_attention", "full_attention"], "linear_num_value_heads": 4,
                   "linear_num_key_heads": 2, "linear_key_head_dim": 8, "linear_value_head_dim": 8, "head_dim": 8,
                   "num_experts": 2, "num_experts_per_tok": 1, "moe_intermediate_size": 16,
                   "shared_expert_intermediate_size": 16},
    "granitemoehybrid": {**_MAMBA, "layer_types": ["mamba", "attention"], "shared_intermediate_size": 16,
                         "num_local_experts": 0},
    "minimax": {"layer_types": ["linear_attention", "full_attention"], "head_dim": 8, "block_size": 8,
                "num_local_experts": 2, "num_experts_per_tok": 1},
}  # fmt: skip
STATES: dict[str, dict[str, Any]] = {
    "mamba": {"state_size": 8},
    "mamba2": _STATE,
    "falcon_mamba": {"state_size": 8},
    "recurrent_gemma": {"attention_window_size": WINDOW, "block_types": ["recurrent", "attention"], "lru_width": 16,
                        "head_dim": 4, "w_init_variance_scale": 8.0},
    "rwkv": {"attention_hidden_size": 16},
}  # fmt: skip
ALIBI: dict[str, dict[str, Any]] = {
    "bloom": {"n_layer": 2, "n_head": 4},
    "mpt": {"d_model": 16, "n_heads": 4, "n_layers": 2, "max_seq_len": 64},
    "falcon": {"alibi": True, "new_decoder_architecture": False},
}
KINDS = {**WINDOWED, **HYBRID, **STATES, **ALIBI}
ONE_LENGTH = {"minimax", "recurrent_gemma", "rwkv"}
"""Kinds whose state runs over padding, whatever mask they are given."""


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return make_tokenizer()


def make(kind: str) -> Any:
    """Sharp weights, and biases that are not 0: a state must not forget by chance what it should not hold."""
    torch.manual_seed(3)
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(kind, **{**_SIZES, **KINDS[kind]})).eval()
    with torch.no_grad():
        for name, value in model.named_parameters():
            if value.dim() == 1 and "bias" in name:
                value.normal_(0, 0.3)
    return model


def one_by_one(model: Any, tokenizer: Any, context: list[int]) -> tuple[list[int], str]:
    """What plain transformers writes for one prompt alone."""
    config = GenerationConfig(
        eos_token_id=STOPS, pad_token_id=PAD, suppress_tokens=banned_ids(tokenizer, STOPS), do_sample=False,
        max_new_tokens=NEW,
    )  # fmt: skip
    ids = torch.tensor([context])
    forget_states(model)
    with torch.no_grad():
        out = model.generate(ids, attention_mask=torch.ones_like(ids), generation_config=config)
    new = out[0, len(context) :].tolist()
    return (new[:-1], "end") if new[-1] in STOPS else (new, "length")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_batches_and_sessions_write_what_is_written_one_by_one(kind: str, tokenizer: Any) -> None:
    model = make(kind)
    expected = {i: one_by_one(model, tokenizer, context) for i, context in enumerate(CONTEXTS)}
    assert max(len(CONTEXTS[i]) + len(ids) for i, (ids, _) in expected.items()) > 2 * WINDOW
    for size in (1, 2, 7):
        assert texts(model, tokenizer, CONTEXTS, max_new_tokens=NEW, batch_size=size, stops=STOPS) == expected
    # Two at a time from four threads: rows join and leave while others run.
    with (
        GenerationSession(model, tokenizer, limit=64, stops=STOPS, batch_size=2) as session,
        ThreadPoolExecutor(4) as threads,
    ):
        options = GenerationOptions(max_new_tokens=NEW)
        written = list(threads.map(lambda context: session.submit(context, options)[0].result(120), CONTEXTS))
    assert {i: (text.ids, text.stop) for i, text in enumerate(written)} == expected
    assert takes_padding(model, PAD) == (kind not in ONE_LENGTH)


def test_without_padding_a_batch_has_prompts_of_one_length() -> None:
    tasks = [Task(i, 0, [1] * length, 5, 0) for i, length in enumerate([4, 4, 4, 2, 2, 1])]
    assert [[task.index for task in batch] for batch in batches_of(tasks, 2)] == [[0, 1], [2, 3], [4, 5]]
    alike = [[task.index for task in batch] for batch in batches_of(tasks, 2, padded=False)]
    assert alike == [[0, 1], [2], [3, 4], [5]]


def test_a_text_does_not_begin_where_another_one_ended(tokenizer: Any) -> None:
    # RecurrentGemma's modules hold the state, and a prompt of one token reads it.
    model = make("recurrent_gemma")
    (first,) = texts(model, tokenizer, [[8]], max_new_tokens=NEW, stops=STOPS).values()
    texts(model, tokenizer, [CONTEXTS[3]], max_new_tokens=NEW, stops=STOPS)
    assert texts(model, tokenizer, [[8]], max_new_tokens=NEW, stops=STOPS) == {0: first}


def test_padding_that_reaches_a_state_is_told_once(tokenizer: Any, capsys: pytest.CaptureFixture[str]) -> None:
    model = make("rwkv")
    torch_engine._say_once.cache_clear()
    for _ in range(2):
        texts(model, tokenizer, CONTEXTS[:3], max_new_tokens=2, stops=STOPS)
    told = capsys.readouterr().err.count("padding changes what it computes, so that only prompts of one length share")
    assert told == 1

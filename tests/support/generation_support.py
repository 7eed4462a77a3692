"""Tiny random models, a tokenizer of forty tokens, and generation in one call."""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")

from jaso_core.generation.generate import Generated, GenerationOptions, generate

VOCABULARY = 40
END, PAD, UNK, USR = 1, 3, 5, 2

CONTEXTS = [[8 + (i * 7 + j) % 30 for j in range(1 + (i * 5) % 11)] for i in range(9)]


def make_tokenizer() -> Any:
    """As KoGPT2's: <usr> and <unused0> are in the vocabulary, but no one says that they are special."""
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    names = ["<s>", "</s>", "<usr>", "<pad>", "<sys>", "<unk>", "<mask>", "<unused0>"]
    names += [chr(0xAC00 + i) for i in range(VOCABULARY - len(names))]
    raw = Tokenizer(models.WordLevel({name: i for i, name in enumerate(names)}, unk_token="<unk>"))
    return PreTrainedTokenizerFast(
        tokenizer_object=raw, bos_token="</s>", eos_token="</s>", pad_token="<pad>", unk_token="<unk>"
    )


def make_model(kind: str) -> Any:
    """`gpt2`: places are learned; `llama`: places turn the keys, and two heads share them. Sharp enough that the
    likeliest token is never in doubt."""
    import torch
    from transformers import AutoModelForCausalLM, GPT2Config, LlamaConfig

    torch.manual_seed(3)
    size: dict[str, Any] = {
        "vocab_size": VOCABULARY,
        "initializer_range": 0.5,
        "eos_token_id": END,
        "bos_token_id": END,
    }
    if kind == "gpt2":
        config: Any = GPT2Config(n_positions=64, n_embd=16, n_layer=2, n_head=2, **size)
    else:
        config = LlamaConfig(
            max_position_embeddings=64, hidden_size=16, intermediate_size=32, num_hidden_layers=2,
            num_attention_heads=4, num_key_value_heads=2, **size,
        )  # fmt: skip
    return AutoModelForCausalLM.from_config(config).eval()


def candidates(model: Any, tokenizer: Any, contexts: list[list[int]], **options: Any) -> dict[int, list[Generated]]:
    """By position of the context. `limit`, `keys`, `done`, `stops` and `folder` are generate's, the rest options."""
    own = {name: options.pop(name) for name in ("keys", "done", "stops", "folder") if name in options}
    limit = options.pop("limit", 64)
    return dict(generate(model, tokenizer, contexts, GenerationOptions(**options), limit=limit, **own))


def texts(model: Any, tokenizer: Any, contexts: list[list[int]], **options: Any) -> dict[int, tuple[list[int], str]]:
    """The only text for each context: its ids and what ended it."""
    found = candidates(model, tokenizer, contexts, **options)
    assert all(len(one) == 1 for one in found.values())
    return {i: (text.ids, text.stop) for i, [text] in found.items()}

"""Files in the exact shape of skt/kogpt2-base-v2: what cannot be had here is built for real."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

SPECIAL = ["<s>", "</s>", "<usr>", "<pad>", "<sys>", "<unk>", "<mask>", "<d>", "</d>"]
CONFIG = {
    "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "vocab_size": 51200, "n_positions": 1024,
    "n_ctx": 1024, "n_embd": 768, "n_layer": 12, "n_head": 12, "n_inner": None, "activation_function": "gelu_new",
    "attn_pdrop": 0.1, "embd_pdrop": 0.1, "resid_pdrop": 0.1, "layer_norm_epsilon": 1e-05,
    "initializer_range": 0.02, "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 3,
    "task_specific_params": {"text-generation": {"do_sample": True, "max_length": 50}},
}  # fmt: skip


def write_tokenizer(folder: Path, size: int = 51200) -> None:
    """tokenizer.json as KoGPT2's: character BPE with ▁, 9 named and 100 unused special tokens at ids 0 to 108."""
    special = [*SPECIAL, *(f"<unused{i}>" for i in range(100))]
    characters = ["▁", *".,?!'\"()0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    syllables = [chr(code) for code in range(0xAC00, 0xD7A4)]
    tokens = [*special, *characters, *syllables]
    merges = []
    for syllable in syllables:
        merges.append(("▁", syllable))
        tokens.append("▁" + syllable)
    for left, right in product(syllables, repeat=2):
        if len(tokens) >= size:
            break
        merges.append((left, right))
        tokens.append(left + right)
    body = {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [
            {"id": i, "content": token, "single_word": False, "lstrip": False, "rstrip": False,
             "normalized": False, "special": True}
            for i, token in enumerate(special)
        ],
        "normalizer": None,
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        "post_processor": None,
        "decoder": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        "model": {"type": "BPE", "dropout": None, "unk_token": "<unk>", "continuing_subword_prefix": None,
                  "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
                  "vocab": {token: i for i, token in enumerate(tokens[:size])},
                  "merges": [list(pair) for pair in merges]},
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")

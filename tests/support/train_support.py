"""Models in the shape of public ones: what cannot be had here is built for real, with random weights."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

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


FOREIGN = {"vocab_size": 320, "bos_token_id": 0, "eos_token_id": 0}


def write_foreign(folder: Path, kind: str = "gpt_neox", named: bool = True, **config: Any) -> Path:
    """A small model of another family, as polyglot-ko: 258 tokens (`<|endoftext|>`, `<|unused|>` and the 256 bytes) in
    320 rows of embeddings, no markers, no padding token. `named`: with the end token's name in tokenizer_config.json."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    sizes: dict[str, Any] = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    if kind == "gpt2":
        sizes = {"n_embd": 32, "n_layer": 2, "n_head": 2, "n_positions": 64}
    else:
        sizes |= {"intermediate_size": 64, "max_position_embeddings": 128}
    torch.manual_seed(1)
    made = AutoModelForCausalLM.from_config(AutoConfig.for_model(kind, **{**sizes, **FOREIGN, **config}))
    made.save_pretrained(folder)
    write_byte_tokenizer(folder, named=named)
    return folder


def write_byte_tokenizer(folder: Path, named: bool = True) -> None:
    """A byte-level tokenizer without merges: `<|endoftext|>`, `<|unused|>` and the 256 bytes."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    vocabulary = ["<|endoftext|>", "<|unused|>", *sorted(pre_tokenizers.ByteLevel.alphabet())]
    raw = Tokenizer(models.BPE(vocab={token: place for place, token in enumerate(vocabulary)}, merges=[]))
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    raw.add_special_tokens([AddedToken(token, special=True) for token in vocabulary[:2]])
    raw.save(str(folder / "tokenizer.json"))
    if named:
        body = {"eos_token": "<|endoftext|>", "tokenizer_class": "GPTNeoXTokenizerFast"}
        (folder / "tokenizer_config.json").write_text(json.dumps(body), encoding="utf-8")


def edit_json(file: Path, **changes: Any) -> None:
    """Changes keys of a JSON file, whose old bytes may be linked elsewhere; None removes one."""
    body = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    body = {key: value for key, value in {**body, **changes}.items() if value is not None}
    file.unlink(missing_ok=True)
    file.write_text(json.dumps(body), encoding="utf-8")


def linked(source: Path, target: Path) -> Path:
    """A copy of a folder whose files are hard links: half a gigabyte stays half a gigabyte."""
    target.mkdir(parents=True)
    for path in source.iterdir():
        (target / path.name).hardlink_to(path)
    return target

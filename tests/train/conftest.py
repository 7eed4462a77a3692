"""A folder in the exact shape of skt/kogpt2-base-v2, with random weights."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from train_support import CONFIG, write_tokenizer


@pytest.fixture(autouse=True)
def no_user_cache(own_cache: Path) -> None:
    """Every test here has a cache of its own."""


@pytest.fixture(scope="session")
def kogpt2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """config.json, tokenizer.json and model.safetensors: 125,164,032 parameters, half a gigabyte."""
    return _write_kogpt2(tmp_path_factory.mktemp("kogpt2"))


@pytest.fixture(scope="session")
def narrow_kogpt2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with its whole vocabulary, but two narrow blocks: what is told of a folder depends on no weights."""
    return _write_kogpt2(tmp_path_factory.mktemp("narrow_kogpt2"), n_embd=16, n_layer=2, n_head=2)


def _write_kogpt2(folder: Path, **changes: int) -> Path:
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    config = {**CONFIG, **changes}
    torch.manual_seed(0)
    GPT2LMHeadModel(GPT2Config(**config)).save_pretrained(folder)
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "generation_config.json").unlink(missing_ok=True)
    write_tokenizer(folder)
    return folder

"""A tiny random model in the shape that `jaso train` writes, and a small preprocessed corpus."""

from __future__ import annotations

import os
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import pytest
from evaluate_support import ANSWERS, QUESTIONS, example
from support import one_thread  # noqa: F401 - a fixture, for all tests here

from jaso_core.io.files import EXAMPLE_SCHEMA, write_json, write_jsonl, write_parquet
from jaso_core.modeling.checkpoint import save_prompt
from jaso_core.prompts import PROMPTS
from jaso_core.records import SPLITS, Example
from jaso_core.stage.runner import run_stage

SPECIAL = ["<s>", "</s>", "<usr>", "<pad>", "<sys>", "<unk>", "<mask>", "<d>", "</d>"]
SPECIAL += [f"<unused{i}>" for i in range(100)]


@pytest.fixture(scope="session")
def tokenizer() -> Any:
    """Byte-level BPE of 600 tokens with KoGPT2's markers at KoGPT2's places."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    raw.train_from_iterator([*QUESTIONS, *ANSWERS], trainer)
    made = PreTrainedTokenizerFast(
        tokenizer_object=raw,
        bos_token="</s>",
        eos_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        mask_token="<mask>",
    )
    made.padding_side = "left"
    return made


def tiny_model(tokenizer: Any, seed: int) -> Any:
    import torch
    from transformers import AutoModelForCausalLM, GPT2Config

    torch.manual_seed(seed)
    config = GPT2Config(
        vocab_size=len(tokenizer),
        n_positions=256,
        n_embd=32,
        n_layer=2,
        n_head=2,
        bos_token_id=1,
        eos_token_id=1,
        pad_token_id=3,
        initializer_range=0.3,  # sharp enough that greedy never meets a tie
    )
    return AutoModelForCausalLM.from_config(config).eval()


@pytest.fixture(scope="session")
def model(tokenizer: Any) -> Any:
    return tiny_model(tokenizer, seed=7)


@pytest.fixture
def prompt() -> Any:
    return PROMPTS.build({"name": "question_answer"}, "prompt")


@pytest.fixture(scope="session")
def train_dir(tmp_path_factory: pytest.TempPathFactory, tokenizer: Any, model: Any) -> Path:
    """What `jaso train` writes; its base is another random model, so that the two differ."""
    folder = tmp_path_factory.mktemp("trained") / "train"
    base = tmp_path_factory.mktemp("base")
    tiny_model(tokenizer, seed=8).save_pretrained(base)

    def work(run: Any) -> None:
        model.save_pretrained(folder / "model")
        tokenizer.save_pretrained(folder / "model")
        save_prompt(folder / "model", {"name": "question_answer"}, 200, str(base), 7)
        run.add_tree("model")
        write_jsonl(run.add("log.jsonl"), LOG)

    run_stage("train", folder, {"model": "tiny"}, {}, work)
    return folder


LOG = [
    {"step": 0, "validation_loss": 6.4, "validation_bits_per_character": 8.9},
    {"step": 10, "epoch": 0.5, "loss": 5.1},
    {"step": 20, "epoch": 1.0, "loss": 3.9},
    {"step": 20, "validation_loss": 3.8, "validation_bits_per_character": 4.1},
]


@pytest.fixture
def make_input(tmp_path: Path) -> Callable[..., Path]:
    """Writes a folder as `jaso preprocess` does: `make_input(test=[Example, …], name="…")`."""

    def make(name: str = "input", test: list[Example] | None = None) -> Path:
        folder = tmp_path / name
        rows = {split: [example(i, split) for i in range(12)] for split in SPLITS}
        if test is not None:
            rows["test"] = test

        def work(run: Any) -> None:
            for split, examples in rows.items():
                write_parquet(run.add(f"examples/{split}.parquet", len(examples)), examples, EXAMPLE_SCHEMA)
            write_json(
                run.add("stats.json"),
                {
                    "documents": {"read": 40, "kept": 36},
                    "examples": {split: len(examples) for split, examples in rows.items()},
                    "dropped": {"too short": 4},
                },
            )

        run_stage("preprocess", folder, {"clean": name}, {}, work)
        return folder

    return make


@cache
def composed(verb: str, groups: tuple[str, ...]) -> Any:
    """What Hydra composes of a verb and its choices, once for all tests: it takes longer than most of them."""
    from hydra import compose as hydra_compose
    from hydra import initialize_config_dir
    from omegaconf import OmegaConf

    from jaso_core.config import config_folder

    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        config = hydra_compose(config_name=verb, overrides=list(groups))
    return OmegaConf.to_container(config, resolve=True)


@pytest.fixture
def compose() -> Callable[..., dict[str, Any]]:
    """The configuration as the command line composes it."""

    def make(verb: str, **values: Any) -> dict[str, Any]:
        groups = tuple(f"{key}={value}" for key, value in values.items() if key in ("metrics", "generate"))
        plain = deepcopy(composed(verb, groups))
        for key, value in values.items():
            if key not in ("metrics", "generate"):
                node, *path = key.split("__")
                target = plain
                for part in [node, *path][:-1]:
                    target = target[part]
                target[[node, *path][-1]] = str(value) if isinstance(value, Path) else value
        return dict(plain)

    return make

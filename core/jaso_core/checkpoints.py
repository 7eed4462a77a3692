"""A trained model's folder: weights, tokenizer, and the prompt format that it was trained with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jaso_core.errors import RequestError
from jaso_core.files import read_json, write_json
from jaso_core.prompts import PROMPTS, PromptFormat
from jaso_core.records import SCHEMA

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

PROMPT_FILE = "prompt.json"


@dataclass(frozen=True)
class Checkpoint:
    """What generation and scoring need. `max_length` is the training limit in tokens, prompt included."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerFast
    prompt: PromptFormat
    max_length: int


def save_prompt(folder: Path, prompt: Mapping[str, Any], max_length: int, base: str | None, seed: int) -> None:
    """Writes prompt.json. `base` is the folder or name of the pretrained weights, None for a model from scratch."""
    body = {"schema": SCHEMA, "prompt": dict(prompt), "max_length": max_length, "base": base, "seed": seed}
    write_json(folder / PROMPT_FILE, body)


def load_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    """The tokenizer that `jaso train` saved. RequestError when the folder has none.

    Never AutoTokenizer: for a GPT-2 config it builds a byte-level GPT-2 tokenizer, which drops all Hangul of a
    KoGPT2-like vocabulary.
    """
    from transformers import PreTrainedTokenizerFast

    if not folder.is_dir():
        raise RequestError(f"{folder}: no such folder", "give a folder that `jaso train` wrote")
    if not (folder / "tokenizer.json").is_file():
        raise RequestError(f"{folder}: has no tokenizer.json", "copy the model's tokenizer.json there")
    tokenizer: PreTrainedTokenizerFast = PreTrainedTokenizerFast.from_pretrained(str(folder))
    tokenizer.padding_side = "left"
    return tokenizer


def load_checkpoint(train_folder: Path) -> Checkpoint:
    """The model of a finished `jaso train` folder, in evaluation mode. RequestError when a part is missing."""
    from transformers import AutoModelForCausalLM

    hush_transformers()
    folder = model_folder(train_folder)
    tokenizer = load_tokenizer(folder)
    body = _prompt_body(folder)
    prompt = PROMPTS.build(body["prompt"], f"{folder / PROMPT_FILE}: prompt")
    model = AutoModelForCausalLM.from_pretrained(str(folder), local_files_only=True)
    model.eval()
    return Checkpoint(model, tokenizer, prompt, int(body["max_length"]))


def load_untrained(train_folder: Path) -> PreTrainedModel:
    """The same model before training: its base weights, or its random weights drawn again from the same seed."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    hush_transformers()
    folder = model_folder(train_folder)
    body = _prompt_body(folder)
    if body["base"] is not None:
        model = AutoModelForCausalLM.from_pretrained(body["base"], local_files_only=True)
    else:
        torch.manual_seed(int(body["seed"]))
        model = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(str(folder)))
    model.eval()
    return model


def model_folder(train_folder: Path) -> Path:
    """Where a `jaso train` folder keeps its model."""
    return train_folder / "model"


def hush_transformers() -> None:
    """No notices and no progress bars of transformers' between our own."""
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()


def _prompt_body(folder: Path) -> dict[str, Any]:
    if not (folder / PROMPT_FILE).is_file():
        raise RequestError(f"{folder}: has no {PROMPT_FILE}", "give a folder that `jaso train` wrote")
    body: dict[str, Any] = read_json(folder / PROMPT_FILE)
    return body

"""Checkpoint: a trained model's folder with weights, tokenizer and prompt format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

from jaso_core.errors import RequestError, first_line
from jaso_core.io.files import read_json, write_json
from jaso_core.io.model_size_limits import check_parameters
from jaso_core.io.pretrained import load_pretrained_tokenizer, read_config_json
from jaso_core.io.shapes import read_json_as
from jaso_core.modeling.bind_prompt import bind_prompt, generation_prompt
from jaso_core.modeling.load import (
    draw_model,
    hush_transformers,
    init_new_embeddings,
    load_model,
    read_config,
)
from jaso_core.modeling.weights import find_weights
from jaso_core.prompts import PromptFormat
from jaso_core.prompts.saved_format import restore_format, saved_format
from jaso_core.records import SCHEMA

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

PROMPT_FILE = "prompt.json"


class PromptFile(TypedDict):
    """prompt.json: the prompt format, and what rebuilds the untrained model.

    As `Origin` and `save_prompt` have them; folders of former versions lack some.
    """

    prompt: dict[str, Any]
    max_length: int
    base: str | None
    seed: int
    format: NotRequired[dict[str, Any] | None]
    format_digest: NotRequired[str | None]
    base_model: NotRequired[str | None]
    licence: NotRequired[str | None]
    family: NotRequired[str | None]
    weights_sha256: NotRequired[str | None]
    added_tokens: NotRequired[dict[str, int] | None]
    generation_prompt: NotRequired[str | None]


__all__ = [
    "Checkpoint", "Origin", "hush_transformers", "load_checkpoint", "load_tokenizer", "load_untrained", "model_folder",
    "read_prompt_file", "save_model", "save_prompt",
]  # fmt: skip


@dataclass(frozen=True)
class Checkpoint:
    """A loaded model for generation and scoring.

    `max_length` is the training limit in tokens, prompt included.
    """

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerFast
    prompt: PromptFormat
    max_length: int


@dataclass(frozen=True)
class Origin:
    """What rebuilds the untrained model, besides its base and seed.

    `added`: ids of tokens that the base did not have, by token. `weights_sha256`: hash of the base's weights.
    `licence`: the base's, as its card spells it. `base_model`: its name on the hub, None where only a folder is known.
    """

    family: str | None = None
    weights_sha256: str | None = None
    added: Mapping[str, int] = field(default_factory=dict)
    licence: str | None = None
    base_model: str | None = None


def save_prompt(
    folder: Path,
    prompt: Mapping[str, Any],
    max_length: int,
    base: str | None,
    seed: int,
    origin: Origin | None = None,
    before_answer: str | None = None,
) -> None:
    """Write prompt.json.

    `base` is the folder or name of the pretrained weights, None for a model from scratch. `before_answer`: the
    generation prompt of a chat prompt.
    """
    origin = origin or Origin()
    body = {
        "schema": SCHEMA,
        **saved_format(prompt),
        "max_length": max_length,
        "base": base,
        "base_model": origin.base_model,
        "licence": origin.licence,
        "seed": seed,
        "family": origin.family,
        "weights_sha256": origin.weights_sha256,
        "added_tokens": dict(origin.added),
    }
    if before_answer is not None:
        body["generation_prompt"] = before_answer
    write_json(folder / PROMPT_FILE, body)


def save_model(folder: Path, model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast) -> None:
    """Write weights, configuration and tokenizer in the format of transformers.

    Plain `AutoModelForCausalLM`, `AutoTokenizer` and `pipeline("text-generation")` read them. Without the name of its
    class AutoTokenizer would take the tokenizer for GPT-2's, which drops all Hangul; transformers 5 writes a name
    that transformers 4 does not know, so it gets the one that both do.
    """
    model.save_pretrained(str(folder))
    tokenizer.save_pretrained(str(folder))
    file = folder / "tokenizer_config.json"
    write_json(file, {**read_json(file), "tokenizer_class": "PreTrainedTokenizerFast"})


def load_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    """Load the tokenizer that `jaso train` saved. RequestError if absent or damaged.

    Never AutoTokenizer: for a GPT-2 config it builds a byte-level GPT-2 tokenizer, which drops all Hangul of a
    KoGPT2-like vocabulary.
    """
    from transformers import PreTrainedTokenizerFast

    if not folder.is_dir():
        raise RequestError(f"{folder}: no such folder", "give a folder that `jaso train` wrote")
    if not (folder / "tokenizer.json").is_file():
        raise RequestError(f"{folder}: has no tokenizer.json", "copy the model's tokenizer.json there")
    read_config_json(folder)
    try:
        tokenizer: PreTrainedTokenizerFast = load_pretrained_tokenizer(PreTrainedTokenizerFast, folder)
    except Exception as error:
        raise RequestError(
            f"{folder / 'tokenizer.json'}: is damaged ({first_line(error)})", "train the model once more"
        ) from None
    tokenizer.padding_side = "left"
    return tokenizer


def load_checkpoint(train_folder: Path) -> Checkpoint:
    """Load the model of a finished `jaso train` folder, in evaluation mode.

    RequestError when a part is missing, damaged, or asks to run code.
    """
    hush_transformers()
    folder = model_folder(train_folder)
    tokenizer = load_tokenizer(folder)
    body = read_prompt_file(folder)
    prompt, _ = bind_prompt(restore_format(body, str(folder / PROMPT_FILE)), tokenizer)
    _check_generation_prompt(folder, body, prompt)
    model = load_model(folder)
    model.eval()
    return Checkpoint(model, tokenizer, prompt, int(body["max_length"]))


def _check_generation_prompt(folder: Path, body: PromptFile, prompt: PromptFormat) -> None:
    saved = body.get("generation_prompt")
    if saved is not None and saved != generation_prompt(prompt):
        raise RequestError(
            f"{folder / PROMPT_FILE}: the chat template renders otherwise than when the model was trained",
            "copy the model's folder once more, or train again",
        )


def load_untrained(train_folder: Path) -> PreTrainedModel:
    """Load the model as it was before training: base weights, or random ones by seed.

    RequestError when the base is no longer there, or holds other weights than those that training began with.
    """
    folder = model_folder(train_folder)
    body = read_prompt_file(folder)
    dtype = str(read_config_json(folder).get("dtype") or "float32")
    if body["base"] is None:
        config = read_config(folder)
        check_parameters(folder, config, None)
        model: PreTrainedModel = draw_model(config, int(body["seed"]), dtype=dtype)
    else:
        base = Path(body["base"])
        model = load_model(base, find_weights(base, body.get("weights_sha256")), dtype=dtype)
        added = body.get("added_tokens") or {}
        if added:
            init_new_embeddings(model, list(added.values()))
    model.eval()
    return model


def model_folder(folder: Path) -> Path:
    """Return the model folder of a `jaso train` folder.

    It is the folder itself where that is a model: an exported one, or a pretrained one.
    """
    is_model = any((folder / name).is_file() for name in (PROMPT_FILE, "config.json"))
    return folder if is_model else folder / "model"


def read_prompt_file(folder: Path) -> PromptFile:
    """Return prompt.json of a model's folder. RequestError if it is none of ours."""
    if not (folder / PROMPT_FILE).is_file():
        raise RequestError(f"{folder}: has no {PROMPT_FILE}", "give a folder that `jaso train` wrote")
    return read_json_as(folder / PROMPT_FILE, PromptFile)

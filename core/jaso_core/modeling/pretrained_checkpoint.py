"""Checkpoint of a pretrained model; the prompt format comes with the request."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jaso_core.errors import RequestError
from jaso_core.io.pretrained import read_config_json
from jaso_core.modeling.bind_prompt import bind_prompt
from jaso_core.modeling.checkpoint import PROMPT_FILE, Checkpoint, hush_transformers, load_checkpoint, model_folder
from jaso_core.modeling.foreign_tokenizer import load_foreign_tokenizer
from jaso_core.modeling.load import load_model
from jaso_core.modeling.positions import positions_of
from jaso_core.prompts import PROMPTS
from jaso_core.prompts.base import END, PromptFormat
from jaso_core.prompts.chat import ChatPrompt
from jaso_core.prompts.plain_text import PlainTextPrompt

CONTEXT = 2048
"""Tokens of a prompt and its text together, where the model has positions for more: their cache takes memory."""


def is_trained_by_jaso(folder: Path) -> bool:
    """Return whether a model's folder has its own prompt format."""
    return (model_folder(folder) / PROMPT_FILE).is_file()


def load_any_checkpoint(folder: Path, prompt: Mapping[str, Any] | None) -> tuple[Checkpoint, tuple[str, ...]]:
    """Load a folder of `jaso train`, or of any causal language model.

    Returned with notes for the user.

    `prompt`: config node of the prompt format of a model that has none of its own. RequestError where it is missing, or
    given to a model that has one; and as the loaders of both kinds.
    """
    if is_trained_by_jaso(folder):
        checkpoint = load_checkpoint(folder)
        if prompt is not None and prompt.get("name") != checkpoint.prompt.name:
            raise RequestError(
                f"prompt={prompt.get('name')}: {folder} was trained with prompt format '{checkpoint.prompt.name}'",
                "leave prompt= out",
            )
        return checkpoint, ()
    if not (folder / "config.json").is_file():
        raise RequestError(
            f"{folder}: is no model (no {PROMPT_FILE}, no config.json)", "give a folder that `jaso train` wrote"
        )
    if prompt is None:
        raise RequestError(
            f"{folder}: has no prompt format of its own", "add prompt=question_answer; `jaso list prompt` shows all"
        )
    return load_pretrained_checkpoint(folder, PROMPTS.build(prompt, "prompt"))


def load_pretrained_checkpoint(folder: Path, prompt: PromptFormat) -> tuple[Checkpoint, tuple[str, ...]]:
    """Load a plain folder of transformers, with notes on what was assumed.

    Markers that its vocabulary lacks are rendered in words. RequestError as `load_foreign_tokenizer` and `load_model`.
    """
    hush_transformers()
    context = min(CONTEXT, positions_of(read_config_json(folder)) or CONTEXT)
    tokenizer, notes = load_foreign_tokenizer(folder, context)
    tokenizer.padding_side = "left"
    prompt, chat_notes = bind_prompt(prompt, tokenizer)
    notes = (*notes, *chat_notes)
    vocabulary = tokenizer.get_vocab()
    missing = [marker for marker in prompt.markers() if marker != END and marker not in vocabulary]
    if missing and not isinstance(prompt, ChatPrompt):
        prompt = PlainTextPrompt(prompt)
        notes = (*notes, f"the vocabulary has no {', '.join(missing)}: the prompt is in plain words")
    model = load_model(folder)
    model.eval()
    return Checkpoint(model, tokenizer, prompt, context), notes

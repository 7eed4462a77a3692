"""Load a model: of `jaso train`, of transformers, or of the hub."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from jaso.model import Model
from jaso_core.errors import RequestError


def load(
    folder: str | Path,
    *,
    prompt: str | None = None,
    revision: str | None = None,
    device: str = "auto",
    batch_size: int = 16,
) -> Model:
    """Load a model with its tokenizer and prompt format.

    `folder`: what `jaso train` or `jaso export-model` wrote, any causal language model of transformers, or its name on
    the hub, at `revision`. `prompt`: the format of a model that has none of its own. `device`: auto (a GPU where there
    is one), or a device of torch. `batch_size`: texts generated at once.

    RequestError when a part is missing or damaged.
    """
    model, notes = open_model(
        folder, {"name": prompt} if prompt is not None else None, revision, device=device, batch_size=batch_size
    )
    for note in notes:
        warnings.warn(note, UserWarning, stacklevel=2)
    return model


def open_model(
    name: str | Path,
    prompt: Mapping[str, Any] | None,
    revision: str | None,
    *,
    device: str = "auto",
    batch_size: int = 16,
) -> tuple[Model, tuple[str, ...]]:
    """Load a model as `load` does, and return it with the notes for its user.

    `prompt`: config node of a prompt format.
    """
    from jaso_core.model_sources import find_model
    from jaso_core.modeling.pretrained_checkpoint import load_any_checkpoint

    folder = find_model(str(name), revision)
    checkpoint, notes = load_any_checkpoint(folder, prompt)
    return Model(replace(checkpoint, model=_on_device(checkpoint.model, device)), folder, batch_size), notes


def _on_device(model: Any, device: str) -> Any:
    import torch

    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        return model.to(device)
    except (RuntimeError, AssertionError) as error:
        raise RequestError(f"device '{device}': {str(error).splitlines()[0]}", "use device='cpu'") from None

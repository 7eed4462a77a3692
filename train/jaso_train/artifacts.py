"""Files of a finished training: weights, adapters, event files."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from jaso_core.modeling.checkpoint import save_model
from jaso_train.fit import EVENTS
from jaso_train.freezing import FreezingStrategy

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

FOLDERS = ("model", "adapter", EVENTS)
"""Folders that a training fills whole, in place of those of a former one."""


def save_weights(
    out: Path, strategy: FreezingStrategy, model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, events: Path
) -> None:
    """Write model/, with LoRA adapter/, and event files where there are any.

    `model` is as the strategy prepared it; model/ gets a plain one of transformers.
    """
    for name in FOLDERS:
        shutil.rmtree(out / name, ignore_errors=True)
    if events.is_dir():
        shutil.copytree(events, out / EVENTS)
    strategy.save_extra(model, out)
    save_model(out / "model", strategy.finished(model), tokenizer)

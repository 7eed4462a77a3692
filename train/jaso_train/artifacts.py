"""Files of a finished training: weights, adapters, event files."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jaso_core.io.files import read_json, write_json
from jaso_core.modeling.checkpoint import save_model
from jaso_train.fit import EVENTS
from jaso_train.freezing import FreezingStrategy

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

ADAPTER_CONFIG = Path("adapter") / "adapter_config.json"

_COMMIT = re.compile(r"/snapshots/([0-9a-f]{40})/?$")


@dataclass(frozen=True)
class Base:
    """The pretrained weights: their hub name where it is known, and their folder.

    Both are None for a model from scratch.
    """

    name: str | None
    folder: str | None


FOLDERS = ("model", "adapter", EVENTS)
"""Folders that a training fills whole, in place of those of a former one."""


def save_weights(
    out: Path,
    strategy: FreezingStrategy,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    events: Path,
    base: Base,
) -> None:
    """Write model/, with LoRA adapter/, and event files where there are any.

    `model` is as the strategy prepared it; model/ gets a plain one of transformers. `base`: of the weights.
    """
    for name in FOLDERS:
        shutil.rmtree(out / name, ignore_errors=True)
    if events.is_dir():
        shutil.copytree(events, out / EVENTS)
    strategy.save_extra(model, out)
    _name_base(out / ADAPTER_CONFIG, base)
    save_model(out / "model", strategy.finished(model), tokenizer)


def _name_base(file: Path, base: Base) -> None:
    """Name the base in adapter_config.json by its hub name and commit, or not at all.

    PEFT writes the path that the base was loaded from, which means another folder, or none, elsewhere.
    """
    if not file.is_file():
        return
    commit = _COMMIT.search(base.folder or "")
    revision = commit[1] if commit and base.name else None
    write_json(file, {**read_json(file), "base_model_name_or_path": base.name, "revision": revision})

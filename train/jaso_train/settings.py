"""Settings of `jaso train`, and their check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from jaso_core.config import REQUIRED, pick, to_settings
from jaso_core.errors import RequestError
from jaso_core.prompts.saved_format import request_node
from jaso_core.stage.runner import implied, volatile
from jaso_train.freezing import FREEZING
from jaso_train.models import MODELS
from jaso_train.options import TrackerOptions, TrainerOptions
from jaso_train.tasks import TASKS
from jaso_train.tokenizers import TokenizerOptions


@dataclass(frozen=True)
class TrainSettings:
    """Settings of `jaso train`.

    `input`: a preprocess folder. `model`, `prompt`, `freeze`: config nodes with a name, and `task`: what is learned.
    `again`: a finished training whose settings or input have changed may be replaced.
    """

    out: str = REQUIRED
    input: str = REQUIRED
    model: dict[str, Any] = REQUIRED
    tokenizer: TokenizerOptions = REQUIRED
    prompt: dict[str, Any] = REQUIRED
    freeze: dict[str, Any] = REQUIRED
    trainer: TrainerOptions = REQUIRED
    tracker: TrackerOptions = field(default_factory=TrackerOptions, metadata=volatile(None).metadata)
    seed: int = 0
    task: dict[str, Any] = field(default_factory=lambda: {"name": "causal_lm"}, metadata=implied(None).metadata)
    again: bool = volatile(False)


def settings(config: Mapping[str, Any], *, strict: bool = True) -> TrainSettings:
    """Check the configuration, options of the model, prompt and freezing included.

    RequestError names the key and the cure. Keys of other stages are refused where `strict`.
    """
    checked = to_settings(config if strict else pick(config, TrainSettings), TrainSettings)
    family = MODELS.build(checked.model, "model")
    checked = replace(checked, prompt=request_node(checked.prompt))
    FREEZING.build(checked.freeze, "freeze")
    TASKS.build(checked.task, "task")
    if checked.trainer.max_length > family.context:
        raise RequestError(
            f"config key 'trainer.max_length': {checked.trainer.max_length} is more than the model's {family.context}",
            "lower it, or raise model.context",
        )
    return checked

"""The trainer's settings, apart from the trainer: checking them must not wait for torch."""

from __future__ import annotations

from dataclasses import dataclass

from jaso_core.errors import RequestError, did_you_mean
from jaso_core.stage import volatile

PRECISIONS = ["auto", "bf16", "fp32"]
SCHEDULES = ["constant", "constant_with_warmup", "cosine", "cosine_with_min_lr", "inverse_sqrt", "linear", "polynomial"]
_COUNTS = (
    "batch_size", "accumulation", "max_length", "validate_every", "validation_limit", "log_every",
    "validation_batch_size",
)  # fmt: skip


@dataclass(frozen=True)
class TrainerOptions:
    """One optimiser step sees batch_size × accumulation examples. max_steps overrules epochs; -1 for none.

    precision: auto (bf16 where the device computes in it, else fp32), bf16 or fp32.
    """

    epochs: float = 3.0
    max_steps: int = -1
    batch_size: int = 16
    accumulation: int = 1
    learning_rate: float = 1e-3
    schedule: str = "cosine"
    warmup: float = 0.05
    weight_decay: float = 0.01
    max_grad_norm: float = 1.0
    max_length: int = 256
    validate_every: int = 100
    validation_limit: int = 400
    log_every: int = 20
    keep_best: bool = True
    precision: str = "auto"
    validation_batch_size: int = volatile(32)
    keep_checkpoints: int = volatile(3)

    def __post_init__(self) -> None:
        for name, known in (("precision", PRECISIONS), ("schedule", SCHEDULES)):
            if getattr(self, name) not in known:
                given = getattr(self, name)
                raise RequestError(f"config key 'trainer.{name}': '{given}'", did_you_mean(given, known))
        for name in _COUNTS:
            _refuse(name, getattr(self, name) < 1, getattr(self, name), "give 1 or more")
        none = self.epochs <= 0 and self.max_steps <= 0
        _refuse("epochs", none, self.epochs, "give more than 0, or set trainer.max_steps")
        alone = self.keep_checkpoints < 2
        _refuse("keep_checkpoints", alone, self.keep_checkpoints, "give 2 or more: a kill can cut the newest off")


def _refuse(name: str, wrong: bool, value: float, cure: str) -> None:
    if wrong:
        raise RequestError(f"config key 'trainer.{name}': {value}", cure)

"""Trainer options; checking them does not import torch."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

from jaso_core.errors import RequestError, did_you_mean
from jaso_core.stage.runner import implied, volatile

PRECISIONS = ["auto", "bf16", "fp32"]
SCHEDULES = ["constant", "constant_with_warmup", "cosine", "cosine_with_min_lr", "inverse_sqrt", "linear", "polynomial"]
BATCHING = ["packed", "grouped", "shuffled"]
LONG = ["truncate", "drop", "window"]
DEVICES = ["auto", "cpu", "cuda"]
TRACKERS = ["mlflow", "none", "tensorboard", "trackio", "wandb"]
_CHOICES = {
    "precision": PRECISIONS, "schedule": SCHEDULES, "batching": BATCHING, "long": LONG, "device": DEVICES,
}  # fmt: skip
_COUNTS = ("batch_size", "accumulation", "max_length", "validate_every", "validation_limit", "log_every", "samples")


@dataclass(frozen=True)
class TrainerOptions:
    """Trainer options. A step sees batch_size × accumulation × processes examples.

    A step is an optimiser step.

    - max_steps overrules epochs and min_steps; -1 for none.
    - min_steps: at least so many steps, whatever epochs says; a training ends early only after them, and keeps the best
      of the steps from there on. Before them the loss may be least and the texts still be the same for all prompts.
    - batching: packed (examples end to end in one row, attention and positions begin again with each), grouped (padded,
      examples of like length together) or shuffled (padded).
    - long: what becomes of examples above max_length: their answer is truncated, they are dropped, or the answer goes
      into windows that share `overlap` tokens.
    - precision: auto (bf16 where the device computes in it, else fp32), bf16 or fp32.
    - fsdp: each of several processes holds a shard of the weights, gradients and moments, instead of all of them.
    - train_limit: so many training examples at most, drawn alike for all seeds, a smaller draw within the larger ones.
    - save_every: steps between checkpoints, validate_every where null.
    - patience: validations without a better one after which training ends, that before training aside; null for none.
    - sample_every: steps between sample texts; 0 for none.
    """

    epochs: float = 3.0
    max_steps: int = -1
    batch_size: int = 16
    accumulation: int = 1
    batching: str = "packed"
    learning_rate: float = 1e-3
    schedule: str = "cosine"
    warmup: float = 0.05
    weight_decay: float = 0.01
    max_grad_norm: float = 1.0
    max_length: int = 256
    long: str = "truncate"
    overlap: int = 64
    train_limit: int | None = None
    validate_every: int = 100
    validation_limit: int = 400
    save_every: int | None = None
    patience: int | None = None
    log_every: int = 20
    sample_every: int = 0
    samples: int = 3
    keep_best: bool = True
    min_steps: int = implied(0)
    precision: str = "auto"
    activation_checkpointing: bool = False
    compile: bool = False
    fsdp: bool = False
    device: str = volatile("auto")
    check_memory: bool = volatile(True)
    keep_checkpoints: int = volatile(3)

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                value = getattr(self, name)
                raise RequestError(f"config key 'trainer.{name}': '{value}'", did_you_mean(value, choices))
        for name in _COUNTS:
            _refuse(name, getattr(self, name) < 1, getattr(self, name), "give 1 or more")
        for name in ("train_limit", "save_every", "patience"):
            value = getattr(self, name)
            _refuse(name, value is not None and value < 1, value, "give 1 or more, or null")
        _refuse("learning_rate", self.learning_rate <= 0, self.learning_rate, "give more than 0")
        none = self.epochs <= 0 and self.max_steps <= 0
        _refuse("epochs", none, self.epochs, "give more than 0, or set trainer.max_steps")
        alone = self.keep_checkpoints < 2
        _refuse("keep_checkpoints", alone, self.keep_checkpoints, "give 2 or more: a kill can cut the newest off")
        _refuse("min_steps", self.min_steps < 0, self.min_steps, "give 0 for none, or a number of steps")
        _refuse("sample_every", self.sample_every < 0, self.sample_every, "give 0 for none, or a number of steps")
        narrow = self.long == "window" and not 0 <= self.overlap < self.max_length
        _refuse("overlap", narrow, self.overlap, "give 0 or more, less than trainer.max_length")
        saves = self.saves_every
        uneven = self.keep_best and saves % self.validate_every != 0
        _refuse("save_every", uneven, saves, "give a multiple of trainer.validate_every, or keep_best=false")

    @property
    def saves_every(self) -> int:
        """Steps between checkpoints."""
        return self.save_every or self.validate_every


@dataclass(frozen=True)
class TrackerOptions:
    """Experiment tracker: where numbers are shown besides log.jsonl.

    By the Trainer's integrations. `project`: as the tracker groups runs (TensorBoard: none).
    """

    name: str = "none"
    project: str = "jaso"

    def __post_init__(self) -> None:
        if self.name not in TRACKERS:
            raise RequestError(f"config key 'tracker.name': '{self.name}'", did_you_mean(self.name, TRACKERS))
        if self.name != "none" and find_spec(self.name) is None:
            raise RequestError(f"tracker={self.name}: not installed", f"pip install {self.name}, or leave it out")


def _refuse(name: str, wrong: bool, value: float | None, cure: str) -> None:
    if wrong:
        raise RequestError(f"config key 'trainer.{name}': {value}", cure)

"""The trainer's settings, apart from the trainer: checking them must not wait for torch."""

from __future__ import annotations

from dataclasses import dataclass

from jaso_core.stage import volatile


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
        if self.precision not in ("auto", "bf16", "fp32"):
            raise ValueError(f"trainer.precision '{self.precision}' is unknown; known: auto, bf16, fp32")
        if min(self.batch_size, self.accumulation, self.validate_every, self.log_every, self.max_length) < 1:
            raise ValueError("batch_size, accumulation, validate_every, log_every and max_length are at least 1")

"""Saved step: whose weights a training leaves, compared with its start.

Only a trained step is ever kept: the start, step 0, is the base, which the user has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from jaso_core.console import say

if TYPE_CHECKING:
    from transformers import TrainerState

    from jaso_train.tasks.base import Task


@dataclass(frozen=True)
class SavedStep:
    """The step whose weights are in model/, with its validation and that of step 0.

    `value`, `start`: of the task's best metric; None where that step was not validated.
    """

    step: int
    metric: str
    greater_is_better: bool
    value: float | None
    start: float | None

    @classmethod
    def of(cls, state: TrainerState, task: Task[Any], *, keeps_best: bool) -> Self:
        """Read it from the state of a training that is over."""
        step = state.global_step
        # Not best_global_step: where its checkpoint is gone, the weights are those of the last step.
        if keeps_best and state.best_model_checkpoint is not None:
            step = int(Path(state.best_model_checkpoint).name.rpartition("-")[2])
        values = validations(state.log_history, task.best_metric)
        return cls(step, task.best_metric, task.greater_is_better, values.get(step), values.get(0))

    @property
    def is_worse_than_start(self) -> bool:
        """Whether training made the model worse, as far as both were validated."""
        if self.value is None or self.start is None:
            return False
        return self.value < self.start if self.greater_is_better else self.value > self.start

    def counts(self) -> dict[str, int | bool]:
        """Return its fields of the manifest's counts."""
        return {"saved_step": self.step, "worse_than_start": self.is_worse_than_start}

    def say_if_worse(self) -> None:
        """Print one line where the weights are worse than those that training began with."""
        if self.is_worse_than_start:
            say(
                f"train: training made the model worse: {self.metric} is {self.value:.4g} for the weights in model/ "
                f"(step {self.step}), {self.start:.4g} before training (step 0); lower trainer.learning_rate, or "
                "validate more often (trainer.validate_every)"
            )


def validations(log: Sequence[Mapping[str, Any]], metric: str) -> dict[int, float]:
    """Return the metric by step, in the order of the log."""
    return {int(row["step"]): float(row[metric]) for row in log if metric in row and "step" in row}

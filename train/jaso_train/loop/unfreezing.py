"""Gradual unfreezing: apply the phases of a freeze plan during training."""

from __future__ import annotations

from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from jaso_core.console import say
from jaso_train.freezing.base import Phase
from jaso_train.freezing.plan import FreezePlan


class Unfreezing(TrainerCallback):
    """Apply the phase of each optimiser step, also after resuming.

    Create the optimizer after `plan.open(model)`: it knows only what has requires_grad by then.
    """

    def __init__(self, plan: FreezePlan) -> None:
        self.plan = plan
        self.phase: Phase | None = None

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, model: Any = None, **kwargs: object
    ) -> None:
        """Apply the first phase; the Trainer has its optimizer by now."""
        self.phase = None
        self._apply_phase(state, model)

    def on_step_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, model: Any = None, **kwargs: object
    ) -> None:
        """Apply the phase before the first micro-batch of an optimiser step.

        `state.global_step` steps are done.
        """
        self._apply_phase(state, model)

    def _apply_phase(self, state: TrainerState, model: Any) -> None:
        progress = state.global_step / max(1, state.max_steps)
        phase = self.plan.phase(progress)
        if phase is self.phase:
            return
        self.plan.apply(model, progress)
        if self.phase is not None and state.is_world_process_zero:
            say(f"step {state.global_step}: from here on also trained: {', '.join(_new(self.plan, phase, self.phase))}")
        self.phase = phase


def _new(plan: FreezePlan, phase: Phase, before: Phase) -> list[str]:
    added = phase.trainable - before.trainable
    return list(dict.fromkeys(tensor.place for tensor in plan.layout.tensors if tensor.name in added))

"""Training in phases: more of the model trains as time goes on."""

from __future__ import annotations

from typing import Any

from transformers import TrainerCallback

from jaso_core.console import say
from jaso_train.freezing.base import Phase
from jaso_train.freezing.plan import FreezePlan


class Unfreezing(TrainerCallback):
    """Applies the phase of each optimiser step, also where a resumed run goes on.

    The optimizer must have been made after `plan.open(model)`: it knows only what had requires_grad by then.
    """

    def __init__(self, plan: FreezePlan) -> None:
        self.plan = plan
        self.now: Phase | None = None

    def on_train_begin(self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any) -> None:
        """The Trainer has its optimizer by now."""
        self.now = None
        self._turn(state, model)

    def on_step_begin(self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any) -> None:
        """Before the first micro-batch of an optimiser step; `state.global_step` steps are done."""
        self._turn(state, model)

    def _turn(self, state: Any, model: Any) -> None:
        share = state.global_step / max(1, state.max_steps)
        phase = self.plan.phase(share)
        if phase is self.now:
            return
        self.plan.apply(model, share)
        if self.now is not None and state.is_world_process_zero:
            say(f"step {state.global_step}: from here on also trained: {', '.join(_new(self.plan, phase, self.now))}")
        self.now = phase


def _new(plan: FreezePlan, phase: Phase, before: Phase) -> list[str]:
    added = phase.trainable - before.trainable
    return list(dict.fromkeys(tensor.place for tensor in plan.layout.tensors if tensor.name in added))

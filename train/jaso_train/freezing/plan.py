"""Freeze plan: the phases of a strategy, checked against a model's tensors."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from jaso_core.errors import RequestError, did_you_mean
from jaso_train.freezing.base import FreezingStrategy, Phase
from jaso_train.freezing.parameters import Layout

_CLOSE = 1e-9  # shares are quotients of integers; rounding must not delay a phase by a step


@dataclass(frozen=True)
class FreezePlan:
    """The phases of training on a model of this layout, in order."""

    layout: Layout
    phases: tuple[Phase, ...]

    @classmethod
    def make(cls, strategy: FreezingStrategy, layout: Layout) -> FreezePlan:
        """Build the plan of a strategy.

        RequestError when nothing is left to train, or when the strategy names tensors or phases that are impossible.
        """
        phases = strategy.phases(layout)
        for phase in phases:
            _check_names(phase.trainable, layout)
        starts = [phase.start for phase in phases]
        if not starts or starts[0] != 0 or starts[-1] >= 1 or any(a >= b for a, b in pairwise(starts)):
            raise RequestError(f"freeze: phases start at {starts}", "the first at 0, each later, all below 1")
        plan = cls(layout, phases)
        # Phases that leave a tensor out would freeze it all along, while reports say that it trains.
        if plan.trainable != strategy.trainable(layout):
            raise RequestError("freeze: the phases do not train what the strategy says", "mend its phases()")
        return plan

    @property
    def trainable(self) -> frozenset[str]:
        """All tensors that train at any time."""
        return frozenset[str]().union(*(phase.trainable for phase in self.phases))

    def phase(self, share: float) -> Phase:
        """Return the phase when `share` of all optimiser steps are done."""
        # Share 0.8, phase 3 of 4 → start 0.6000000000000001, which 6 of 10 steps must reach.
        return [phase for phase in self.phases if phase.start <= share + _CLOSE][-1]

    def start_of(self, name: str) -> float | None:
        """Return the share of the steps from which a tensor trains; None for a frozen one."""
        return next((phase.start for phase in self.phases if name in phase.trainable), None)

    def open(self, model: Any) -> None:
        """Enable gradients of all tensors that train at any time.

        Call it before an optimizer (or DDP) is created.
        """
        _enable(model, self.trainable)

    def apply(self, model: Any, share: float) -> None:
        """Enable gradients of the phase when `share` of all optimiser steps are done.

        Gradients of the others become None, so that optimisers skip them: a gradient of zeros would let AdamW's weight
        decay and momentum move them.
        """
        _enable(model, self.phase(share).trainable)


def _enable(model: Any, names: frozenset[str]) -> None:
    for name, value in model.named_parameters():
        value.requires_grad_(name in names)
        if name not in names:
            value.grad = None


def _check_names(names: frozenset[str], layout: Layout) -> None:
    if not names:
        raise RequestError("config key 'freeze': nothing is left to train", "choose another rule")
    first_name = {other: tensor.name for tensor in layout.tensors for other in tensor.tied_with}
    for name in sorted(names - layout.names):
        if name in first_name:
            raise RequestError(
                f"freeze: {name} is one tensor with {first_name[name]} (tied), which is not in the rule",
                f"name {first_name[name]} instead: both train or neither does",
            )
        raise RequestError(f"freeze: the model has no parameter {name}", did_you_mean(name, sorted(layout.names)[:20]))

"""Gradual unfreezing from the top (Howard and Ruder 2018, arXiv 1801.06146)."""

from __future__ import annotations

from dataclasses import dataclass

from jaso_core.errors import RequestError
from jaso_train.freezing import FREEZING, FreezingStrategy, Phase
from jaso_train.freezing.parameters import Layout
from jaso_train.freezing.rules import check_positive, top, whole_blocks

LAST = ("embeddings", "positions", "other")


@dataclass(frozen=True)
class GradualOptions:
    """`start_blocks` train from the first step; after `share` of the steps all do.

    Steps are optimiser steps. `embeddings`: whether token and position embeddings, and a head tied to them, are
    unfrozen at last.
    """

    start_blocks: int = 1
    share: float = 0.5
    embeddings: bool = True

    def __post_init__(self) -> None:
        check_positive(self.start_blocks, "freeze.start_blocks")
        if not 0 < self.share < 1:
            raise RequestError(f"config key 'freeze.share': {self.share}", "give more than 0, less than 1")


@FREEZING.register("gradual", GradualOptions)
class Gradual(FreezingStrategy):
    """Trains the top blocks first; lower ones join at equal steps, embeddings last."""

    def __init__(self, options: GradualOptions) -> None:
        self.options = options

    def trainable(self, layout: Layout) -> set[str]:
        return set(self.phases(layout)[-1].trainable)

    def phases(self, layout: Layout) -> tuple[Phase, ...]:
        steps = self._steps(layout)
        if len(steps) == 1:
            raise RequestError(
                f"config key 'freeze.start_blocks': {self.options.start_blocks}, nothing is left to unfreeze later",
                f"give 1–{layout.blocks - 1}, or take another strategy",
            )
        return tuple(
            Phase(self.options.share * number / (len(steps) - 1), frozenset().union(*steps[: number + 1]))
            for number in range(len(steps))
        )

    def _steps(self, layout: Layout) -> list[set[str]]:
        """Return the tensors that join with each phase."""
        first = top(layout, self.options.start_blocks, "freeze.start_blocks")
        outside = {tensor.name: tensor.part in LAST for tensor in layout.tensors if tensor.block is None}
        # 4 blocks, start_blocks 2 → blocks 2 and 3 with final norm and head, then 1, then 0, then the embeddings.
        steps = [whole_blocks(layout, first) | {name for name, late in outside.items() if not late}]
        steps += [whole_blocks(layout, [number]) for number in reversed(range(first.start))]
        if self.options.embeddings:
            steps.append({name for name, late in outside.items() if late})
        return steps

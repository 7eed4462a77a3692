"""Strategy `last_n`: the last n blocks and the parts after them."""

from __future__ import annotations

from dataclasses import dataclass

from jaso_train.freezing import FREEZING, FreezingStrategy
from jaso_train.freezing.parameters import Layout
from jaso_train.freezing.rules import check_positive, outer_tensors, top, whole_blocks


@dataclass(frozen=True)
class LastNOptions:
    """`n`: blocks, counted from the output.

    On a model with tied weights head and embeddings train both or neither.
    """

    n: int = 2
    final_norm: bool = True
    head: bool = False
    embeddings: bool = False

    def __post_init__(self) -> None:
        check_positive(self.n, "freeze.n")


@FREEZING.register("last_n", LastNOptions)
class LastN(FreezingStrategy):
    """Trains the last n blocks and the norm after them."""

    def __init__(self, options: LastNOptions) -> None:
        self.options = options

    def trainable(self, layout: Layout) -> set[str]:
        options = self.options
        return last_blocks(
            layout, options.n, final_norm=options.final_norm, head=options.head, embeddings=options.embeddings
        )


def last_blocks(layout: Layout, n: int, *, final_norm: bool, head: bool, embeddings: bool) -> set[str]:
    """Return the tensors of the last n blocks and of the chosen parts outside of them."""
    switches = {"final_norm": final_norm, "head": head, "embeddings": embeddings}
    chosen = [part for part, is_on in switches.items() if is_on]
    key = "freeze.head" if head else "freeze.embeddings" if embeddings else "freeze.final_norm"
    return whole_blocks(layout, top(layout, n, "freeze.n")) | outer_tensors(layout, chosen, key)

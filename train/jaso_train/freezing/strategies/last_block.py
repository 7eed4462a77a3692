"""Strategy `last_block`: the "last layer" of the first KoGPT2 experiments."""

from __future__ import annotations

from dataclasses import dataclass

from jaso_train.freezing import FREEZING, FreezingStrategy
from jaso_train.freezing.parameters import Layout
from jaso_train.freezing.strategies.last_n import last_blocks


@dataclass(frozen=True)
class LastBlockOptions:
    """What trains besides the last block, which always does.

    KoGPT2: the last block has 7,087,872 of 125,164,032 parameters (5.66 %), the final norm 1,536; the head is the
    embedding matrix (tied; 39,321,600, 31.4 %), so head and embeddings train both or neither.
    """

    final_norm: bool = True
    head: bool = False
    embeddings: bool = False


@FREEZING.register("last_block", LastBlockOptions)
class LastBlock(FreezingStrategy):
    """Trains the last transformer block and the final norm."""

    def __init__(self, options: LastBlockOptions) -> None:
        self.options = options

    def trainable(self, layout: Layout) -> set[str]:
        options = self.options
        return last_blocks(layout, 1, final_norm=options.final_norm, head=options.head, embeddings=options.embeddings)

"""Strategy `first_n_frozen`: freeze the first n blocks."""

from __future__ import annotations

from dataclasses import dataclass

from jaso_core.errors import RequestError, did_you_mean
from jaso_train.freezing import FREEZING, FreezingStrategy
from jaso_train.freezing.parameters import Layout
from jaso_train.freezing.rules import check_count, check_positive, whole_blocks

EMBEDDINGS = ["frozen", "trained"]


@dataclass(frozen=True)
class FirstNFrozenOptions:
    """`n`: frozen blocks, counted from the input. `embeddings`: frozen or trained.

    Positions and a tied head go with the embeddings.
    """

    n: int = 2
    embeddings: str = "frozen"

    def __post_init__(self) -> None:
        check_positive(self.n, "freeze.n")
        if self.embeddings not in EMBEDDINGS:
            raise RequestError(
                f"config key 'freeze.embeddings': '{self.embeddings}'", did_you_mean(self.embeddings, EMBEDDINGS)
            )


@FREEZING.register("first_n_frozen", FirstNFrozenOptions)
class FirstNFrozen(FreezingStrategy):
    """Trains everything but the first n blocks and, by default, the embeddings."""

    def __init__(self, options: FirstNFrozenOptions) -> None:
        self.options = options

    def trainable(self, layout: Layout) -> set[str]:
        check_count(layout, self.options.n, "freeze.n")
        frozen = whole_blocks(layout, range(self.options.n))
        if self.options.embeddings == "frozen":
            frozen |= {tensor.name for tensor in layout.tensors if tensor.part in ("embeddings", "positions")}
        return set(layout.names - frozen)

"""Strategy `embeddings`: train the token embeddings only."""

from __future__ import annotations

from dataclasses import dataclass

from jaso_train.freezing import FREEZING, FreezingStrategy
from jaso_train.freezing.parameters import Layout
from jaso_train.freezing.rules import outer_tensors


@dataclass(frozen=True)
class EmbeddingsOptions:
    """`positions`: whether the position embeddings train too, where there are any."""

    positions: bool = False


@FREEZING.register("embeddings", EmbeddingsOptions)
class Embeddings(FreezingStrategy):
    """Trains the token embeddings, and the head where it is tied to them."""

    def __init__(self, options: EmbeddingsOptions) -> None:
        self.options = options

    def trainable(self, layout: Layout) -> set[str]:
        names = {tensor.name for tensor in layout.tensors if tensor.part == "embeddings"}
        return names | (outer_tensors(layout, ["positions"], "freeze.positions") if self.options.positions else set())

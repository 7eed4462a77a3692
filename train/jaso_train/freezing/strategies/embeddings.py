"""The meaning of the tokens, and nothing of how they act on each other."""

from __future__ import annotations

from dataclasses import dataclass

from jaso_train.freezing import FREEZING, FreezingStrategy
from jaso_train.freezing.parameters import Layout
from jaso_train.freezing.rules import outer


@dataclass(frozen=True)
class EmbeddingsOptions:
    """`positions`: whether the position embeddings train too, in models that have some."""

    positions: bool = False


@FREEZING.register("embeddings", EmbeddingsOptions)
class Embeddings(FreezingStrategy):
    """Trains the token embeddings, and with them the head where the two are one tensor."""

    def __init__(self, options: EmbeddingsOptions) -> None:
        self.options = options

    def trainable(self, layout: Layout) -> set[str]:
        names = {tensor.name for tensor in layout.tensors if tensor.part == "embeddings"}
        return names | (outer(layout, ["positions"], "freeze.positions") if self.options.positions else set())

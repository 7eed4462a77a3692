"""Strategy `all`: nothing is frozen."""

from __future__ import annotations

from jaso_core.registry import NoOptions
from jaso_train.freezing import FREEZING, FreezingStrategy
from jaso_train.freezing.parameters import Layout


@FREEZING.register("all")
class All(FreezingStrategy):
    """Trains every layer."""

    def __init__(self, options: NoOptions) -> None:
        del options

    def trainable(self, layout: Layout) -> set[str]:
        return set(layout.names)

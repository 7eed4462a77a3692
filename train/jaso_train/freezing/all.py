"""Nothing frozen."""

from __future__ import annotations

from collections.abc import Sequence

from jaso_core.registry import NoOptions
from jaso_train.freezing import FREEZING, FreezingStrategy


@FREEZING.register("all")
class All(FreezingStrategy):
    """Trains every layer."""

    def __init__(self, options: NoOptions) -> None:
        del options

    def trainable(self, names: Sequence[str]) -> set[str]:
        return set(names)

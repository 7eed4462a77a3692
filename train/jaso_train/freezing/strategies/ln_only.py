"""Strategy `ln_only`: the layer norms only, a few vectors a block."""

from __future__ import annotations

from jaso_core.registry import NoOptions
from jaso_train.freezing import FREEZING, FreezingStrategy
from jaso_train.freezing.parameters import Layout
from jaso_train.freezing.rules import no_such_part


@FREEZING.register("ln_only")
class LnOnly(FreezingStrategy):
    """Trains weights and biases of all layer (or RMS) norms, the final one included."""

    def __init__(self, options: NoOptions) -> None:
        del options

    def trainable(self, layout: Layout) -> set[str]:
        names = {tensor.name for tensor in layout.tensors if tensor.part in ("ln", "final_norm")}
        if not names:
            raise no_such_part(layout, "norm with weights", "freeze")
        return names

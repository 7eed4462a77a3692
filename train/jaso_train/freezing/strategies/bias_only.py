"""BitFit (Ben Zaken and others 2022, arXiv 2106.10199): train the biases only."""

from __future__ import annotations

from jaso_core.errors import RequestError
from jaso_core.registry import NoOptions
from jaso_train.freezing import FREEZING, FreezingStrategy
from jaso_train.freezing.parameters import Layout


@FREEZING.register("bias_only")
class BiasOnly(FreezingStrategy):
    """Trains the bias vectors of all layers, those of the norms included."""

    def __init__(self, options: NoOptions) -> None:
        del options

    def trainable(self, layout: Layout) -> set[str]:
        names = {tensor.name for tensor in layout.tensors if tensor.bias}
        if not names:
            raise RequestError("config key 'freeze': bias_only, but this model has no biases", "take freeze=ln_only")
        return names

"""Train the embedding rows of new tokens that a strategy would freeze.

Tokens that the base did not have begin as the mean of its embeddings, all alike: frozen, they would stay equal for
ever, and a model could not tell a question's marker from an answer's. PEFT trains these rows alone, in tied heads too.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jaso_core.compat.transformers import declare_tied_weights
from jaso_train.freezing.base import FreezingStrategy, Phase
from jaso_train.freezing.parameters import Layout, embeddings_path

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def train_new_tokens(strategy: FreezingStrategy, model: PreTrainedModel, ids: Sequence[int]) -> FreezingStrategy:
    """Return the strategy, or one that trains the rows of the tokens `ids`, too.

    The strategy itself where there are no new tokens, where it trains all embeddings, or has its own way.
    """
    if not ids:
        return strategy
    if strategy.trains_new_tokens:
        strategy.new_tokens = tuple(ids)
        return strategy
    layout = Layout.of(model)
    embeddings = {tensor.name for tensor in layout.tensors if tensor.part == "embeddings"}
    return strategy if embeddings & strategy.trainable(layout) else WithNewTokens(strategy, ids)


class WithNewTokens(FreezingStrategy):
    """What another strategy trains, and rows of the embeddings from the first step on."""

    def __init__(self, strategy: FreezingStrategy, ids: Sequence[int]) -> None:
        self.strategy = strategy
        self.new_tokens = tuple(ids)

    def prepare(self, model: PreTrainedModel) -> Any:
        """Put PEFT's layer into the embeddings, and into a tied head.

        Not PEFT's wrapper of models: its checkpoints hold the rows alone, without what else trains.
        """
        from peft import TrainableTokensConfig, inject_adapter_in_model

        prepared: Any = self.strategy.prepare(model)
        config = TrainableTokensConfig(target_modules=[embeddings_path(model)], token_indices=list(self.new_tokens))
        with warnings.catch_warnings():
            # That a tied head's rows are trained with them is what is wanted.
            warnings.simplefilter("ignore", UserWarning)
            warnings.simplefilter("ignore", FutureWarning)  # PEFT uses a deprecated name of transformers
            inject_adapter_in_model(config, prepared)
        # So that a checkpoint holds tied tensors once, by their new names.
        tied = {other: tensor.name for tensor in Layout.of(prepared).tensors for other in tensor.tied_with}
        declare_tied_weights(prepared, tied)
        return prepared

    def trainable(self, layout: Layout) -> set[str]:
        return self.strategy.trainable(layout) | _rows(layout)

    def phases(self, layout: Layout) -> tuple[Phase, ...]:
        rows = _rows(layout)
        return tuple(replace(phase, trainable=phase.trainable | rows) for phase in self.strategy.phases(layout))

    def save_extra(self, model: Any, folder: Path) -> None:
        self.strategy.save_extra(model, folder)

    def finished(self, model: Any) -> PreTrainedModel:
        """Put the rows into the embeddings: a plain model that computes the same."""
        from peft.tuners.trainable_tokens import TrainableTokensLayer

        for name, layer in list(model.named_modules()):
            if isinstance(layer, TrainableTokensLayer):
                merged: Any = layer
                merged.merge()
                model.set_submodule(name, merged.get_base_layer())
        declare_tied_weights(model, None)
        return self.strategy.finished(model)


def _rows(layout: Layout) -> set[str]:
    return {tensor.name for tensor in layout.tensors if tensor.part == "new_tokens"}

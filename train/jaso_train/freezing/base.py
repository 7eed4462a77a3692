"""Base class of freezing strategies."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from jaso_train.freezing.parameters import Layout


@dataclass(frozen=True)
class Phase:
    """The tensors that train from the share `start` of all optimiser steps on.

    0 ≤ start < 1; no other tensors train.
    """

    start: float
    trainable: frozenset[str]


class FreezingStrategy(ABC):
    """Decides which parameters are trained, and when.

    `trains_new_tokens`: whether `prepare` makes the rows of `new_tokens` trainable, ids that the base did not have.
    """

    trains_new_tokens: bool = False
    new_tokens: tuple[int, ...] = ()

    def prepare(self, model: PreTrainedModel) -> Any:
        """Return the model to train: most strategies change nothing; LoRA adds adapters."""
        return model

    @abstractmethod
    def trainable(self, layout: Layout) -> set[str]:
        """Return the names of all tensors that train at any time.

        RequestError for parts that the model does not have.
        """

    def phases(self, layout: Layout) -> tuple[Phase, ...]:
        """Return the phases in order of time, the first from 0."""
        return (Phase(0.0, frozenset(self.trainable(layout))),)

    def save_extra(self, model: Any, folder: Path) -> None:
        """Write into `folder` what `finished` would lose."""
        del model, folder

    def finished(self, model: Any) -> PreTrainedModel:
        """Return a plain model of transformers after training."""
        plain: PreTrainedModel = model
        return plain

"""What a freezing strategy is."""

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
    """From the share `start` of all optimiser steps on (0 ≤ start < 1) these tensors train, and no others."""

    start: float
    trainable: frozenset[str]


class FreezingStrategy(ABC):
    """Says which parameters are trained, and when."""

    def prepare(self, model: PreTrainedModel) -> Any:
        """The model that is trained. Most strategies leave it as it is; LoRA puts adapters in."""
        return model

    @abstractmethod
    def trainable(self, layout: Layout) -> set[str]:
        """Names of all tensors that train at any time. RequestError for what the model does not have."""

    def phases(self, layout: Layout) -> tuple[Phase, ...]:
        """What trains when, in order of time, the first from 0."""
        return (Phase(0.0, frozenset(self.trainable(layout))),)

    def save_extra(self, model: Any, folder: Path) -> None:
        """Writes into `folder` what `finished` would lose."""
        del model, folder

    def finished(self, model: Any) -> PreTrainedModel:
        """After training: a plain model of transformers."""
        plain: PreTrainedModel = model
        return plain

"""What a freezing strategy is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence


class FreezingStrategy(ABC):
    """Says which parameters are trained."""

    @abstractmethod
    def trainable(self, names: Sequence[str]) -> set[str]:
        """Of the model's parameter names (tied ones once) those to train. RequestError if nothing is left."""

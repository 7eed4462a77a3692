"""What a model family is: something that gives a causal language model with its tokenizer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jaso_train.tokenizers_trained import TokenizerOptions

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast


@dataclass(frozen=True)
class Built:
    """A model before training. `base`: where its weights came from, None for random ones drawn from the seed."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerFast
    base: str | None
    licence: str | None = None


class ModelFamily(ABC):
    """Makes the model and the tokenizer of a run."""

    context: int
    """Positions: no example may have more tokens."""

    @abstractmethod
    def build(self, texts: Sequence[str], tokenizer: TokenizerOptions, seed: int) -> Built:
        """`texts` are the training split's, for those who train a tokenizer. RequestError for missing files."""

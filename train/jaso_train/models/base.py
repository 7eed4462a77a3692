"""Base class of model families: build a causal language model with tokenizer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jaso_core.errors import RequestError, did_you_mean
from jaso_core.modeling.load import ATTENTIONS, DTYPES
from jaso_train.publish.licence_text import split_licence
from jaso_train.tokenizers import TokenizerOptions

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast


@dataclass(frozen=True)
class ModelBundle:
    """A model before training, with its tokenizer and origin.

    `base`: the source of its weights, None for random ones drawn from the seed; `weights_sha256`: of those weights.
    `notes`: what a user should know of it, a line each. `added`: ids of the tokens that the base did not have.

    `licence`: the base's licence and name for people, "MIT (owner/name)". The same as fields are `licence_name`, as the
    base's card spells it, and `base_model`, its name on the hub (None where only a folder is known); a bundle that
    leaves both out has them read from `licence`.
    """

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerFast
    base: str | None
    licence: str | None = None
    notes: tuple[str, ...] = ()
    weights_sha256: str | None = None
    added: Mapping[str, int] = field(default_factory=dict)
    licence_name: str | None = None
    base_model: str | None = None

    def __post_init__(self) -> None:
        if self.licence_name is None and self.base_model is None and self.licence is not None:
            name, base_model = split_licence(self.licence)
            object.__setattr__(self, "licence_name", name)
            object.__setattr__(self, "base_model", base_model)


@dataclass(frozen=True)
class Computing:
    """Options of every family: `dtype` and `attention`.

    `dtype`: of the weights in memory and on disk (auto: as the base has them). `attention`: auto is the fastest that
    the architecture and this machine have.
    """

    dtype: str = "float32"
    attention: str = "auto"

    def __post_init__(self) -> None:
        for name, choices in (("dtype", DTYPES), ("attention", ATTENTIONS)):
            value = getattr(self, name)
            if value not in choices:
                raise RequestError(f"config key 'model.{name}': '{value}'", did_you_mean(value, list(choices)))


class ModelFamily(ABC):
    """Builds the model and the tokenizer of a run."""

    context: int
    """Positions: no example may have more tokens."""

    @abstractmethod
    def build(
        self, texts: Sequence[str], tokenizer: TokenizerOptions, seed: int, markers: Sequence[str] = ()
    ) -> ModelBundle:
        """Build the model and its tokenizer.

        `texts` are the training split's, for families that train a tokenizer; `markers` are the special tokens that the
        prompt format uses: the vocabulary gets those that it lacks. RequestError for missing or damaged files.
        """

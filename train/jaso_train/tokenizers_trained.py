"""Tokenizers trained on the corpus."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jaso_core.errors import RequestError
from jaso_train.vocabulary import NAMED, SPECIAL_TOKENS

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

SMALLEST = len(SPECIAL_TOKENS) + 256


@dataclass(frozen=True)
class TokenizerOptions:
    """`name`: bpe, or pretrained for models that bring their own. `vocabulary`: tokens, special ones included."""

    name: str = "bpe"
    vocabulary: int = 4000
    min_frequency: int = 2

    def __post_init__(self) -> None:
        if self.name not in ("bpe", "pretrained"):
            raise ValueError(f"tokenizer '{self.name}' is unknown; known: bpe, pretrained")
        if self.vocabulary <= SMALLEST:
            raise ValueError(f"tokenizer.vocabulary {self.vocabulary} is too small; give more than {SMALLEST}")


def train_bpe(texts: Iterable[str], options: TokenizerOptions, context: int) -> PreTrainedTokenizerFast:
    """A byte-level BPE: every text can be encoded and comes back unchanged, so bits a character are never flattered.

    Ties between equally frequent pairs are broken by token id, so that the same texts give the same vocabulary.
    """
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=options.vocabulary,
        min_frequency=options.min_frequency,
        special_tokens=list(SPECIAL_TOKENS),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    if tokenizer.get_vocab_size() <= SMALLEST:
        raise RequestError("the training texts are too few for a tokenizer", "give more documents")
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=context, **NAMED)

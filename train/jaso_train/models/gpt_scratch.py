"""GPT-2 from random weights, with a tokenizer trained on the corpus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jaso_core.errors import RequestError
from jaso_core.modeling.load import draw_model
from jaso_train.models import MODELS, ModelBundle, ModelFamily
from jaso_train.models.base import Computing
from jaso_train.models.markers import add_markers
from jaso_train.tokenizers import TokenizerOptions, train_tokenizer

if TYPE_CHECKING:
    from transformers import GPT2Config, PreTrainedTokenizerFast


@dataclass(frozen=True)
class ScratchOptions(Computing):
    """Shape of the model: `hidden_size`, `layers`, `heads`, `context`.

    Parameters are about 12 · layers · hidden_size² + vocabulary · hidden_size, and the last term once more without
    `tie` (the output head is the embedding table).
    """

    hidden_size: int = 256
    layers: int = 4
    heads: int = 8
    context: int = 1024
    dropout: float = 0.1
    initializer_range: float = 0.02
    tie: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("hidden_size", "layers", "heads", "context"):
            if getattr(self, name) < 1:
                raise RequestError(f"config key 'model.{name}': {getattr(self, name)}", "give 1 or more")
        if self.hidden_size % self.heads:
            raise RequestError(
                f"config key 'model.hidden_size': {self.hidden_size} is no multiple of model.heads {self.heads}",
                "change one of the two",
            )
        if not 0 <= self.dropout < 1:
            raise RequestError(f"config key 'model.dropout': {self.dropout}", "give 0 or more, less than 1")
        if self.initializer_range <= 0:
            raise RequestError(f"config key 'model.initializer_range': {self.initializer_range}", "give more than 0")
        if self.dtype == "auto":
            raise RequestError("config key 'model.dtype': auto, but there is no base", "give float32 or bfloat16")


@MODELS.register("gpt_scratch", ScratchOptions)
class GPTScratch(ModelFamily):
    """A GPT-2 with random weights and a tokenizer trained on the training split."""

    name = "gpt_scratch"

    def __init__(self, options: ScratchOptions) -> None:
        self.options = options
        self.context = options.context

    def build(
        self, texts: Sequence[str], tokenizer: TokenizerOptions, seed: int, markers: Sequence[str] = ()
    ) -> ModelBundle:
        if tokenizer.name == "pretrained":
            raise RequestError(
                f"config key 'tokenizer': model={self.name} has no pretrained tokenizer", "take tokenizer=bpe"
            )
        trained = train_tokenizer(texts, tokenizer, self.context)
        add_markers(trained, markers)
        options = self.options
        model = draw_model(scratch_config(options, trained), seed, dtype=options.dtype, attention=options.attention)
        return ModelBundle(model, trained, None)


def scratch_config(options: ScratchOptions, tokenizer: PreTrainedTokenizerFast) -> GPT2Config:
    """Return GPT-2's configuration of that shape, for that tokenizer."""
    from transformers import GPT2Config

    return GPT2Config(
        vocab_size=len(tokenizer),
        n_positions=options.context,
        n_embd=options.hidden_size,
        n_layer=options.layers,
        n_head=options.heads,
        resid_pdrop=options.dropout,
        embd_pdrop=options.dropout,
        attn_pdrop=options.dropout,
        initializer_range=options.initializer_range,
        tie_word_embeddings=options.tie,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )

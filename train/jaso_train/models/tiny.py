"""A small GPT-2 from scratch, for trial runs and tests on a CPU."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jaso_core.errors import RequestError
from jaso_train.models import MODELS, Built, ModelFamily
from jaso_train.tokenizers_trained import TokenizerOptions, train_bpe


@dataclass(frozen=True)
class TinyOptions:
    """The shape; parameters are about 12 · layers · hidden_size² + vocabulary · hidden_size."""

    hidden_size: int = 192
    layers: int = 3
    heads: int = 3
    context: int = 512
    initializer_range: float = 0.03
    dropout: float = 0.0

    def __post_init__(self) -> None:
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


@MODELS.register("tiny", TinyOptions)
class Tiny(ModelFamily):
    """A GPT-2 with random weights and a BPE tokenizer trained on the corpus; learns in minutes of CPU."""

    def __init__(self, options: TinyOptions) -> None:
        self.options = options
        self.context = options.context

    def build(self, texts: Sequence[str], tokenizer: TokenizerOptions, seed: int) -> Built:
        import torch
        from transformers import AutoModelForCausalLM, GPT2Config

        if tokenizer.name == "pretrained":
            raise RequestError("config key 'tokenizer': model=tiny has no pretrained tokenizer", "take tokenizer=bpe")
        trained = train_bpe(texts, tokenizer, self.context)
        dropout = self.options.dropout
        config = GPT2Config(
            vocab_size=len(trained),
            n_positions=self.context,
            n_embd=self.options.hidden_size,
            n_layer=self.options.layers,
            n_head=self.options.heads,
            resid_pdrop=dropout,
            embd_pdrop=dropout,
            attn_pdrop=dropout,
            initializer_range=self.options.initializer_range,
            bos_token_id=trained.bos_token_id,
            eos_token_id=trained.eos_token_id,
            pad_token_id=trained.pad_token_id,
        )
        torch.manual_seed(seed)
        return Built(AutoModelForCausalLM.from_config(config), trained, None)

"""Tiny GPT-2 from scratch, for trial runs and tests on a CPU."""

from __future__ import annotations

from dataclasses import dataclass

from jaso_train.models import MODELS
from jaso_train.models.gpt_scratch import GPTScratch, ScratchOptions


@dataclass(frozen=True)
class TinyOptions(ScratchOptions):
    """The shape of gpt_scratch, with small defaults."""

    hidden_size: int = 192
    layers: int = 3
    heads: int = 3
    context: int = 512
    dropout: float = 0.0
    initializer_range: float = 0.03


@MODELS.register("tiny", TinyOptions)
class Tiny(GPTScratch):
    """Small GPT-2 with random weights and a tokenizer trained on the corpus.

    Learns in minutes of CPU.
    """

    name = "tiny"

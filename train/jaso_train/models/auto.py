"""Model for data of any size, the default of `jaso pipeline`."""

from __future__ import annotations

from dataclasses import dataclass

from jaso_train.models import MODELS
from jaso_train.models.gpt_scratch import GPTScratch
from jaso_train.models.tiny import TinyOptions


@dataclass(frozen=True)
class AutoOptions(TinyOptions):
    """The shape of tiny, with dropout: little data is seen many times."""

    dropout: float = 0.1


@MODELS.register("auto", AutoOptions)
class Auto(GPTScratch):
    """Tiny GPT-2 with dropout, trained by trainer=auto: steps by the amount of data.

    Its YAML chooses the trainer.
    """

    name = "auto"

"""The ids with which a model says that a text begins, ends, or is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast


def speak_ids(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast) -> tuple[str, ...]:
    """Makes the configuration and the generation defaults say the tokenizer's ids, so that a plain `generate` stops
    where training taught it to. Returns what a user should know.

    Defaults that contradict each other (a temperature without sampling) are dropped here: transformers reads them, but
    refuses to save them, which would come out after training.
    """
    from transformers import GenerationConfig

    ids = {
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    model.config.update(ids)
    defaults = model.generation_config or GenerationConfig()
    defaults.update(**ids)
    try:
        defaults.validate(strict=True)
    except ValueError:
        model.generation_config = GenerationConfig(**ids)
        return ("generation_config.json contradicts itself: left out of the trained model",)
    model.generation_config = defaults
    return ()

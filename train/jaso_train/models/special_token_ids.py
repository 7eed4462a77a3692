"""Special token ids (bos, eos, pad) in a model's configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast


def set_special_ids(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast) -> tuple[str, ...]:
    """Set the tokenizer's special ids in the configuration and generation defaults.

    So a plain `generate` stops where training taught it to. Returns notes for the user. Defaults that contradict each
    other (a temperature without sampling) are dropped here: transformers reads them, but refuses to save them, which
    would fail only after training.
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

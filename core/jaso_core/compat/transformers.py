"""transformers 5.23: what a model is set to, and what its class can do."""

from __future__ import annotations

from typing import Any


def attention_of(model: Any) -> str:
    """Return the name of a model's attention, such as "sdpa".

    `set_attn_implementation` sets it, and nothing public returns it.
    """
    return str(model.config._attn_implementation)


def takes_dynamic_cache(model: Any) -> bool:
    """Return whether a model works with a `DynamicCache` of keys and values.

    `generate` decides by this private method of the class; models with a cache of their own differ in no public way.
    """
    return bool(type(model)._supports_default_dynamic_cache())


def forget_states(model: Any) -> None:
    """Drop the state that a model's modules hold from the last text.

    RecurrentGemma keeps it in its modules, and would begin a prompt of one token with the end of another text.
    """
    for module in model.modules():
        for name in ("conv1d_state", "recurrent_states"):
            if getattr(module, name, None) is not None:
                setattr(module, name, None)

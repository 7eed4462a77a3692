"""transformers 5.23: what a model is set to, and what its class can do."""

from __future__ import annotations

from collections.abc import Mapping
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


def declare_tied_weights(model: Any, tied: Mapping[str, str] | None) -> None:
    """Rename a model's tied tensors: {other name: name that checkpoints have}.

    None: as its class has them. For layers put into a model, whose tensors have other names than those that
    transformers expects: `save_pretrained` refuses shared tensors that it does not know.
    """
    if tied is None:
        del model._tied_weights_keys
        model.all_tied_weights_keys = model.get_expanded_tied_weights_keys()
    else:
        model._tied_weights_keys = dict(tied)
        model.all_tied_weights_keys = dict(tied)

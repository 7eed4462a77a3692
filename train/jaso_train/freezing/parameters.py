"""Parameter layout of a model: the block and the part of each tensor.

Nothing is guessed from an architecture's name: the blocks are the list of modules that is as long as the config says,
embeddings and head are those that the model itself names, and a norm is a module whose class name says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

BLOCK_PARTS = ("attn", "mlp", "ln", "other")
OUTER_PARTS = ("embeddings", "positions", "final_norm", "head")
PARTS = sorted({*BLOCK_PARTS, *OUTER_PARTS})
"""Parts that an option may name. `adapter` is a part too: what LoRA adds."""

NEW_TOKEN_ROWS = "trainable_tokens_delta"
"""PEFT's name for the rows of the embeddings that train; their part is `new_tokens`."""

_MLP = ("mlp", "feed_forward", "feedforward", "ffn", "fc1", "fc2", "experts", "moe")


@dataclass(frozen=True)
class Tensor:
    """A parameter tensor: its name, block, part and size.

    `block` counts from 0, None outside of the blocks; `size`: number of elements; `tied_with`: other names of the same
    tensor, as lm_head.weight is one of GPT-2's transformer.wte.weight.
    """

    name: str
    block: int | None
    part: str
    bias: bool
    size: int
    tied_with: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """Return "block 3", or the part for tensors outside of the blocks."""
        return self.part if self.block is None else f"block {self.block}"


@dataclass(frozen=True)
class Layout:
    """All parameters of a model, in its order, tied ones once."""

    tensors: tuple[Tensor, ...]
    blocks: int

    @classmethod
    def of(cls, model: Any) -> Layout:
        """Read the layout of a causal language model of transformers, also within PEFT.

        Names are as in named_parameters.
        """
        blocks = _blocks(_inner(model))
        # Keyed by identity: tied parameters are one tensor with several names.
        block_of: dict[int, int] = {}
        for number, block in enumerate(blocks):
            for value in block.parameters():
                block_of.setdefault(id(value), number)
        names: dict[int, list[str]] = {}
        for name, value in model.named_parameters(remove_duplicate=False):
            names.setdefault(id(value), []).append(name)
        part = _Parts(model)
        tensors = [
            Tensor(
                name=name,
                block=block_of.get(id(value)),
                part=part.of(name, value, inside=id(value) in block_of),
                bias=name.endswith(".bias"),
                size=value.numel(),
                tied_with=tuple(other for other in names[id(value)] if other != name),
            )
            for name, value in model.named_parameters()
        ]
        return cls(tuple(tensors), len(blocks))

    @property
    def size(self) -> int:
        """Number of all parameters."""
        return sum(tensor.size for tensor in self.tensors)

    @property
    def names(self) -> frozenset[str]:
        """Names of all tensors, tied ones by their first name."""
        return frozenset(tensor.name for tensor in self.tensors)

    @property
    def tied(self) -> list[list[str]]:
        """Groups of names that share one tensor, as they are without PEFT."""
        return [
            sorted(map(strip_peft, [tensor.name, *tensor.tied_with])) for tensor in self.tensors if tensor.tied_with
        ]

    @property
    def tied_head(self) -> Tensor | None:
        """The embeddings, where the head is the same tensor; else None."""
        return next((tensor for tensor in self.tensors if tensor.part == "embeddings" and tensor.tied_with), None)

    @property
    def parts(self) -> list[str]:
        """The parts that this model has, a tied head included."""
        return sorted({tensor.part for tensor in self.tensors} | ({"head"} if self.tied_head else set()))


class _Parts:
    """Assigns each parameter to its part."""

    def __init__(self, model: Any) -> None:
        inner = _inner(model)
        self.modules = dict(model.named_modules())
        self.embeddings = {id(value) for value in inner.get_input_embeddings().parameters()}
        head = inner.get_output_embeddings()
        self.head = set() if head is None else {id(value) for value in head.parameters()}
        blocks = _blocks(inner)
        inside = {id(value) for block in blocks for value in block.parameters()}
        # Several where embeddings have a norm too, as in BLOOM; the final one comes last.
        outer_norms = [
            name.rpartition(".")[0]
            for name, value in model.named_parameters()
            if id(value) not in inside and self._is_norm(name)
        ]
        self.final_norm = outer_norms[-1] if outer_norms else None

    def of(self, name: str, value: Any, *, inside: bool) -> str:
        owner = name.rpartition(".")[0]
        # First, as LoRA's tensors lie inside of blocks.
        pieces = name.split(".")
        if any(piece.startswith("lora_") for piece in pieces):
            return "adapter"
        if NEW_TOKEN_ROWS in pieces:
            return "new_tokens"
        if inside:
            return self._in_block(name)
        if id(value) in self.embeddings:
            return "embeddings"
        if id(value) in self.head:
            return "head"
        if owner == self.final_norm:
            return "final_norm"
        # wpe in GPT-2, embed_positions in OPT
        leaf = owner.rpartition(".")[2]
        return "positions" if leaf == "wpe" or ("embed" in leaf and "pos" in leaf) else "other"

    def _in_block(self, name: str) -> str:
        if self._is_norm(name):
            return "ln"
        # transformer.h.0.attn.c_attn.weight → attn; model.layers.0.mlp.up_proj.weight → mlp
        pieces = name.split(".")[:-1]
        if any("attn" in piece or "attention" in piece for piece in pieces):
            return "attn"
        return "mlp" if any(stem in piece for piece in pieces for stem in _MLP) else "other"

    def _is_norm(self, name: str) -> bool:
        return "norm" in type(self.modules[name.rpartition(".")[0]]).__name__.lower()


def strip_peft(name: str) -> str:
    """Return a parameter's name without PEFT's wrapping."""
    # base_model.model.transformer.h.0.attn.c_attn.base_layer.weight → transformer.h.0.attn.c_attn.weight
    # Two adapters on one module are nested: mlp.experts.base_layer.base_layer.down_proj → mlp.experts.down_proj
    # model.embed_tokens.token_adapter.trainable_tokens_delta.default → model.embed_tokens.new_tokens
    name = re.sub(rf"(\.token_adapter)?\.{NEW_TOKEN_ROWS}\.\w+$", ".new_tokens", name)
    return re.sub(r"(\.token_adapter)?(\.base_layer)+\.", ".", name.removeprefix("base_model.model."))


def embeddings_path(model: Any) -> str:
    """Return the name of the input embeddings, such as model.embed_tokens."""
    embeddings = model.get_input_embeddings()
    return next(str(name) for name, module in model.named_modules() if module is embeddings)


def block_path(model: Any) -> str | None:
    """Return the name of the list of blocks, such as transformer.h.

    None when it cannot be determined.
    """
    from torch.nn import ModuleList

    depth = getattr(model.config.get_text_config(), "num_hidden_layers", None)
    lists = {
        name: module
        for name, module in model.named_modules()
        if isinstance(module, ModuleList) and len(module) == depth
    }
    sizes = {name: sum(value.numel() for value in module.parameters()) for name, module in lists.items()}
    # Of several lists of that length (experts, an image encoder) the blocks are the one with most parameters.
    return max(sizes, key=lambda name: sizes[name]) if sizes else None


def _blocks(model: Any) -> list[Any]:
    path = block_path(model)
    return [] if path is None else list(model.get_submodule(path))


def _inner(model: Any) -> Any:
    return model.get_base_model() if hasattr(model, "get_base_model") else model

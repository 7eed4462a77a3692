"""What trains and what does not, told before training, and proved after it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

_BLOCK = re.compile(r"(?:^|\.)(?:h|layers|blocks)\.(\d+)\.")


class Before:
    """A model's parameters before training: digests of all, copies only of those that train."""

    def __init__(self, model: PreTrainedModel, trainable: set[str]) -> None:
        named = dict(model.named_parameters())
        self.trainable = trainable
        self.frozen = {name: digest(value) for name, value in named.items() if name not in trainable}
        self.values = {name: named[name].detach().clone() for name in trainable}
        self.tied = tied_names(model)

    def report(self, model: PreTrainedModel, strategy: str) -> dict[str, Any]:
        """By block: parameters, how many train, and how far they moved (L2 of the change over L2 of the start)."""
        named = dict(model.named_parameters())
        blocks: dict[str, dict[str, float]] = {}
        for name, value in named.items():
            row = blocks.setdefault(block(name), {"parameters": 0, "trained": 0, "change": 0.0, "start": 0.0})
            row["parameters"] += value.numel()
            if name in self.trainable:
                row["trained"] += value.numel()
                row["change"] += float((value.detach() - self.values[name]).double().square().sum())
                row["start"] += float(self.values[name].double().square().sum())
        return {
            "strategy": strategy,
            "parameters": sum(value.numel() for value in named.values()),
            "trained": sum(named[name].numel() for name in self.trainable),
            "tied": self.tied,
            "frozen_tensors": len(self.frozen),
            "frozen_tensors_changed": [name for name, before in self.frozen.items() if digest(named[name]) != before],
            "blocks": [{"block": name, **_moved(row)} for name, row in blocks.items()],
        }


def apply(model: PreTrainedModel, trainable: set[str]) -> None:
    """Sets requires_grad of every parameter."""
    for name, value in model.named_parameters():
        value.requires_grad_(name in trainable)


def block(name: str) -> str:
    """ "transformer.h.3.attn.c_attn.weight" → "block 3"; "transformer.wte.weight" → "wte"."""
    found = _BLOCK.search(name)
    return f"block {found[1]}" if found else name.removesuffix(".weight").removesuffix(".bias").split(".")[-1]


def tied_names(model: PreTrainedModel) -> list[list[str]]:
    """Names that share one tensor, such as GPT-2's lm_head and wte."""
    holders: dict[int, list[str]] = {}
    for name, value in model.named_parameters(remove_duplicate=False):
        holders.setdefault(id(value), []).append(name)
    return [sorted(names) for names in holders.values() if len(names) > 1]


def digest(value: torch.Tensor) -> str:
    """sha256 of a tensor's bytes."""
    import torch

    return hashlib.sha256(value.detach().cpu().contiguous().view(torch.uint8).numpy().tobytes()).hexdigest()


def _moved(row: Mapping[str, float]) -> dict[str, float | int]:
    relative = (row["change"] / row["start"]) ** 0.5 if row["start"] else 0.0
    return {"parameters": int(row["parameters"]), "trained": int(row["trained"]), "moved": round(relative, 6)}

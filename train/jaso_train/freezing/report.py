"""After training: proof that frozen tensors are what they were, to the bit, and how far the others moved."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jaso_core.parallel.cpu_count import cpu_count
from jaso_train.freezing.parameters import Tensor
from jaso_train.freezing.plan import FreezePlan
from jaso_train.freezing.table import table

if TYPE_CHECKING:
    import torch

__all__ = ["ParameterSnapshot", "digest", "digests", "table"]

_AT_ONCE = 1 << 16  # numbers that are compared in double precision at a time: half a megabyte stays in the cache


@dataclass
class Sums:
    """Of some tensors: parameters, how many train, and over those the squares of the change and of the start."""

    parameters: int = 0
    trained: int = 0
    change: float = 0.0
    start: float = 0.0

    def add(self, size: int, squares: tuple[float, float] | None) -> None:
        """One tensor; `squares` (change, start) when it trained."""
        self.parameters += size
        if squares is not None:
            self.trained += size
            self.change += squares[0]
            self.start += squares[1]

    def row(self) -> dict[str, float | int | None]:
        """change: L2 norm of the change of what trains. moved: that over the L2 norm of the start; null where all
        began at zero, as biases of a new model do."""
        moved = math.sqrt(self.change / self.start) if self.start else (None if self.change else 0.0)
        return {
            "parameters": self.parameters,
            "trained": self.trained,
            "moved": None if moved is None else _short(moved),
            "change": _short(math.sqrt(self.change)),
        }


class ParameterSnapshot:
    """A model's parameters before training: copies of those that will train, digests of the others."""

    def __init__(self, model: Any, plan: FreezePlan) -> None:
        named = dict(model.named_parameters())
        self.plan = plan
        self.frozen = digests({name: value for name, value in named.items() if name not in plan.trainable})
        self.values = {name: named[name].detach().to("cpu", copy=True) for name in sorted(plan.trainable)}

    def report(self, model: Any, strategy: str) -> dict[str, Any]:
        """What freeze_report.json holds: the model as it is now against what it was."""
        layout = self.plan.layout
        named = dict(model.named_parameters())
        now = digests({name: named[name] for name in self.frozen})
        squares = {name: squares_of(before, named[name]) for name, before in self.values.items()}
        return {
            "strategy": strategy,
            "parameters": layout.size,
            "trained": sum(value.numel() for value in self.values.values()),
            "tied": layout.tied,
            "phases": [{"start": phase.start, "trained": self._size(phase.trainable)} for phase in self.plan.phases],
            "frozen_tensors": len(self.frozen),
            "frozen_tensors_changed": [name for name, before in self.frozen.items() if now[name] != before],
            "blocks": [
                {"block": place, **_sums(tensors, squares).row(), "parts": _by_part(tensors, squares)}
                for place, tensors in _grouped(layout.tensors, "place").items()
            ],
            "parts": _by_part(list(layout.tensors), squares),
        }

    def _size(self, names: frozenset[str]) -> int:
        return sum(tensor.size for tensor in self.plan.layout.tensors if tensor.name in names)


def digests(tensors: Mapping[str, torch.Tensor]) -> dict[str, str]:
    """sha256 of each, in the same order. Hashing runs beside itself on the cores, as hashlib lets others go on."""
    with ThreadPoolExecutor(min(8, cpu_count())) as pool:
        return dict(zip(tensors, pool.map(digest, tensors.values()), strict=True))


def digest(value: torch.Tensor) -> str:
    """sha256 of a tensor's bytes, which are read where they lie."""
    import torch

    flat = value.detach().cpu().contiguous().view(-1)
    return hashlib.sha256(flat.view(torch.uint8).numpy().data).hexdigest()


def squares_of(before: torch.Tensor, after: torch.Tensor) -> tuple[float, float]:
    """Sums of squares of (after − before) and of before, in double precision."""
    change = start = 0.0
    now = after.detach().cpu().reshape(-1)
    for old, new in zip(before.reshape(-1).split(_AT_ONCE), now.split(_AT_ONCE), strict=True):
        was = old.double()
        moved = new.double() - was
        start += float(was @ was)
        change += float(moved @ moved)
    return change, start


def _by_part(tensors: list[Tensor], squares: Mapping[str, tuple[float, float]]) -> list[dict[str, Any]]:
    return [{"part": part, **_sums(some, squares).row()} for part, some in _grouped(tensors, "part").items()]


def _grouped(tensors: list[Tensor] | tuple[Tensor, ...], by: str) -> dict[str, list[Tensor]]:
    groups: dict[str, list[Tensor]] = {}
    for tensor in tensors:
        groups.setdefault(getattr(tensor, by), []).append(tensor)
    return groups


def _sums(tensors: list[Tensor], squares: Mapping[str, tuple[float, float]]) -> Sums:
    sums = Sums()
    for tensor in tensors:
        sums.add(tensor.size, squares.get(tensor.name))
    return sums


def _short(number: float) -> float:
    return float(f"{number:.6g}")

"""Freeze report: proof that frozen tensors are unchanged; how far others moved.

Frozen tensors are compared to the bit.
"""

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
from jaso_train.schema import ChangeRow, FreezeReport, NewTokens, PartRow

if TYPE_CHECKING:
    import torch

__all__ = ["ParameterSnapshot", "digest", "digests", "table"]

_CHUNK = 1 << 16  # elements that are compared in float64 at a time: half a megabyte stays in the cache


@dataclass
class ChangeSums:
    """Sums over tensors: parameters, trained ones, squares of change and start.

    The squares are over the trained parameters.
    """

    parameters: int = 0
    trained: int = 0
    change: float = 0.0
    start: float = 0.0

    def add(self, size: int, squares: tuple[float, float] | None) -> None:
        """Add one tensor; `squares` (change, start) when it trained."""
        self.parameters += size
        if squares is not None:
            self.trained += size
            self.change += squares[0]
            self.start += squares[1]

    def row(self) -> ChangeRow:
        """Return the sums as a row of the report.

        change: L2 norm of the change of trained parameters. moved: that over the L2 norm of the start; null where all
        began at zero, as biases of a new model do.
        """
        moved = math.sqrt(self.change / self.start) if self.start else (None if self.change else 0.0)
        return {
            "parameters": self.parameters,
            "trained": self.trained,
            "moved": None if moved is None else _round(moved),
            "change": _round(math.sqrt(self.change)),
        }


class ParameterSnapshot:
    """Parameters before training: copies of the trained ones, digests of the frozen."""

    def __init__(self, model: Any, plan: FreezePlan) -> None:
        named = dict(model.named_parameters())
        self.plan = plan
        self.frozen = digests({name: value for name, value in named.items() if name not in plan.trainable})
        self.values = {name: named[name].detach().to("cpu", copy=True) for name in sorted(plan.trainable)}

    def report(self, model: Any, strategy: str) -> FreezeReport:
        """Return freeze_report.json: the model as it is now against the snapshot."""
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
            **self._new_tokens(named),
            "frozen_tensors": len(self.frozen),
            "frozen_tensors_changed": [name for name, before in self.frozen.items() if now[name] != before],
            "blocks": [
                {"block": name, **_sum(tensors, squares).row(), "parts": _by_part(tensors, squares)}
                for name, tensors in _group_by(layout.tensors, "place").items()
            ],
            "parts": _by_part(list(layout.tensors), squares),
        }

    def _new_tokens(self, named: Mapping[str, torch.Tensor]) -> NewTokens:
        rows = [named[tensor.name].shape[0] for tensor in self.plan.layout.tensors if tensor.part == "new_tokens"]
        return {"new_token_rows": sum(rows)} if rows else {}

    def _size(self, names: frozenset[str]) -> int:
        return sum(tensor.size for tensor in self.plan.layout.tensors if tensor.name in names)


def digests(tensors: Mapping[str, torch.Tensor]) -> dict[str, str]:
    """Return the sha256 of each tensor, in the same order.

    Hashed in parallel threads, as hashlib releases the GIL.
    """
    with ThreadPoolExecutor(min(8, cpu_count())) as pool:
        return dict(zip(tensors, pool.map(digest, tensors.values()), strict=True))


def digest(value: torch.Tensor) -> str:
    """Return the sha256 of a tensor's bytes, read without a copy on a CPU."""
    import torch

    flat = value.detach().cpu().contiguous().view(-1)
    return hashlib.sha256(flat.view(torch.uint8).numpy().data).hexdigest()


def squares_of(before: torch.Tensor, after: torch.Tensor) -> tuple[float, float]:
    """Return the sums of squares of (after − before) and of before, in float64."""
    change = start = 0.0
    after_values = after.detach().cpu().reshape(-1)
    for old, new in zip(before.reshape(-1).split(_CHUNK), after_values.split(_CHUNK), strict=True):
        start_values = old.double()
        difference = new.double() - start_values
        start += float(start_values @ start_values)
        change += float(difference @ difference)
    return change, start


def _by_part(tensors: list[Tensor], squares: Mapping[str, tuple[float, float]]) -> list[PartRow]:
    return [{"part": part, **_sum(group, squares).row()} for part, group in _group_by(tensors, "part").items()]


def _group_by(tensors: list[Tensor] | tuple[Tensor, ...], by: str) -> dict[str, list[Tensor]]:
    groups: dict[str, list[Tensor]] = {}
    for tensor in tensors:
        groups.setdefault(getattr(tensor, by), []).append(tensor)
    return groups


def _sum(tensors: list[Tensor], squares: Mapping[str, tuple[float, float]]) -> ChangeSums:
    sums = ChangeSums()
    for tensor in tensors:
        sums.add(tensor.size, squares.get(tensor.name))
    return sums


def _round(number: float) -> float:
    return float(f"{number:.6g}")

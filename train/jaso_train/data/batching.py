"""How examples are put into batches, and what the check of that measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BatchingCheck:
    """Batching of a run, with how far a batch is from its examples one by one.

    `batching` is used, `asked` was the option. `examples` were tried, the longest of `longest` tokens, in `dtype`.
    `loss_difference`: of the summed loss, relative. `gradient_difference`: of the gradient of the embedded tokens,
    relative to its norm. Both None where nothing was tried. `reason`: why another batching than `asked` is used.
    """

    batching: str
    asked: str
    examples: int = 0
    longest: int = 0
    loss_difference: float | None = None
    gradient_difference: float | None = None
    dtype: str | None = None
    reason: str | None = None

"""Freeze table before training: what trains, by block and part, and its memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from jaso_core.console import Lines
from jaso_train.freezing.parameters import Layout, Tensor, strip_peft
from jaso_train.freezing.plan import FreezePlan

WEIGHT_BYTES = 4
"""Of a parameter in fp32, the type of weights while they train."""
TRAINING_BYTES = 4 + 8
"""Of a parameter that trains: its gradient, and AdamW's two moments."""

_ORDER = ("embeddings", "new_tokens", "positions", "attn", "mlp", "ln", "adapter", "other", "final_norm", "head")
_BEFORE_BLOCKS = ("embeddings", "new_tokens", "positions")

MANY_GROUPS = 6
"""With more groups of blocks than this, a block is one row where it can be."""


@dataclass(frozen=True)
class Row:
    """One part of one block, or of several equal consecutive blocks.

    `starts`: shares of the steps from which its tensors train.
    """

    part: str
    parameters: int
    trained: int
    starts: tuple[float, ...]

    def repeat(self, n: int) -> Row:
        """Return the row of n equal blocks."""
        return Row(self.part, n * self.parameters, n * self.trained, self.starts)


def table(layout: Layout, plan: FreezePlan) -> Lines:
    """Render the table, at most 100 columns wide.

    Equal neighbouring blocks are one group of rows.
    """
    rows = list(_rows(layout, plan))
    phased = len(plan.phases) > 1
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [text.ljust(width) if column < 2 else text.rjust(width) for column, (text, width) in
                 enumerate(zip(row, widths, strict=True))]  # fmt: skip
        lines.append("  ".join(cells if phased else cells[:-1]).rstrip())
    return Lines("\n".join([*lines, *_footer(layout, plan)]))


def memory(layout: Layout, plan: FreezePlan) -> int:
    """Return the bytes of weights, gradients and AdamW's moments in fp32.

    Counts all that trains at any time. No activations.
    """
    return WEIGHT_BYTES * layout.size + TRAINING_BYTES * _trained(layout, plan)


def _rows(layout: Layout, plan: FreezePlan) -> Iterator[tuple[str, ...]]:
    yield ("where", "part", "parameters", "that train", "share", "gradients + AdamW", "trains from")
    outside = _block_rows(layout, plan, None)
    blocks = [_block_rows(layout, plan, number) for number in range(layout.blocks)]
    groups = [(rows, len(list(equal))) for rows, equal in groupby(blocks)]
    yield from (_cells(row.part, row, part="") for row in outside if row.part in _BEFORE_BLOCKS)
    number = 0
    for rows, count in groups:
        where = f"block {number}" if count == 1 else f"blocks {number}–{number + count - 1}"
        for index, row in enumerate(_merge_parts(rows) if len(groups) > MANY_GROUPS else rows):
            yield _cells(where if index == 0 else "", row.repeat(count))
        number += count
    yield from (_cells(row.part, row, part="") for row in outside if row.part not in _BEFORE_BLOCKS)
    yield _cells("all", Row("", layout.size, _trained(layout, plan), ()))


def _merge_parts(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """Return one row for a block whose parts all train alike, else its rows.

    Alike: all from the same time on, or not at all. So tables stay on one screen.
    """
    whole = all(row.trained == row.parameters for row in rows) or not any(row.trained for row in rows)
    if not whole or len({row.starts for row in rows}) > 1:
        return rows
    parameters, trained = sum(row.parameters for row in rows), sum(row.trained for row in rows)
    return (Row(" ".join(row.part for row in rows), parameters, trained, rows[0].starts),)


def _block_rows(layout: Layout, plan: FreezePlan, block: int | None) -> tuple[Row, ...]:
    parts: dict[str, list[Tensor]] = {}
    for tensor in layout.tensors:
        if tensor.block == block:
            parts.setdefault(tensor.part, []).append(tensor)
    return tuple(_row(part, parts[part], plan) for part in sorted(parts, key=_ORDER.index))


def _row(part: str, tensors: list[Tensor], plan: FreezePlan) -> Row:
    trained = [tensor for tensor in tensors if tensor.name in plan.trainable]
    starts = {start for tensor in trained if (start := plan.start_of(tensor.name)) is not None}
    return Row(part, _size(tensors), _size(trained), tuple(sorted(starts)))


def _cells(where: str, row: Row, part: str | None = None) -> tuple[str, ...]:
    trains = bool(row.trained)
    return (
        where,
        row.part if part is None else part,
        f"{row.parameters:,}",
        f"{row.trained:,}" if trains else "–",
        f"{row.trained / row.parameters:.2%}" if trains else "–",
        _bytes(TRAINING_BYTES * row.trained) if trains else "–",
        " ".join(f"{start:.1%}" for start in row.starts) or ("" if where == "all" else "–"),
    )


def _footer(layout: Layout, plan: FreezePlan) -> Iterator[str]:
    for tensor in layout.tensors:
        if tensor.tied_with:
            does = "training" if tensor.name in plan.trainable else "frozen"
            names = " = ".join(map(strip_peft, [*tensor.tied_with, tensor.name]))
            yield f"tied: {names}, one tensor, counted once; {does} in both places"
    if len(plan.phases) > 1:
        yield f"{len(plan.phases)} phases; 'trains from' is a share of all optimiser steps"
    trained = _trained(layout, plan)
    yield (
        f"memory in fp32: {_bytes(WEIGHT_BYTES * layout.size)} weights + {_bytes(TRAINING_BYTES * trained)} "
        f"gradients and AdamW = {_bytes(memory(layout, plan))}, and activations"
    )


def _trained(layout: Layout, plan: FreezePlan) -> int:
    return _size([tensor for tensor in layout.tensors if tensor.name in plan.trainable])


def _size(tensors: list[Tensor]) -> int:
    return sum(tensor.size for tensor in tensors)


def _bytes(count: int) -> str:
    """Format bytes in decimal units: 1 MB is 1,000,000 bytes."""
    return f"{count / 1e6:,.1f} MB" if count >= 1e5 else f"{count / 1e3:,.1f} kB"

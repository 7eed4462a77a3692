"""Strategy `blocks`: chosen parts of chosen blocks, and parts outside of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from jaso_core.errors import RequestError, did_you_mean
from jaso_train.freezing import FREEZING, FreezingStrategy
from jaso_train.freezing.parameters import BLOCK_PARTS, OUTER_PARTS, PARTS, Layout
from jaso_train.freezing.rules import block_numbers, check_count, no_such_part, outer_tensors, read_blocks


@dataclass(frozen=True)
class BlocksOptions:
    """`blocks`: numbers from 0 and ranges with both ends ("0-5,8"), all, or none.

    `parts`: attn, mlp, ln and other (none of the three) of those blocks, and from outside of the blocks embeddings,
    positions, final_norm, head. On a model with tied weights head and embeddings train both or neither.
    """

    blocks: str = "all"
    parts: list[str] = field(default_factory=lambda: ["attn", "mlp", "ln"])

    def __post_init__(self) -> None:
        for part in self.parts:
            if part not in PARTS:
                raise RequestError(f"config key 'freeze.parts': '{part}'", did_you_mean(part, PARTS))
        if self.blocks not in ("all", "none"):
            read_blocks(self.blocks, "freeze.blocks")


@FREEZING.register("blocks", BlocksOptions)
class Blocks(FreezingStrategy):
    """Trains the chosen parts of the chosen blocks."""

    def __init__(self, options: BlocksOptions) -> None:
        self.options = options

    def trainable(self, layout: Layout) -> set[str]:
        parts = self.options.parts
        inner = [part for part in parts if part in BLOCK_PARTS]
        outside = [part for part in parts if part in OUTER_PARTS]
        names = outer_tensors(layout, outside, "freeze.parts")
        if self.options.blocks == "none":
            if inner:
                raise RequestError(
                    f"config key 'freeze.parts': {inner[0]} is a part of blocks, and freeze.blocks is none",
                    f"name blocks, or leave {inner[0]} out",
                )
            return names
        if not inner:
            raise RequestError(
                f"config key 'freeze.blocks': {self.options.blocks}, but no part of blocks is in freeze.parts",
                "add attn, mlp or ln to freeze.parts, or set freeze.blocks=none",
            )
        return names.union(*(self._of_blocks(layout, part) for part in inner))

    def _of_blocks(self, layout: Layout, part: str) -> set[str]:
        chosen = self._numbers(layout)
        names = {tensor.name for tensor in layout.tensors if tensor.block in chosen and tensor.part == part}
        if not names:
            raise no_such_part(layout, f"{part} in its blocks {self.options.blocks}", "freeze.parts")
        return names

    def _numbers(self, layout: Layout) -> set[int]:
        check_count(layout, 1, "freeze.blocks")
        if self.options.blocks == "all":
            return set(range(layout.blocks))
        return block_numbers(layout, read_blocks(self.options.blocks, "freeze.blocks"), "freeze.blocks")

"""Helpers of freezing rules: blocks by number, parts by name, tied weights."""

from __future__ import annotations

import re
from collections.abc import Collection

from jaso_core.errors import RequestError
from jaso_train.freezing.parameters import Layout

_RANGE = re.compile(r"(\d+)(?:-(\d+))?")


def whole_blocks(layout: Layout, numbers: Collection[int]) -> set[str]:
    """Return the names of all tensors of these blocks."""
    return {tensor.name for tensor in layout.tensors if tensor.block in numbers}


def top(layout: Layout, n: int, key: str) -> range:
    """Return the numbers of the last n blocks; `key` is the option that n came from."""
    check_count(layout, n, key)
    return range(layout.blocks - n, layout.blocks)


def check_count(layout: Layout, n: int, key: str) -> None:
    """Raise RequestError when the model has fewer than n blocks."""
    if not layout.blocks:
        raise RequestError("config key 'freeze': this model's blocks cannot be told", "take freeze=all or freeze=lora")
    if n > layout.blocks:
        raise RequestError(f"config key '{key}': {n}, the model has {layout.blocks} blocks", f"give 1–{layout.blocks}")


def check_positive(n: int, key: str) -> None:
    """Raise RequestError unless n is 1 or more."""
    if n < 1:
        raise RequestError(f"config key '{key}': {n}", "give 1 or more")


def outer_tensors(layout: Layout, parts: Collection[str], key: str) -> set[str]:
    """Return the tensors of these parts outside of the blocks.

    Parts: embeddings, positions, final_norm, head. RequestError when the model has no such part, and when head and
    embeddings are one tensor but only one of the two is named. `key` is the option that names them.
    """
    tied = layout.tied_head
    if tied and ("head" in parts) != ("embeddings" in parts):
        chosen, other = ("head", "embeddings") if "head" in parts else ("embeddings", "head")
        raise RequestError(
            f"config key '{key}': {chosen} is to train and {other} is not, but here they are one tensor "
            f"({' = '.join(layout.tied[0])})",
            f"let {other} train too, or take a model whose weights are not tied",
        )
    names: set[str] = set()
    for part in parts:
        matches = {tensor.name for tensor in layout.tensors if tensor.block is None and tensor.part == part}
        if not matches and not (part == "head" and tied):
            raise no_such_part(layout, part, key)
        names |= matches
    return names


def no_such_part(layout: Layout, part: str, key: str) -> RequestError:
    """Build the RequestError of a rule that matches nothing."""
    return RequestError(f"config key '{key}': this model has no {part}", f"it has: {', '.join(layout.parts)}")


def read_blocks(text: str, key: str) -> list[tuple[int, int]]:
    """Parse "0-5,8" → [(0, 5), (8, 8)]; first and last, both included.

    RequestError for anything else.
    """
    ranges = []
    for item in text.split(","):
        match = _RANGE.fullmatch(item.strip())
        if not match:
            raise RequestError(
                f"config key '{key}': '{item.strip()}' in '{text}' is no block",
                "give numbers and ranges such as 0-5,8 (the first block is 0), or all, or none",
            )
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first:
            raise RequestError(f"config key '{key}': {first}-{last} runs backwards", f"write {last}-{first}")
        ranges.append((first, last))
    return ranges


def block_numbers(layout: Layout, ranges: list[tuple[int, int]], key: str) -> set[int]:
    """Return the block numbers of ranges; RequestError for one that is not there."""
    for _, last in ranges:
        if last >= layout.blocks:
            raise RequestError(
                f"config key '{key}': there is no block {last}", f"the model's blocks are 0–{layout.blocks - 1}"
            )
    return {number for first, last in ranges for number in range(first, last + 1)}

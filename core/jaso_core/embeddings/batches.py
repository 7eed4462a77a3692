"""Batches of token ids for a forward pass, and the device it runs on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from jaso_core.errors import RequestError

if TYPE_CHECKING:
    import torch

_BATCH_TOKENS = 8192
"""Tokens per batch, padding included: half a gigabyte of a large encoder's activations."""


def batch_by_length(lengths: Sequence[int], batch_size: int | None) -> Iterator[list[int]]:
    """Yield batches of positions; texts of similar length together, to reduce padding."""
    batch: list[int] = []
    for i in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        if batch and (len(batch) == batch_size or (len(batch) + 1) * lengths[batch[0]] > _BATCH_TOKENS):
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def pad_rows(rows: Sequence[Sequence[int]], pad: int, device: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Return ids and attention mask of rows padded at the right, [rows, longest] each."""
    import torch

    # pad 0: [[5, 6, 7], [8]] → ids [[5, 6, 7], [8, 0, 0]], mask [[1, 1, 1], [1, 0, 0]]
    width = max(map(len, rows))
    ids = torch.tensor([[*row, *[pad] * (width - len(row))] for row in rows], device=device)
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows], device=device)
    return ids, mask


def resolve_device(name: str, where: str = "embeddings") -> str:
    """Return the device that `name` means here: auto, cpu, cuda, …

    RequestError when it is not available; `where` begins its message.
    """
    import torch

    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(0, device=name)
    except (RuntimeError, AssertionError):
        raise RequestError(f"{where}: device '{name}' cannot be had here", "take device=auto or device=cpu") from None
    return name

"""Keys and values of the tokens so far, in buffers that are written in place.

transformers' DynamicCache concatenates: it copies everything at each new token. Here a new token's keys go into their
column, and attention gets a view of the columns in use. A column is a step, the same for all rows, so that texts of
different lengths end at the same column and begin at different ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers.cache_utils import Cache, DynamicLayer


@dataclass
class Window:
    """Part of the KV cache's buffers that a forward pass sees.

    Rows [top, bottom), columns [first, end). What it computes goes into the columns from `end` on.
    """

    top: int = 0
    bottom: int = 0
    first: int = 0
    end: int = 0


class _Layer(DynamicLayer):
    """Key and value buffers of one layer: (rows, heads, columns, size of a head).

    They are made when the first keys show their shape.

    They begin as zeros: attention multiplies what it masks by 0, and 0 times the NaN that may lie in fresh memory is
    NaN.
    """

    def __init__(self, window: Window, shape: list[int]) -> None:
        super().__init__()  # type: ignore[no-untyped-call, unused-ignore]
        self.window = window
        self.shape = shape  # rows and columns, shared by all layers
        self.buffers: list[torch.Tensor] = []  # of keys and of values

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        """Makes the buffers."""
        self.buffers = [self._zeros(key_states), self._zeros(value_states)]
        self.is_initialized = True

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Keeps the new states; returns those of the whole window and the new ones."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        w = self.window
        # Window [2, 5), one new token → its keys go into column 5, and attention gets columns 2 to 5.
        end = w.end + key_states.shape[-2]
        keys, values = (buffer[w.top : w.bottom, :, :end] for buffer in self.buffers)
        keys[:, :, w.end :] = key_states
        values[:, :, w.end :] = value_states
        return keys[:, :, w.first :], values[:, :, w.first :]

    def get_seq_length(self) -> int:
        """Columns that the next token can look back on."""
        return self.window.end - self.window.first

    def widen(self) -> None:
        """As many columns as `shape` says now."""
        wider = [self._zeros(buffer) for buffer in self.buffers]
        for new, old in zip(wider, self.buffers, strict=True):
            new[:, :, : old.shape[2]] = old
        self.buffers = wider

    def _zeros(self, like: torch.Tensor) -> torch.Tensor:
        rows, columns = self.shape
        return like.new_zeros((rows, like.shape[1], columns, like.shape[3]))


class GrowingCache(Cache):
    """KV cache whose buffers grow.

    `rows` and `columns` are those of each layer's buffers. `window` says what the next forward pass sees.
    """

    def __init__(self, layers: int, rows: int, columns: int) -> None:
        self.window = Window()
        self._shape = [rows, columns]
        self._layers = [_Layer(self.window, self._shape) for _ in range(layers)]
        super().__init__(layers=list(self._layers))

    @property
    def columns(self) -> int:
        """Of the buffers."""
        return self._shape[1]

    def widen(self, columns: int) -> None:
        """Copies all into buffers with more columns."""
        self._shape[1] = columns
        for layer in self._layers:
            layer.widen()

    def shift(self, by: int) -> None:
        """Move the window's columns to the left by `by`.

        To the right where it is negative.
        """
        w = self.window
        # [4, 7) by 4 → [0, 3), apart from it; by 2 → [2, 5), which overlaps it: then the source is copied first.
        is_apart = abs(by) >= w.end - w.first
        for buffer in self._buffers():
            columns = buffer[: w.bottom, :, w.first : w.end]
            buffer[: w.bottom, :, w.first - by : w.end - by] = columns if is_apart else columns.clone()
        w.first, w.end = w.first - by, w.end - by

    def copy_rows(self, sources: Sequence[int], targets: Sequence[int]) -> None:
        """Copy the window's columns of some rows to others.

        All are read before one is written.
        """
        w = self.window
        for buffer in self._buffers():
            part = buffer[:, :, w.first : w.end]
            # Indexing by a list copies: sources [1, 0], targets [0, 1] swap two rows.
            part[list(targets)] = part[list(sources)]

    def _buffers(self) -> list[torch.Tensor]:
        return [buffer for layer in self._layers for buffer in layer.buffers]

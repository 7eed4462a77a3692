"""Deterministic batch sampler, sharded among processes.

The order is a function of seed, epoch and sizes only. accelerate would fill the last step of an epoch with examples
from its beginning, which are then learned twice, and transformers' grouping by length draws from a generator shared
with other code. Here several processes together see exactly what one process with a batch as large would see, in the
same steps, and a resumed run sees what it would have seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch.utils.data import Sampler
from transformers.trainer_pt_utils import get_length_grouped_indices

from jaso_core.parallel.distributed import World

_SEED_STRIDE = 1_000_003  # keeps neighbouring seeds from sharing the order of an epoch


class ShardedBatchSampler(Sampler[list[int]]):
    """Batches of indices for one process; all processes have the same number of them.

    A step's examples are dealt out in turn. In the last step of an epoch a process may have fewer than `batch_size`, or
    even none: an empty batch.
    """

    def __init__(
        self,
        lengths: Sequence[int],
        batch_size: int,
        seed: int,
        *,
        of: World | None = None,
        group_size: int | None = None,
    ) -> None:
        """Set up the sampler for one process.

        `lengths`: tokens of each example. `group_size`: examples of like length are grouped in steps of this size; None
        for any order. `of`: the process, alone by default.
        """
        self.lengths = list(lengths)
        self.world = of or World()
        self.batch_size = batch_size
        self.step = batch_size * self.world.size
        self.seed = seed
        self.group_size = group_size
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Set the epoch; the Trainer calls it before each one, also after resuming."""
        self.epoch = epoch

    def __len__(self) -> int:
        return -(-len(self.lengths) // self.step)

    def __iter__(self) -> Iterator[list[int]]:
        order = self.order()
        for start in range(0, len(order), self.step):
            # 2 processes, batch_size 2, step [7, 1, 4, 0] → rank 0 gets [7, 4], rank 1 gets [1, 0].
            yield order[start : start + self.step][self.world.rank :: self.world.size]

    def order(self) -> list[int]:
        """Return all indices in the order of this epoch."""
        generator = torch.Generator().manual_seed((self.seed * _SEED_STRIDE + self.epoch) % 2**63)
        if self.group_size is not None:
            indices: list[int] = get_length_grouped_indices(self.lengths, self.group_size, generator=generator)
            return indices
        return torch.randperm(len(self.lengths), generator=generator).tolist()

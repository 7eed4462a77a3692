"""Which examples a process sees, batch after batch: a function of seed, epoch and sizes, and of nothing else.

accelerate would fill the last step of an epoch with examples from its beginning, which are then learned twice, and
transformers' grouping by length draws from a generator that other things draw from. Here several processes see
together exactly what one with a batch as large would see, in the same steps, and a resumed run what it would have seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch.utils.data import Sampler
from transformers.trainer_pt_utils import get_length_grouped_indices

from jaso_core.parallel.distributed import World

_APART = 1_000_003  # seeds of neighbouring numbers share no epoch's order


class ShardedBatchSampler(Sampler[list[int]]):
    """Batches of places in the data for one process; all processes have the same number of them.

    A step's examples are dealt out in turn. In the last step of an epoch there may be fewer than `batch_size` for
    each, and for a process even none: an empty batch.
    """

    def __init__(
        self,
        lengths: Sequence[int],
        batch_size: int,
        seed: int,
        *,
        of: World | None = None,
        grouped: int | None = None,
    ) -> None:
        """`lengths`: tokens of each example. `grouped`: examples of like length lie together in steps of so many; None
        for any order. `of`: the process, alone by default."""
        self.lengths = list(lengths)
        self.world = of or World()
        self.batch_size = batch_size
        self.step = batch_size * self.world.size
        self.seed = seed
        self.grouped = grouped
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Called by the Trainer before each epoch, also by one that resumes."""
        self.epoch = epoch

    def __len__(self) -> int:
        return -(-len(self.lengths) // self.step)

    def __iter__(self) -> Iterator[list[int]]:
        order = self.order()
        for start in range(0, len(order), self.step):
            yield order[start : start + self.step][self.world.rank :: self.world.size]

    def order(self) -> list[int]:
        """All places, as this epoch has them."""
        generator = torch.Generator().manual_seed((self.seed * _APART + self.epoch) % 2**63)
        if self.grouped is not None:
            places: list[int] = get_length_grouped_indices(self.lengths, self.grouped, generator=generator)
            return places
        return torch.randperm(len(self.lengths), generator=generator).tolist()

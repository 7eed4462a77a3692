"""Training, validation and test: by group, by hash, so that a group stays where it is when data is added."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from jaso_core.records import Split


@dataclass(frozen=True)
class SplitOptions:
    """Shares of the groups (0 to 1); the rest is for training."""

    validation: float = 0.1
    test: float = 0.1

    def __post_init__(self) -> None:
        if min(self.validation, self.test) < 0 or self.validation + self.test >= 1:
            raise ValueError("validation and test must be at least 0 and leave something for training")


def split_of(group: str, seed: int, options: SplitOptions) -> Split:
    """The split of a group; depends on the group's name and the seed alone."""
    digest = hashlib.sha256(f"{seed}:{group}".encode()).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64
    if place < options.test:
        return "test"
    return "validation" if place < options.test + options.validation else "train"

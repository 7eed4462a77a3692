"""Drawing some of many by chance, the same ones each time."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def drawn(items: Sequence[T], limit: int | None, seed: int) -> list[T]:
    """At most `limit` items (None: all), chosen with the seed, in their own order.

    Never the first ones: files are ordered by source, and a beginning would be of one source alone.
    """
    if limit is None or limit >= len(items):
        return list(items)
    chosen = sorted(random.Random(seed).sample(range(len(items)), limit))
    return [items[place] for place in chosen]

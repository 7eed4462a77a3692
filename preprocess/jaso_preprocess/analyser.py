"""Kiwi, once a process: steps, masking and splitters share the one analyser."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiwipiepy import Kiwi


@cache
def kiwi(workers: int = 0) -> Kiwi:
    """The analyser with so many threads; 0 means one for each core."""
    from kiwipiepy import Kiwi  # half a gigabyte and a second: only when it is used

    return Kiwi(num_workers=workers or os.cpu_count())

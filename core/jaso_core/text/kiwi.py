"""Kiwi morphological analyser: one instance a process, shared by all users.

Cleaning steps, masking, sentence splitters and metrics use it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiwipiepy import Kiwi


def kiwi(threads: int = 1) -> Kiwi:
    """Return the analyser. Lists of texts are spread over `threads` (−1: all cores).

    One thread where the work is spread over processes, because the steps around Kiwi are Python.
    """
    # `kiwi()` and `kiwi(1)` are two entries of a cache, and would load half a gigabyte twice.
    return _load(threads)


@cache
def _load(threads: int) -> Kiwi:
    from kiwipiepy import Kiwi  # half a gigabyte and a second: imported on first use

    return Kiwi(num_workers=threads)

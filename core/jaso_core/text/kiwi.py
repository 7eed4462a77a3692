"""Kiwi morphological analyser: one instance a process, shared by all users.

Cleaning steps, masking, sentence splitters and metrics use it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiwipiepy import Kiwi


@cache
def kiwi(threads: int = 1) -> Kiwi:
    """Return the analyser. Lists of texts are spread over `threads` (−1: all cores).

    One thread where the work is spread over processes, because the steps around Kiwi are Python.
    """
    from kiwipiepy import Kiwi  # half a gigabyte and a second: imported on first use

    return Kiwi(num_workers=threads)

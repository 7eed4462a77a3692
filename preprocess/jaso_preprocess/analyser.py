"""Kiwi, once a process: steps, masking and splitters share the one analyser.

On one thread: the stage gives each core a process of its own, because the steps around Kiwi are Python.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiwipiepy import Kiwi


@cache
def kiwi() -> Kiwi:
    """The analyser."""
    from kiwipiepy import Kiwi  # half a gigabyte and a second: only when it is used

    return Kiwi(num_workers=1)

"""tqdm 4.70: progress bars that are open."""

from __future__ import annotations

from typing import Any

from tqdm import tqdm


def open_bars() -> list[tqdm[Any]]:
    """Return the progress bars of this process that are open, of libraries too.

    tqdm keeps them to know their lines on the screen, and has no public list. Empty where none was ever made.
    """
    return list(getattr(tqdm, "_instances", ()))

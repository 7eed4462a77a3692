"""Hydra 1.3: composing while Hydra runs already."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_outer_hydra() -> Iterator[None]:
    """Put the Hydra of this process aside within the block, and back after it.

    Hydra is initialised once in a process, and `compose` inside a command that `hydra.main` started would take that
    command's search path. `GlobalHydra` can be cleared, which is documented; that the former instance can be put back
    is not.
    """
    from hydra.core.global_hydra import GlobalHydra

    outer = GlobalHydra.instance().hydra
    GlobalHydra.instance().clear()
    try:
        yield
    finally:
        # Not the instance from above: `hydra.initialize_config_dir` leaves a copy of it behind.
        GlobalHydra.instance().clear()
        if outer is not None:
            GlobalHydra.instance().initialize(outer)

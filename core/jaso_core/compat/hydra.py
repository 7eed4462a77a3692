"""Hydra 1.3: composing while Hydra runs already, and plugins' launchers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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


def forget_plugin_launchers(names: Iterable[str]) -> None:
    """Forget launchers that plugins of Hydra have registered under these names.

    A config file of the same name would be checked against what a plugin registered, whose keys are others.
    """
    from hydra.core.config_store import ConfigStore
    from hydra.core.plugins import Plugins

    Plugins.instance()  # imports the plugins, which register when they are imported
    registered = ConfigStore.instance().repo["hydra"].get("launcher", {})
    for name in names:
        registered.pop(f"{name}.yaml", None)

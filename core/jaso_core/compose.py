"""Composition of a command's configuration, without running the command."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from jaso_core.compat.hydra import without_outer_hydra
from jaso_core.config import config_folder
from jaso_core.registry import extension_folders

if TYPE_CHECKING:
    from omegaconf import DictConfig

_HYDRA = threading.Lock()
"""Hydra keeps its state in one place of the process."""


def compose(verb: str, overrides: Iterable[str], *, with_hydra: bool = False) -> DictConfig:
    """Compose `configs/<verb>.yaml` with Hydra overrides; nothing is resolved.

    `with_hydra`: with Hydra's own node `hydra`, which holds the launcher.

    Config groups of extension folders count too. Works inside a command that Hydra runs, and from several threads.
    HydraException or OmegaConfBaseException for what is unknown: the caller says what its user has to change.
    """
    import hydra

    with _HYDRA, without_outer_hydra(), hydra.initialize_config_dir(str(config_folder()), version_base="1.3"):
        return hydra.compose(config_name=verb, overrides=[*overrides, *search_path()], return_hydra_config=with_hydra)


def search_path() -> list[str]:
    """Return the override by which Hydra reads the configs of extension folders."""
    folders = [f"file://{folder / 'configs'}" for folder in extension_folders() if (folder / "configs").is_dir()]
    return [f"hydra.searchpath=[{','.join(map(repr, folders))}]"] if folders else []

"""Config groups (prompt, model, freeze …) and their choices.

They are in configs/ and in extension folders.
"""

from __future__ import annotations

from pathlib import Path

from jaso_core.config import config_folder
from jaso_core.errors import RequestError, did_you_mean
from jaso_core.registry import extension_folders


def group_names() -> list[str]:
    """Return the config groups, without those of Hydra and accelerate."""
    return sorted(p.name for p in config_folder().iterdir() if p.is_dir() and p.name not in ("accelerate", "hydra"))


def group_choices(group: str) -> list[str]:
    """Return the names of a group's YAML files, here and in extension folders."""
    folders = [config_folder() / group, *(folder / "configs" / group for folder in extension_folders())]
    return sorted({path.stem for folder in folders for path in folder.glob("*.yaml")})


def choice_file(group: str, name: str) -> Path:
    """Return the YAML file of a choice, an extension folder's before jaso's.

    RequestError for an unknown one.
    """
    for folder in (*(folder / "configs" / group for folder in extension_folders()), config_folder() / group):
        if (folder / f"{name}.yaml").is_file():
            return folder / f"{name}.yaml"
    raise RequestError(f"{group} '{name}' is unknown", did_you_mean(name, group_choices(group)))

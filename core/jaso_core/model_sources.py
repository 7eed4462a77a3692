"""Meaning of `model=`: a choice of the group, a folder, or a model of the hub."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from jaso_core.config import config_folder
from jaso_core.config_groups import group_choices
from jaso_core.errors import RequestError
from jaso_core.io.hub_download import download_model, is_hub_name


def find_model(name: str, revision: str | None = None, key: str = "model") -> Path:
    """Return the folder of the model that `model=` names.

    In this order: a choice of the config group `model` that has pretrained weights (kogpt2), a folder, a name on the
    hub. RequestError when it is none of them; for a model of the hub also as `download_model`.
    """
    path, group_revision = _of_group(name)
    cure = f"give {key}=<folder of a trained or pretrained model>, or a name on the hub: owner/model"
    return find_folder(path, revision or group_revision, key, cure)


def find_folder(path: str, revision: str | None, key: str, cure: str, *, config_only: bool = False) -> Path:
    """Return the folder `path`, else that of the hub model of this name.

    `key` names the option for messages, `cure` says what to do where it can be neither. RequestError then, and as
    `download_model`.
    """
    folder = Path(path).expanduser()
    if folder.is_dir():
        return folder
    if not is_hub_name(path) or path.startswith("."):
        raise RequestError(f"{key} '{path}': no such folder", cure)
    return download_model(path, revision, key, config_only=config_only)


def _of_group(name: str) -> tuple[str, str | None]:
    """Return the folder or hub name behind a choice of the group, with its revision."""
    if name not in group_choices("model"):
        return name, None
    options = _options(name)
    path = options.get("path")
    if path in (None, "???"):
        raise RequestError(
            f"model={name} has no weights of its own", "give the folder of a trained model, or a name on the hub"
        )
    return str(path), options.get("revision")


def _options(name: str) -> dict[str, Any]:
    body: dict[str, Any] = yaml.safe_load((config_folder() / "model" / f"{name}.yaml").read_text(encoding="utf-8"))
    return dict(body.get("model") or body)

"""Configuration: conversion of Hydra's YAML to plain dataclasses.

Done once; no code below a stage's run.py sees an OmegaConf object.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from omegaconf import MISSING, OmegaConf
from omegaconf.errors import ConfigKeyError, MissingMandatoryValue, OmegaConfBaseException, ValidationError

from jaso_core.compat.omegaconf import make_writable
from jaso_core.errors import RequestError, did_you_mean

T = TypeVar("T")
_HIDDEN = "\ue000"
_INTERPOLATION = re.compile(r"(\\*)\$\{")

REQUIRED: Any = MISSING
"""Default of an option that the user must set."""


def config_folder() -> Path:
    """Return the folder of the Hydra config groups, of the repository or the package.

    RequestError when there is none.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "configs", package.parents[1] / "configs"):
        if folder.is_dir():
            return folder
    raise RequestError(f"no configs/ beside {package}", "install jaso from its repository or its wheel")


def to_settings(node: Mapping[str, Any], schema: type[T], where: str = "") -> T:
    """Validate a config node against the dataclass `schema` and build it.

    A text is taken as it is: "${oc.env:HOME}" in it is not resolved. Hydra has resolved a configuration before, and
    data, such as a model's prompt.json, must not read the environment.

    `where` is the node's key, for messages. RequestError names the key and the cure: unknown key (did you mean),
    wrong type, or value not set.
    """
    prefix = f"{where}." if where else ""
    options = sorted(f.name for f in fields(schema)) if is_dataclass(schema) else []
    for key in node:
        if key not in options:
            raise RequestError(f"config key '{prefix}{key}' is unknown", did_you_mean(str(key), options))
    try:
        # OmegaConf checks no type where it sees an interpolation: the first merge, without "${", is for the types.
        for change in (_hide_interpolation, _escape_interpolation):
            merged = OmegaConf.merge(make_writable(OmegaConf.structured(schema)), _map_texts(dict(node), change))
        missing = sorted(OmegaConf.missing_keys(merged))
        if missing:
            raise RequestError(f"config key '{prefix}{missing[0]}' is not set", f"add {prefix}{missing[0]}=…")
        return cast(T, OmegaConf.to_object(merged))
    except ConfigKeyError as error:
        raise RequestError(f"config key '{prefix}{error.full_key}' is unknown", "see --cfg job for all keys") from None
    except (ValidationError, MissingMandatoryValue, OmegaConfBaseException) as error:
        reason = str(error).splitlines()[0].replace(_HIDDEN, "{")
        raise RequestError(f"config key '{prefix}{error.full_key or ''}': {reason}", "see --cfg job") from None
    except (ValueError, TypeError) as error:
        raise RequestError(f"config '{where or schema.__name__}': {error}", "see --cfg job for what it takes") from None


def _map_texts(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _map_texts(item, change) for key, item in value.items()}
    return [_map_texts(item, change) for item in value] if isinstance(value, list | tuple) else value


def _escape_interpolation(text: str) -> str:
    """Escape "${", so that OmegaConf gives the text back unchanged."""
    # Backslashes before "${" are escapes themselves: two stand for one, and one more is for the "$".
    return _INTERPOLATION.sub(lambda match: f"{match[1] * 2}\\${{", text)


def _hide_interpolation(text: str) -> str:
    return text.replace("${", f"${_HIDDEN}")


def check_positive_options(options: Any, group: str) -> None:
    """Raise RequestError for an option of a dataclass that is not more than 0.

    `group`: the dataclass's config key, for the message.
    """
    for option in fields(options):
        value = getattr(options, option.name)
        if not value > 0:
            raise RequestError(f"config key '{group}.{option.name}': {value}", "give more than 0")


def pick(config: Mapping[str, Any], schema: type) -> dict[str, Any]:
    """Return the keys of `config` that are fields of `schema`.

    For a stage that reads its part of a configuration which several stages share.
    """
    names = {f.name for f in fields(schema)}
    return {str(key): value for key, value in config.items() if key in names}


def flatten(node: object, prefix: str = "") -> dict[str, object]:
    """Flatten nested mappings: {"a": {"b": 1}} → {"a.b": 1}; lists are leaves."""
    if not isinstance(node, Mapping) or not node:
        return {prefix: node}
    flat: dict[str, object] = {}
    for key, value in node.items():
        flat.update(flatten(value, f"{prefix}.{key}" if prefix else str(key)))
    return flat

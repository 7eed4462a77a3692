"""Configuration without a command line: defaults of configs/ and keywords.

The keywords are in place of `key=value`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jaso_core.compose import compose as compose_config
from jaso_core.config import config_folder, flatten
from jaso_core.config_groups import group_choices
from jaso_core.errors import RequestError, did_you_mean


def compose(verb: str, keywords: Mapping[str, Any]) -> dict[str, Any]:
    """Compose and resolve the configuration of `jaso <verb>` with these keys.

    Keys without a value are left as "???".

    A name chooses in a group (`model="kogpt2"`), a list several (`metrics=["chrf", "rouge"]`), a mapping sets keys
    below one (`trainer={"max_steps": 100}`, `model={"name": "hf", "path": …}`). RequestError for what is unknown.
    """
    choices, values = _split(keywords)
    for group, name in choices.items():
        _check_choice(group, name)
    config = _composed(verb, [f"{group}={_choice(name)}" for group, name in choices.items()])
    for key, value in flatten(values).items() if values else ():
        _set(config, key, value)
    return config


def _split(keywords: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Choices in groups and values of keys.

    {"model": {"name": "hf", "path": p}} → {"model": "hf"}, {"model": {"path": p}}
    """
    choices: dict[str, Any] = {}
    values: dict[str, Any] = {}
    for key, value in keywords.items():
        if not (config_folder() / key).is_dir():
            values[key] = _plain(value)
        elif isinstance(value, Mapping):
            choices |= {key: value["name"]} if "name" in value else {}
            values[key] = {name: _plain(item) for name, item in value.items() if name != "name"}
        else:
            choices[key] = value
    return choices, values


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value


def _choice(name: str | Sequence[str]) -> str:
    return name if isinstance(name, str) else f"[{','.join(name)}]"


def _check_choice(group: str, names: str | Sequence[str]) -> None:
    known = group_choices(group)
    for name in [names] if isinstance(names, str) else names:
        if name not in known:
            raise RequestError(f"{group} '{name}' is unknown", did_you_mean(str(name), known))


def _composed(verb: str, overrides: list[str]) -> dict[str, Any]:
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    try:
        resolved: Any = OmegaConf.to_container(compose_config(verb, overrides), resolve=True)
    except (HydraException, OmegaConfBaseException) as error:
        reason = str(error).splitlines()[0]
        raise RequestError(f"jaso.{verb.replace('-', '_')}: {reason}", "see docs/python.md") from None
    return dict(resolved)


def _set(config: dict[str, Any], key: str, value: Any) -> None:
    """Set one key of the configuration.

    What is below a key without its own defaults (`cluster_options`, `systems`) may be new.
    """
    *parents, last = key.split(".")
    node: Any = config
    for depth, parent in enumerate(parents):
        if parent not in node:
            raise _unknown(".".join(parents[: depth + 1]), node)
        node = node[parent]
    is_free = bool(parents) and (not node or (config_folder() / parents[0]).is_dir())  # the stage checks the others
    if last not in node and not is_free:
        raise _unknown(key, node)
    node[last] = value


def _unknown(key: str, node: Mapping[str, Any]) -> RequestError:
    return RequestError(f"config key '{key}' is unknown", did_you_mean(key.rsplit(".", 1)[-1], sorted(map(str, node))))

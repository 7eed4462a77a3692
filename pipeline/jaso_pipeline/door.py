"""Where Hydra stands: it composes the configuration, and a plain dictionary comes out."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import InterpolationResolutionError, OmegaConfBaseException

from jaso_core.config import config_folder, flatten
from jaso_core.errors import RequestError, WorkError, did_you_mean
from jaso_core.registry import extension_folders
from jaso_core.say import say
from jaso_pipeline.overrides import prepare


def open_door(verb: str, arguments: list[str], work: Callable[[dict[str, Any]], None]) -> None:
    """Composes `configs/<verb>.yaml` with the arguments and calls `work`, once a job in a sweep (-m).

    RequestError for whatever Hydra does not understand.
    """
    multirun = any(argument in ("-m", "--multirun") for argument in arguments)
    overrides = prepare(verb, arguments, multirun=multirun)
    folders = [f"file://{folder / 'configs'}" for folder in extension_folders() if (folder / "configs").is_dir()]
    if folders:
        overrides.append(f"hydra.searchpath=[{','.join(repr(folder) for folder in folders)}]")

    failures: list[Exception] = []

    def task(config: DictConfig) -> None:
        try:
            work(_plain(config))
        except Exception as error:  # kept, so that a failing cell of a sweep does not stop the others
            failures.append(error)
            if multirun:
                say(f"error: {error}")

    sys.argv = [f"jaso {verb}", *overrides]
    os.environ["HYDRA_FULL_ERROR"] = "1"  # exceptions reach us whole; a user never sees Hydra's traceback
    try:
        hydra.main(version_base="1.3", config_path=str(config_folder()), config_name=verb)(task)()
    except (HydraException, OmegaConfBaseException) as error:
        raise _explain(error, verb, arguments) from error
    if multirun and failures:
        raise WorkError(f"{len(failures)} of the sweep's jobs failed", "the lines above say why")
    if failures:
        raise failures[0]


def _plain(config: DictConfig) -> dict[str, Any]:
    """A dictionary without Hydra; in a sweep each job gets a folder of its own below `out`."""
    try:
        plain = cast(dict[str, Any], OmegaConf.to_container(config, resolve=True))
    except InterpolationResolutionError as error:
        raise RequestError(f"config key '{error.full_key}': {str(error).splitlines()[0]}", "set it") from None
    state = HydraConfig.get()
    if state.mode == RunMode.MULTIRUN and plain.get("out") not in (None, "???"):
        plain["out"] = str(Path(plain["out"]) / _job_name(list(state.overrides.task)))
    return plain


def _job_name(overrides: list[str]) -> str:
    parts = [part for part in overrides if part.split("=")[0] not in ("out", "input", "model_dir", "path")]
    return ",".join(re.sub(r"[^\w=.,+-]", "-", part) for part in parts) or "job"


def _explain(error: Exception, verb: str, arguments: list[str]) -> RequestError:
    text = str(error)
    first = text.splitlines()[0] if text else type(error).__name__
    if isinstance(error, OverrideParseException):
        return RequestError(
            f"'{error.override}' is not understood",
            "quote the value inside the shell's quotes, as in \"name='안녕 (주)'\" or \"names=['가','나']\"",
        )
    choice = re.search(r"Could not (?:find|load) '([\w/]+)/([^']+)'", text)
    if isinstance(error, MissingConfigException) and choice is not None:
        group, name = choice[1], choice[2]
        return RequestError(f"{group} '{name}' is unknown", did_you_mean(name, group_choices(group)))
    unknown = re.search(r"Could not override '([^']+)'|Key '([^']+)' is not in struct", text)
    if unknown:
        key = unknown[1] or unknown[2]
        return RequestError(f"config key '{key}' is unknown", _near_key(key, verb, arguments))
    key = getattr(error, "full_key", None) or ""
    return RequestError(f"config{f' key {key!r}' if key else ''}: {first}", f"`jaso {verb} --cfg job` shows all keys")


def _near_key(key: str, verb: str, arguments: list[str]) -> str:
    from difflib import get_close_matches

    keys = [k for k in compose_keys(verb, arguments) if not k.startswith("hydra")]
    near = get_close_matches(key, keys, n=1, cutoff=0.5)
    more = f"`jaso {verb} --cfg job` shows all keys"
    return f"did you mean '{near[0]}'? {more}" if near else more


def compose_keys(verb: str, arguments: list[str]) -> list[str]:
    """All keys that `verb` knows with the group choices in `arguments` (choices that do not exist are passed over)."""
    groups = set(group_names())
    choices = [a for a in arguments if a.split("=")[0] in groups and a.split("=")[-1] in group_choices(a.split("=")[0])]
    with hydra.initialize_config_dir(str(config_folder()), version_base="1.3"):
        config = hydra.compose(config_name=verb, overrides=[] if verb == "evaluate" else choices)
    return list(flatten(OmegaConf.to_container(config)))


def group_names() -> list[str]:
    """The config groups, without Hydra's own."""
    return sorted(p.name for p in config_folder().iterdir() if p.is_dir() and p.name != "hydra")


def group_choices(group: str) -> list[str]:
    """The YAML files of a group, here and in extension folders."""
    folders = [config_folder() / group, *(folder / "configs" / group for folder in extension_folders())]
    return sorted({path.stem for folder in folders for path in folder.glob("*.yaml")})

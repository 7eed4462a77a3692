"""Where Hydra stands: it composes the configuration, and a plain dictionary comes out."""

from __future__ import annotations

import os
import re
import sys
import tempfile
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
from jaso_core.errors import ExitCode, RequestError, WorkError, did_you_mean
from jaso_core.files import sha256_json
from jaso_core.registry import extension_folders
from jaso_pipeline.overrides import prepare


def open_door(
    verb: str, arguments: list[str], work: Callable[[dict[str, Any]], None], tell: Callable[[Exception], ExitCode]
) -> None:
    """Composes `configs/<verb>.yaml` with the arguments and calls `work`, once a job in a sweep (-m).

    RequestError for whatever Hydra does not understand. In a sweep `tell` says what went wrong in a job, the others
    go on, and a WorkError (or a RequestError, when all jobs were wrong requests) closes it.
    """
    flags, given = split_flags(arguments)
    multirun = bool({"-m", "--multirun"} & set(flags))
    _refuse_new_keys(verb, given)
    overrides = prepare(verb, given, multirun=multirun)
    folders = [f"file://{folder / 'configs'}" for folder in extension_folders() if (folder / "configs").is_dir()]
    if folders:
        overrides.append(f"hydra.searchpath=[{','.join(repr(folder) for folder in folders)}]")
    failures: list[Exception] = []
    codes: list[ExitCode] = []
    seen: set[str] = set()

    def task(config: DictConfig) -> None:
        try:
            plain = _plain(config, overrides)
            if plain.get("out") in seen:
                raise RequestError(f"out={plain['out']}: two jobs of the sweep would write here", "sweep less at once")
            seen.add(str(plain.get("out")))
            work(plain)
        except Exception as error:  # kept, so that a failing job of a sweep does not stop the others
            failures.append(error)
            if multirun:
                codes.append(tell(error))

    sys.argv = [f"jaso {verb}", *flags, *overrides]
    os.environ["HYDRA_FULL_ERROR"] = "1"  # exceptions reach us whole; a user never sees Hydra's traceback
    try:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["JASO_SWEEP_DIR"] = folder  # see configs/base.yaml
            hydra.main(version_base="1.3", config_path=str(config_folder()), config_name=verb)(task)()
    except (HydraException, OmegaConfBaseException) as error:
        raise _explain(error, verb, arguments) from error
    if multirun and failures:
        kind = RequestError if all(code is ExitCode.BAD_REQUEST for code in codes) else WorkError
        raise kind(f"{len(failures)} of the sweep's jobs failed", "the lines above say why")
    if failures:
        raise failures[0]


def _refuse_new_keys(verb: str, arguments: list[str]) -> None:
    """`+key=value` adds to a group's options; at the top there is nothing to add, and no stage would read it."""
    for argument in arguments:
        key = argument.lstrip("+").split("=")[0]
        added = argument.startswith("+") and "." not in key and key not in group_names()
        if added and key not in compose_keys(verb, arguments):
            raise RequestError(f"config key '{key}' is unknown", _near_key(key, verb, arguments))


_FLAGS = ("-m", "--multirun", "--resolve", "-r", "--run")
_FLAGS_WITH_VALUE = ("--cfg", "-c", "--package", "-p", "--config-dir", "-cd", "--info", "-i")


def split_flags(arguments: list[str]) -> tuple[list[str], list[str]]:
    """(flags, overrides): Hydra wants the flags first, people write them anywhere. RequestError for unknown ones."""
    flags: list[str] = []
    overrides: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        if argument in _FLAGS:
            flags.append(argument)
        elif argument in _FLAGS_WITH_VALUE:
            flags += [argument, next(waiting, "")]
        elif argument.startswith("-"):
            known = [flag for flag in (*_FLAGS, *_FLAGS_WITH_VALUE, "--help") if flag.startswith("--")]
            raise RequestError(f"flag '{argument}' is unknown", did_you_mean(argument, known))
        else:
            overrides.append(argument)
    return flags, overrides


def _plain(config: DictConfig, overrides: list[str]) -> dict[str, Any]:
    """A dictionary without Hydra; in a sweep each job gets a folder of its own below `out`."""
    try:
        plain = cast(dict[str, Any], OmegaConf.to_container(config, resolve=True))
    except InterpolationResolutionError as error:
        raise RequestError(f"config key '{error.full_key}': {str(error).splitlines()[0]}", "set it") from None
    state = HydraConfig.get()
    if state.mode == RunMode.MULTIRUN and plain.get("out") not in (None, "???"):
        swept = [part for part in state.overrides.task if part not in overrides]
        plain["out"] = str(Path(plain["out"]) / job_name(swept))
    return plain


def job_name(swept: list[str]) -> str:
    """A folder's name from the keys that vary: "split.test=0.2,seed=1"; long ones end in a digest of the whole."""
    name = re.sub(r"[^\w=.,+-]", "-", ",".join(swept).replace("'", "")) or "job"
    if len(name.encode()) <= 120 and name == ",".join(swept).replace("'", ""):
        return name
    return f"{name[:30]}-{sha256_json(swept)[:8]}"


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
    pairs = [argument.partition("=") for argument in prepare(verb, arguments, multirun=False)]
    groups = set(group_names())
    choices = [f"{key}={name}" for key, _, name in pairs if key in groups and name in group_choices(key)]
    with hydra.initialize_config_dir(str(config_folder()), version_base="1.3"):
        config = hydra.compose(config_name=verb, overrides=choices)
    return list(flatten(OmegaConf.to_container(config)))


def group_names() -> list[str]:
    """The config groups, without Hydra's own."""
    return sorted(p.name for p in config_folder().iterdir() if p.is_dir() and p.name != "hydra")


def group_choices(group: str) -> list[str]:
    """The YAML files of a group, here and in extension folders."""
    folders = [config_folder() / group, *(folder / "configs" / group for folder in extension_folders())]
    return sorted({path.stem for folder in folders for path in folder.glob("*.yaml")})

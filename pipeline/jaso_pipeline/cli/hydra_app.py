"""Hydra application: compose the configuration into a plain dictionary."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, cast

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import InterpolationResolutionError, OmegaConfBaseException

from jaso_core.compat.hydra import forget_plugin_launchers
from jaso_core.compose import compose, search_path
from jaso_core.config import config_folder, flatten
from jaso_core.config_groups import (
    group_choices,
    group_names,
)
from jaso_core.errors import JasoError, RequestError, did_you_mean
from jaso_core.io.files import sha256_json
from jaso_core.parallel.distributed import check_launcher, world
from jaso_core.stage.command import recorded_command
from jaso_pipeline.cli.launchers import LAUNCHERS, is_launcher_key, launcher_of, read_launcher, single_out
from jaso_pipeline.cli.override_quoting import to_hydra_overrides
from jaso_pipeline.cli.suggest_key import groups_of, suggest_flag, suggest_key
from jaso_pipeline.cli.sweep import SweepJob, run_sweep


def run_with_hydra(
    verb: str,
    arguments: list[str],
    work: Callable[[dict[str, Any]], None],
) -> None:
    """Compose `configs/<verb>.yaml` with the arguments and call `work`.

    In a sweep (-m) the stage runs once per job: what went wrong in a job is reported, the others continue, and a
    WorkError (or a RequestError, when all jobs were wrong requests) ends the sweep. RequestError for whatever Hydra
    does not understand. Of several processes that torchrun started only the first reports what is wrong with the
    request.
    """
    try:
        _compose_and_run(verb, arguments, work)
    except JasoError as error:
        if not world().is_main_process:
            raise SystemExit(int(error.exit_code)) from None
        raise


def _compose_and_run(
    verb: str,
    arguments: list[str],
    work: Callable[[dict[str, Any]], None],
) -> None:
    flags, user_overrides = split_flags(arguments, verb)
    multirun = bool({"-m", "--multirun"} & set(flags))
    check_launcher()
    _refuse_several_processes(verb, multirun=multirun)
    if verb != "study":  # of a study new keys go to its cells
        _refuse_new_keys(verb, user_overrides)
    overrides = to_hydra_overrides(verb, user_overrides, multirun=multirun)
    os.environ["HYDRA_FULL_ERROR"] = "1"  # exceptions are re-raised whole, then reported without Hydra's traceback
    try:
        if multirun:
            _run_jobs(verb, flags, overrides)
        else:
            _run_one(verb, flags, overrides, work)
    except (HydraException, OmegaConfBaseException) as error:
        raise _explain(error, verb, arguments) from error


def _run_one(verb: str, flags: list[str], overrides: list[str], work: Callable[[dict[str, Any]], None]) -> None:
    if launcher_of(overrides) != "basic":
        raise RequestError(f"hydra/launcher={launcher_of(overrides)}: nothing to launch", "add -m and keys to sweep")
    if flags:  # Hydra shows the configuration, and runs nothing
        _run_hydra(verb, [*flags, *overrides], lambda _: None)
        return
    settings = _to_plain_dict(compose(verb, overrides))
    with recorded_command(verb, overrides):
        work(settings)


def _run_jobs(verb: str, flags: list[str], overrides: list[str]) -> None:
    if set(flags) - {"-m", "--multirun"}:
        raise RequestError(f"flags {' '.join(flags)} do not go together", "leave -m and the swept keys out")
    launcher = read_launcher(overrides, partial(_compose_launcher, verb))
    out = single_out(overrides) if launcher.needs_folder else None
    run_sweep(verb, _compose_jobs(verb, flags, overrides), launcher, out)


def _compose_launcher(verb: str, overrides: list[str]) -> dict[str, Any]:
    forget_plugin_launchers(LAUNCHERS[1:])
    launcher = compose(verb, overrides, with_hydra=True).hydra.launcher
    return cast(dict[str, Any], OmegaConf.to_container(launcher, resolve=True))


def _compose_jobs(verb: str, flags: list[str], overrides: list[str]) -> list[SweepJob]:
    """Let Hydra expand the sweep: one job for each combination of the swept keys."""
    jobs: list[SweepJob] = []

    def collect(config: DictConfig) -> None:
        state = HydraConfig.get()
        name = job_name([part for part in state.overrides.task if part not in overrides])
        error, settings = None, {}
        try:
            settings = _to_plain_dict(config)
        except RequestError as fault:
            error = fault
        if settings.get("out") not in (None, "???"):
            settings["out"] = str(Path(settings["out"]) / name)  # its own folder
        arguments = (*flags, *overrides)
        jobs.append(SweepJob(int(state.job.num), name, verb, arguments, str(Path.cwd()), settings, error))

    own = [override for override in overrides if not is_launcher_key(override)]
    with tempfile.TemporaryDirectory() as folder:  # Hydra writes an unrequested multirun.yaml there
        _run_hydra(verb, [*flags, *own, f"hydra.sweep.dir='{folder}'"], collect)
    return jobs


def _run_hydra(verb: str, arguments: list[str], task: Callable[[DictConfig], None]) -> None:
    sys.argv = [f"jaso {verb}", *arguments, *search_path()]
    start = hydra.main(version_base="1.3", config_path=str(config_folder()), config_name=verb)(task)
    start()


def _refuse_several_processes(verb: str, *, multirun: bool) -> None:
    size = world().size
    if size > 1 and (verb != "train" or multirun):
        raise RequestError(
            f"`jaso {verb}{' -m' if multirun else ''}` was started in {size} processes, and runs in one",
            "start it without torchrun" + (", with hydra/launcher=joblib or submitit_slurm" if multirun else ""),
        )


def _refuse_new_keys(verb: str, arguments: list[str]) -> None:
    """Reject `+key=value` at the top level, which no stage would read.

    In a group `+key=value` adds to the group's options.
    """
    for argument in arguments:
        key = argument.lstrip("+").split("=")[0]
        is_added = argument.startswith("+") and "." not in key and key not in group_names()
        if is_added and key not in compose_keys(verb, arguments):
            raise RequestError(f"config key '{key}' is unknown", _suggest_key(key, verb, arguments))


_FLAGS = ("-m", "--multirun", "--resolve", "-r", "--run")
_FLAGS_WITH_VALUE = ("--cfg", "-c", "--package", "-p", "--config-dir", "-cd", "--info", "-i")


def split_flags(arguments: list[str], verb: str = "") -> tuple[list[str], list[str]]:
    """Split into (flags, overrides), since Hydra expects the flags first.

    Users write them anywhere. RequestError for an unknown flag, with the key of `verb` that it may be.
    """
    flags: list[str] = []
    overrides: list[str] = []
    remaining = iter(arguments)
    for argument in remaining:
        if argument in _FLAGS:
            flags.append(argument)
        elif argument in _FLAGS_WITH_VALUE:
            flags += [argument, next(remaining, "")]
        elif argument.startswith("-"):
            known_flags = [flag for flag in (*_FLAGS, *_FLAGS_WITH_VALUE, "--help") if flag.startswith("--")]
            overrides = [other for other in arguments if not other.startswith("-")]
            cure = did_you_mean(argument, known_flags)
            if verb and argument.startswith("--"):
                cure = suggest_flag(argument, known_flags, verb, compose_keys(verb, overrides)) or cure
            raise RequestError(f"flag '{argument}' is unknown", cure)
        else:
            overrides.append(argument)
    return flags, overrides


def _to_plain_dict(config: DictConfig) -> dict[str, Any]:
    """Resolve a DictConfig into a plain dictionary."""
    try:
        return cast(dict[str, Any], OmegaConf.to_container(config, resolve=True))
    except InterpolationResolutionError as error:
        raise RequestError(f"config key '{error.full_key}': {str(error).splitlines()[0]}", "set it") from None


def compose_config(verb: str, overrides: list[str]) -> dict[str, Any]:
    """Compose the configuration of a verb with overrides as users type them.

    For a command that runs others.
    """
    try:
        return _to_plain_dict(compose(verb, to_hydra_overrides(verb, overrides, multirun=False)))
    except (HydraException, OmegaConfBaseException) as error:
        raise _explain(error, verb, overrides) from error


def job_name(swept: list[str]) -> str:
    """Return a job's folder name from its swept keys: "split.test=0.2,seed=1".

    Long names end in a digest of the whole.
    """
    # ["split.test=0.2", "seed=1"] → "split.test=0.2,seed=1"; a changed or long name gets a digest
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
        return RequestError(
            f"{group} '{name}' is unknown",
            did_you_mean(name, list(LAUNCHERS) if group == "hydra/launcher" else group_choices(group)),
        )
    unknown = re.search(r"Could not override '([^']+)'|Key '([^']+)' is not in struct", text)
    if unknown:
        key = unknown[1] or unknown[2]
        return RequestError(f"config key '{key}' is unknown", _suggest_key(key, verb, arguments))
    key = getattr(error, "full_key", None) or ""
    return RequestError(f"config{f' key {key!r}' if key else ''}: {first}", f"`jaso {verb} --cfg job` shows all keys")


def _suggest_key(key: str, verb: str, arguments: list[str]) -> str:
    return suggest_key(key, verb, compose_keys(verb, arguments))


def compose_keys(verb: str, arguments: list[str]) -> list[str]:
    """Return all keys that `verb` knows with the group choices in `arguments`.

    Choices that do not exist are ignored.
    """
    pairs = [argument.partition("=") for argument in to_hydra_overrides(verb, arguments, multirun=False)]
    groups = groups_of(verb)
    choices = [f"{key}={name}" for key, _, name in pairs if key in groups and name in group_choices(key)]
    return list(flatten(OmegaConf.to_container(compose(verb, choices))))

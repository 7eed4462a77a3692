"""Read-only commands: list, show, status, doctor."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import get_terminal_size
from typing import Any

from jaso_core import __version__
from jaso_core.config import config_folder
from jaso_core.config_groups import (
    group_choices,
    group_names,
)
from jaso_core.console import Lines, result
from jaso_core.errors import RequestError, did_you_mean
from jaso_core.registry import Registry, extension_folders
from jaso_core.stage.folder_state import FolderStates
from jaso_core.stage.former_packing import describe_wrong_loss
from jaso_core.stage.own_files import STATE

# Registry of each config group; a group that is absent here is YAML alone.
REGISTRIES = {
    "source": "jaso_crawl.sources:SOURCES",
    "clean": "jaso_preprocess.steps:STEPS",
    "sentences": "jaso_preprocess.sentences:SPLITTERS",
    "prompt": "jaso_core.prompts:PROMPTS",
    "model": "jaso_train.models:MODELS",
    "task": "jaso_train.tasks:TASKS",
    "freeze": "jaso_train.freezing:FREEZING",
    "metrics": "jaso_evaluate.metrics:METRICS",
}


def registry(group: str) -> Registry[Any] | None:
    """Return the registry behind a config group, or None."""
    if group not in REGISTRIES:
        return None
    module, name = REGISTRIES[group].split(":")
    registered: Registry[Any] = getattr(importlib.import_module(module), name)
    return registered


def version() -> str:
    """Return the text of `jaso --version`."""
    return f"jaso {__version__}"


def list_group(arguments: list[str]) -> None:
    """Run `jaso list [group]`: one line per choice."""
    if not arguments:
        for group in group_names():
            if group_choices(group):
                result(f"{group:<11} {', '.join(group_choices(group))}")
        return
    group = _check_group(arguments[0])
    width = max(28, *map(len, group_choices(group)))
    for name in group_choices(group):
        result(f"{name:<{width}} {_summary(group, name)}".rstrip())


def show(arguments: list[str]) -> None:
    """Run `jaso show <group> <name>`: description, code location, commented YAML."""
    if arguments[:1] == ["changes"]:
        _show_changes(arguments[1:])
        return
    options = arguments[2:] if arguments[:1] == ["prompt"] else []
    if len(arguments) != 2 + len(options):
        raise RequestError("`jaso show` needs a group and a name", "for example: jaso show prompt question_answer")
    group, name = _check_group(arguments[0]), arguments[1]
    if name not in group_choices(group):
        raise RequestError(f"{group} '{name}' is unknown", did_you_mean(name, group_choices(group)))
    path = _yaml_path(group, name)
    rendered = _render_prompt(name, path, options) if group == "prompt" else []
    entries = registry(group)
    if entries is not None and name in entries.names():
        entry = entries.get(name)
        result(Lines(f"{entry.doc}\n\ncode: {_relative(entry.file)}:{entry.line}"))
    result(Lines(f"yaml: {_relative(path)}\n\n{path.read_text(encoding='utf-8').rstrip()}"))
    for line in rendered:
        result(line, colours=_use_colour())


def _render_prompt(name: str, path: Path, arguments: list[str]) -> list[str]:
    """Render `jaso show prompt <name> [input=…]` with its tokens.

    The user's data are used if they are given.
    """
    from jaso_pipeline.inspect.show_prompt import parse_request, show_prompt

    request = parse_request(name, path.read_text(encoding="utf-8"), arguments)
    return list(show_prompt(request, _use_colour(), min(120, get_terminal_size((100, 24)).columns)))


def _show_changes(arguments: list[str]) -> None:
    """Run `jaso show changes <dir> [step] [n]`: texts before and after cleaning."""
    from jaso_preprocess.show_changes import show_changes

    steps = [argument for argument in arguments[1:] if not argument.isdigit()]
    counts = [int(argument) for argument in arguments[1:] if argument.isdigit()]
    if not arguments or len(steps) > 1 or len(counts) > 1:
        raise RequestError(
            "`jaso show changes` needs a folder", "for example: jaso show changes runs/demo/preprocess 5"
        )
    for line in show_changes(
        Path(arguments[0]), steps[0] if steps else None, counts[0] if counts else 10, _use_colour()
    ):
        result(line, colours=_use_colour())


def _use_colour() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def status(arguments: list[str]) -> None:
    """Run `jaso status <dir>`: state of each stage folder at or below <dir>.

    Every byte is checked, and that each folder's inputs are still what it was made from.
    """
    if len(arguments) != 1:
        raise RequestError("`jaso status` needs one folder", "for example: jaso status runs/demo")
    root = Path(arguments[0])
    if not root.is_dir():
        raise RequestError(f"{root}: no such folder", "check the path")
    folders = sorted({*_folders(root, "manifest.json"), *_folders(root, f"{STATE}/request.json")})
    if not folders:
        result(f"{root}: no stage has written here")
    states = FolderStates()
    for folder in folders:
        result(f"{folder}: {states.describe(folder)}")
        if wrong_loss := describe_wrong_loss(folder):
            result(f"{folder}: {wrong_loss}")


def doctor(arguments: list[str]) -> None:
    """Run `jaso doctor`."""
    from jaso_pipeline.inspect.doctor import findings

    if arguments:
        raise RequestError("`jaso doctor` takes no arguments", "leave them out")
    for finding in findings():
        result(str(finding))


COMMANDS: dict[str, Callable[[list[str]], None]] = {
    "list": list_group,
    "show": show,
    "status": status,
    "doctor": doctor,
}


def _folders(root: Path, mark: str) -> list[Path]:
    depth = len(Path(mark).parts)
    return [path.parents[depth - 1] for path in root.rglob(mark)]


def _check_group(name: str) -> str:
    if name not in group_names():
        raise RequestError(f"config group '{name}' is unknown", did_you_mean(name, group_names()))
    return name


def _summary(group: str, name: str) -> str:
    entries = registry(group)
    if entries is not None and name in entries.names():
        return entries.get(name).doc.split("\n")[0]
    lines = _yaml_path(group, name).read_text(encoding="utf-8").splitlines()
    return next((line.lstrip("# ") for line in lines if line.startswith("#") and "@package" not in line), "")


def _yaml_path(group: str, name: str) -> Path:
    folders = [config_folder() / group, *(folder / "configs" / group for folder in extension_folders())]
    return next(folder / f"{name}.yaml" for folder in folders if (folder / f"{name}.yaml").is_file())


def _relative(path: Path) -> str:
    for base in (Path.cwd(), config_folder().parent):
        if path.is_relative_to(base):
            return str(path.relative_to(base))
    return str(path)

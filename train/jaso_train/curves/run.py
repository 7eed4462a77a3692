"""`jaso curves`: compare several trainings on common axes, with their options."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

from jaso_core.config import REQUIRED, pick, to_settings
from jaso_core.console import say
from jaso_core.errors import RequestError
from jaso_core.io.files import atomic_text, read_json, write_json
from jaso_core.stage.manifest import NAME, read_manifest
from jaso_core.stage.own_files import STATE
from jaso_core.stage.runner import Outcome, StageRun, request_of, run_stage, volatile


@dataclass(frozen=True)
class CurvesSettings:
    """`runs`: folders that `jaso train` wrote, or that contain such folders.

    `order_by`: the config key whose values order the runs; None for all that differ. `different_data`: also runs that
    were trained on other data than the first.
    """

    out: str = REQUIRED
    runs: list[str] = REQUIRED
    order_by: str | None = None
    different_data: bool = False
    seed: int = volatile(0)


@dataclass(frozen=True)
class TrainFolders:
    """`folders`: finished train folders. `broken_off`: unfinished ones, skipped.

    `broken_off` are paths below the folder in the request.
    """

    folders: list[Path]
    broken_off: list[str]


def settings(config: Mapping[str, Any], *, strict: bool = True) -> CurvesSettings:
    """Check the configuration; `runs` may be one text with commas."""
    config = dict(config if strict else pick(config, CurvesSettings))
    if isinstance(config.get("runs"), str) and config["runs"] != "???":
        config["runs"] = [part for part in config["runs"].split(",") if part]
    return to_settings(config, CurvesSettings)


def run(settings: CurvesSettings) -> Outcome:
    """Write the comparison into settings.out."""
    selection = find_train_folders(settings.runs)
    names = labels(selection.folders)
    inputs = {f"runs[{index}]": path for index, path in enumerate(selection.folders)}
    # The labels appear in the tables; the rest of a path does not matter.
    request = {**request_of(settings), "runs": names, "broken_off": selection.broken_off}

    def work(stage: StageRun) -> None:
        _work(settings, stage, dict(zip(names, selection.folders, strict=True)), selection.broken_off)

    return run_stage("curves", Path(settings.out), request, inputs, work)


def find_train_folders(paths: Sequence[str]) -> TrainFolders:
    """Return the train folders in `paths` and below other folders, in path order.

    RequestError: a folder is absent, another stage's, or holds no finished training; or there is only one in all.
    """
    folders: list[Path] = []
    broken_off: list[str] = []
    for path in map(Path, paths):
        if not path.is_dir():
            raise RequestError(f"{path}: no such folder", "check the path")
        if (path / NAME).is_file() or (path / STATE).is_dir():
            folders.append(_check_stage(path))
            continue
        finished, broken = _find_below(path)
        if not finished:
            hint = f" (broken off: {broken[0]})" if broken else ""
            raise RequestError(f"{path}: holds no finished training{hint}", "give folders that `jaso train` wrote")
        folders += finished
        broken_off += [folder.relative_to(path).as_posix() for folder in broken]
    if len(folders) < 2:
        raise RequestError(
            f"config key 'runs': {folders[0] if folders else 'no folder'} has nothing to be compared with",
            "give runs=<dir>,<dir>, or a folder that holds several",
        )
    return TrainFolders(folders, broken_off)


def labels(paths: Sequence[Path]) -> list[str]:
    """Return the distinctive parts of the paths, without their common start and end.

    RequestError when a folder is given twice.
    """
    parts = [path.resolve().parts for path in paths]
    if len(set(parts)) < len(parts):
        duplicate = next(path for path, path_parts in zip(paths, parts, strict=True) if parts.count(path_parts) > 1)
        raise RequestError(f"config key 'runs': {duplicate} is given twice", "name each folder once")
    head, tail = _common(parts), _common([path_parts[::-1] for path_parts in parts])
    # /a/x/run, /a/y/run → head 2, tail 1 → labels x, y. Where one path ends in the middle of another's, the common end
    # would take all that is left of it.
    tail = min(tail, *(len(path_parts) - head - 1 for path_parts in parts))
    names = ["/".join(path_parts[head : len(path_parts) - max(tail, 0)]) or path_parts[-1] for path_parts in parts]
    return names if len(set(names)) == len(names) else ["/".join(path_parts[head - 1 :]) for path_parts in parts]


def _common(parts: Sequence[tuple[str, ...]]) -> int:
    """Return the number of leading parts that all paths share."""
    return len(list(takewhile(lambda column: len(set(column)) == 1, zip(*parts, strict=False))))


def _check_stage(path: Path) -> Path:
    manifest = read_manifest(path)
    if manifest is not None and manifest.stage != "train":
        raise RequestError(f"{path}: made by `jaso {manifest.stage}`", "give folders that `jaso train` wrote")
    return path  # an incomplete folder is rejected later, with the other inputs


def _find_below(path: Path) -> tuple[list[Path], list[Path]]:
    """Return finished and broken-off train folders below `path`.

    Other stages' folders are not entered, they may be huge.
    """
    finished, broken = [], []
    for name, subfolders, files in os.walk(path):
        folder = Path(name)
        if NAME not in files and STATE not in subfolders:
            subfolders.sort()
            continue
        if NAME in files:
            finished += [folder] if _stage(folder / NAME) == "train" else []
        elif _stage(folder / STATE / "request.json") == "train":
            broken.append(folder)
        subfolders.clear()
    return finished, broken


def _stage(file: Path) -> object:
    """Return the stage in a manifest or a request; None for other files."""
    try:
        body = read_json(file)
    except RequestError:
        return None
    return body.get("stage") if isinstance(body, dict) else None


def _work(settings: CurvesSettings, stage: StageRun, folders: Mapping[str, Path], broken_off: Sequence[str]) -> None:
    from jaso_train.curves.comparison import Run, compare
    from jaso_train.curves.files import render
    from jaso_train.curves.vocabularies import vocabularies
    from jaso_train.report.folder import read_train_folder

    runs = [Run(label, read_train_folder(path)) for label, path in folders.items()]
    comparison = compare(runs, settings.order_by, different_data=settings.different_data)
    comparison["vocabularies"], comparison["overlap"] = vocabularies(comparison["runs"], folders)
    comparison["notes"] += [f"{name}: broken off, left out" for name in broken_off]
    for note in comparison["notes"]:
        say(f"curves: {note}")
    stage.counts["runs"] = len(runs)
    write_json(stage.add("curves.json"), comparison)
    for suffix, text in render(comparison).items():
        with atomic_text(stage.add(f"curves.{suffix}")) as stream:
            stream.write(text)

"""`jaso curves`: how several trainings went, on common axes, beside what differs between them."""

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
from jaso_core.stage.folder import STATE
from jaso_core.stage.manifest import NAME, read_manifest
from jaso_core.stage.runner import Outcome, StageRun, request_of, run_stage, volatile


@dataclass(frozen=True)
class CurvesSettings:
    """`runs`: folders that `jaso train` wrote, or that hold such. `order_by`: the config key whose values order the
    runs; None for all that differ. `different_data`: also runs that were trained on other data than the first."""

    out: str = REQUIRED
    runs: list[str] = REQUIRED
    order_by: str | None = None
    different_data: bool = False
    seed: int = volatile(0)


@dataclass(frozen=True)
class Found:
    """`folders`: finished train folders. `broken_off`: those passed over, as paths below the folder that was named."""

    folders: list[Path]
    broken_off: list[str]


def settings(config: Mapping[str, Any], *, strict: bool = True) -> CurvesSettings:
    """Checks the configuration. `runs` may be one text with commas."""
    config = dict(config if strict else pick(config, CurvesSettings))
    if isinstance(config.get("runs"), str) and config["runs"] != "???":
        config["runs"] = [part for part in config["runs"].split(",") if part]
    return to_settings(config, CurvesSettings)


def run(settings: CurvesSettings) -> Outcome:
    """Fills settings.out."""
    found = find(settings.runs)
    names = labels(found.folders)
    inputs = {f"runs[{place}]": path for place, path in enumerate(found.folders)}
    # What stands in the tables; the rest of a path does not matter.
    request = {**request_of(settings), "runs": names, "broken_off": found.broken_off}

    def work(stage: StageRun) -> None:
        _work(settings, stage, dict(zip(names, found.folders, strict=True)), found.broken_off)

    return run_stage("curves", Path(settings.out), request, inputs, work)


def find(paths: Sequence[str]) -> Found:
    """The train folders that are named, and those below other folders, in the order of their paths.

    RequestError: a folder is absent, another stage's, or holds no finished training; or there is only one in all.
    """
    found: list[Path] = []
    broken_off: list[str] = []
    for path in map(Path, paths):
        if not path.is_dir():
            raise RequestError(f"{path}: no such folder", "check the path")
        if (path / NAME).is_file() or (path / STATE).is_dir():
            found.append(_named(path))
            continue
        whole, broken = _below(path)
        if not whole:
            more = f" (broken off: {broken[0]})" if broken else ""
            raise RequestError(f"{path}: holds no finished training{more}", "give folders that `jaso train` wrote")
        found += whole
        broken_off += [each.relative_to(path).as_posix() for each in broken]
    if len(found) < 2:
        raise RequestError(
            f"config key 'runs': {found[0] if found else 'no folder'} has nothing to be compared with",
            "give runs=<dir>,<dir>, or a folder that holds several",
        )
    return Found(found, broken_off)


def labels(paths: Sequence[Path]) -> list[str]:
    """The parts of the paths that tell them apart: what all begin or end with is left out.

    RequestError when a folder is given twice.
    """
    parts = [path.resolve().parts for path in paths]
    if len(set(parts)) < len(parts):
        twice = next(path for path, own in zip(paths, parts, strict=True) if parts.count(own) > 1)
        raise RequestError(f"config key 'runs': {twice} is given twice", "name each folder once")
    head, tail = _common(parts), _common([own[::-1] for own in parts])
    # Where one path ends in the middle of another's, the common end would take all that is left of it.
    tail = min(tail, *(len(own) - head - 1 for own in parts))
    names = ["/".join(own[head : len(own) - max(tail, 0)]) or own[-1] for own in parts]
    return names if len(set(names)) == len(names) else ["/".join(own[head - 1 :]) for own in parts]


def _common(parts: Sequence[tuple[str, ...]]) -> int:
    """How many parts all begin with."""
    return len(list(takewhile(lambda place: len(set(place)) == 1, zip(*parts, strict=False))))


def _named(path: Path) -> Path:
    manifest = read_manifest(path)
    if manifest is not None and manifest.stage != "train":
        raise RequestError(f"{path}: made by `jaso {manifest.stage}`", "give folders that `jaso train` wrote")
    return path  # one that is not complete is refused with the other inputs


def _below(path: Path) -> tuple[list[Path], list[Path]]:
    """Finished and broken-off train folders below `path`; other stages' folders are not entered, they may be huge."""
    whole, broken = [], []
    for name, below, files in os.walk(path):
        folder = Path(name)
        if NAME not in files and STATE not in below:
            below.sort()
            continue
        if NAME in files:
            whole += [folder] if _stage(folder / NAME) == "train" else []
        elif _stage(folder / STATE / "request.json") == "train":
            broken.append(folder)
        below.clear()
    return whole, broken


def _stage(file: Path) -> object:
    """The stage that a manifest or a request names; None for files of others."""
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
    found = compare(runs, settings.order_by, different_data=settings.different_data)
    found["vocabularies"], found["overlap"] = vocabularies(found["runs"], folders)
    found["notes"] += [f"{name}: broken off, left out" for name in broken_off]
    for note in found["notes"]:
        say(f"curves: {note}")
    stage.counts["runs"] = len(runs)
    write_json(stage.add("curves.json"), found)
    for suffix, text in render(found).items():
        with atomic_text(stage.add(f"curves.{suffix}")) as stream:
            stream.write(text)

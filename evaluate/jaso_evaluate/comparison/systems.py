"""Group runs that differ in their seeds into systems: by name, folder or manifest."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jaso_core.errors import RequestError
from jaso_evaluate.comparison.inputs import ScoredRun, labels, read_run

GROUPINGS = ("none", "label", "manifest")

# "seed=3", "seed-3", "trainer.seed=3", "s3" as a separate word; an underscore ends a word here.
SEED = re.compile(r"(?:(?:^|(?<=[,/]))[\w.]+\.)?(?<![^\W_])(?:seed[=_-]?|s)\d+(?![^\W_])", re.IGNORECASE)
_EDGES = re.compile(r"^[\s,;._+-]+|[\s,;._+-]+$")
_DOUBLED = re.compile(r"([\s,;._+-])[\s,;._+-]+")


@dataclass(frozen=True)
class System:
    """One column of the comparison: a run, or several that differ in their seeds."""

    name: str
    runs: tuple[ScoredRun, ...]


def read_systems(folders: Mapping[str, Sequence[str | Path]]) -> list[System]:
    """Read {name: scored folders, one per seed}."""
    return [
        System(name, tuple(read_run(Path(path), f"{name} {i}") for i, path in enumerate(paths)))
        for name, paths in folders.items()
    ]


def seed_pattern(by: str) -> re.Pattern[str]:
    """Return the pattern that is removed from folder names.

    RequestError when `by` is no word of GROUPINGS and no regular expression.
    """
    if by in GROUPINGS:
        return SEED
    try:
        return re.compile(by)
    except re.error as error:
        words = ", ".join(GROUPINGS)
        raise RequestError(f"config key 'systems_by': '{by}': {error}", f"give {words} or a pattern") from None


def group_runs(
    runs: Sequence[ScoredRun], named: Mapping[str, Sequence[str]], by: str
) -> tuple[list[System], list[str]]:
    """Group runs into systems, in the order of their first runs; and notes.

    `named`: labels of runs by system.
    """
    if named:
        by_label = {run.label: run for run in runs}
        systems = [System(name, tuple(by_label[label] for label in run_labels)) for name, run_labels in named.items()]
    elif by == "none":
        systems = [System(run.label, (run,)) for run in runs]
    elif by == "manifest":
        systems = _by_manifest(runs)
    else:
        systems = _by_label(runs, seed_pattern(by))
    if len(systems) < 2:
        raise RequestError(
            f"config key 'systems_by': all runs are one system ({', '.join(run.label for run in runs)})",
            "add runs of another one, or compare seeds with systems_by=none",
        )
    return systems, _notes(systems, runs, by if not named else "named")


def _by_label(runs: Sequence[ScoredRun], seed: re.Pattern[str]) -> list[System]:
    keys = [_path_without_seed(run.folder, seed) for run in runs]
    unique = list(dict.fromkeys(keys))
    names = labels(unique)
    return [
        System(name, tuple(run for run, other in zip(runs, keys, strict=True) if other == key))
        for name, key in zip(names, unique, strict=True)
    ]


def _by_manifest(runs: Sequence[ScoredRun]) -> list[System]:
    keys = [run.identity or f"run {i}" for i, run in enumerate(runs)]
    systems: list[System] = []
    for key in dict.fromkeys(keys):
        members = tuple(run for run, other in zip(runs, keys, strict=True) if other == key)
        short = "/".join(filter(None, (_without_seed(part, SEED) for part in members[0].label.split("/"))))
        taken = {system.name for system in systems}
        systems.append(
            System(short if len(members) > 1 and short and short not in taken else members[0].label, members)
        )
    return systems


def _path_without_seed(folder: Path, seed: re.Pattern[str]) -> str:
    parts = (_without_seed(part, seed) for part in folder.resolve().parts[1:])
    return "/" + "/".join(part for part in parts if part)


def _without_seed(name: str, seed: re.Pattern[str]) -> str:
    # gpt-seed=3 → gpt; lora-s12-b → lora-b; trainer.seed=3,lr=1e-4 → lr=1e-4; news stays
    cut = seed.sub("", name)
    return name if cut == name else _EDGES.sub("", _DOUBLED.sub(r"\1", cut))


def _notes(systems: Sequence[System], runs: Sequence[ScoredRun], by: str) -> list[str]:
    notes = []
    if by == "manifest":
        notes += [
            f"{run.label}: no training is known of it, so it stands for itself" for run in runs if run.identity is None
        ]
    if by == "none":
        notes += _notes_on_seeds(runs)
    several = [system for system in systems if len(system.runs) > 1]
    for system in several:
        models = [run.model for run in system.runs]
        if None not in models and len(set(models)) < len(models):
            notes.append(f"{system.name}: some of its runs are of one trained model; their SD is not training's alone")
    single = [system.name for system in systems if len(system.runs) == 1]
    if several and single:
        notes.append(f"{', '.join(single)}: one seed only, so its luck in training is in no interval and no test")
    few = [system.name for system in several if len(system.runs) < 5]
    if few:
        notes.append(
            f"{', '.join(few)}: few seeds. Their variance is a rough guess, which the intervals allow for; two systems "
            "of 3 seeds each are told apart reliably only where they differ by some four SDs between seeds"
        )
    return notes


def _notes_on_seeds(runs: Sequence[ScoredRun]) -> list[str]:
    by_identity: dict[str, list[str]] = {}
    for run in runs:
        if run.identity is not None:
            by_identity.setdefault(run.identity, []).append(run.label)
    return [
        f"{', '.join(run_labels)} differ in seeds only; systems_by=manifest takes them as one system"
        for run_labels in by_identity.values()
        if len(run_labels) > 1
    ]

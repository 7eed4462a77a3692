"""Inputs of `jaso compare`: scored folders, shared measures, comparable texts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jaso_core.errors import RequestError, did_you_mean
from jaso_core.stage.folder_state import existing_paths
from jaso_core.stage.former_packing import describe_wrong_loss
from jaso_core.stage.manifest import read_manifest
from jaso_evaluate.metrics.bits_per_character import NAME as BITS
from jaso_evaluate.schema import DegenerationFacts, RunFile, Score, TextScores
from jaso_evaluate.scoring.scored_folder import read_scored_folder

# What an evaluation's request may differ in without another system being evaluated.
_IGNORED_KEYS = ("seed", "resamples", "metrics")


@dataclass(frozen=True)
class ScoredRun:
    """Scores of one folder: entries of scores.json, lines of scores.jsonl by id.

    `reductions` by measure. `baselines` are measures of other models, to be compared with within the run;
    `of_the_whole`: corpus-level measures, of which no part and no single text has a score. `identity` is equal for
    runs whose requests differ in seeds only; None where the training is unknown. `model` is the hash of the trained
    folder.
    """

    label: str
    metrics: Mapping[str, Score]
    reductions: Mapping[str, str]
    lines: Mapping[str, TextScores]
    baselines: frozenset[str] = frozenset()
    identity: str | None = None
    model: str | None = None
    folder: Path = field(default=Path())
    of_the_whole: frozenset[str] = frozenset()
    degeneration: DegenerationFacts | None = None


def read_run(folder: Path, label: str) -> ScoredRun:
    """Read the scores in a folder. RequestError when it holds none."""
    if not (folder / "scores.jsonl").is_file():
        raise RequestError(f"{folder}: has no scores.jsonl", "give folders that `jaso evaluate` or `jaso score` wrote")
    facts, metrics, lines = read_scored_folder(folder)
    identity, model = _identity(folder, facts)
    return ScoredRun(
        label,
        metrics,
        facts["scoring"]["reductions"],
        lines,
        frozenset(facts["scoring"]["baselines"]),
        identity,
        model,
        folder,
        frozenset(facts["scoring"].get("of_the_whole", ())),
        facts.get("degeneration"),
    )


def _identity(folder: Path, facts: RunFile) -> tuple[str | None, str | None]:
    manifest = read_manifest(folder)
    training = facts.get("train", {}).get("request")
    if manifest is None or training is None:
        return None, None
    request = {"evaluate": dict(manifest.request), "train": training, "input": manifest.inputs["input"]["sha256"]}
    return json.dumps(_without_seeds(request), sort_keys=True), manifest.inputs["model"]["sha256"]


def _without_seeds(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {key: _without_seeds(value) for key, value in node.items() if key not in _IGNORED_KEYS}
    return node


def wrong_losses(runs: Sequence[ScoredRun]) -> list[str]:
    """Return a note for each run whose model was trained with a wrong loss.

    None for a run that no longer has its model's folder where it was evaluated.
    """
    notes = []
    for run in runs:
        manifest = read_manifest(run.folder)
        entry = manifest.inputs.get("model") if manifest else None
        folders = existing_paths(run.folder, entry["path"]) if entry else []
        fault = describe_wrong_loss(folders[0]) if folders else None
        if fault:
            notes.append(f"{run.label}: the model's training: {fault}")
    return notes


def labels(paths: Sequence[str]) -> list[str]:
    """Return folder names, with as many parent folders as make them unique."""
    # /x/1/evaluate, /x/2/evaluate → 1/evaluate, 2/evaluate
    parts = [Path(path).resolve().parts for path in paths]
    for depth in range(1, max(map(len, parts)) + 1):
        names = ["/".join(p[-depth:]) for p in parts]
        if len(set(names)) == len(names):
            return names
    raise RequestError(f"config key 'runs': {paths[0]} is given twice", "name each folder once")


def common_ids(runs: Sequence[ScoredRun]) -> list[str]:
    """Return the ids that all runs have.

    RequestError when there are none, or when references or groups differ between runs.
    """
    first = runs[0]
    ids = [i for i in first.lines if all(i in run.lines for run in runs)]
    if not ids:
        raise RequestError(
            f"{' and '.join(run.label for run in runs)}: no example id is in all of them",
            "compare runs on the same input",
        )
    for run in runs[1:]:
        for i in ids:
            if run.lines[i]["reference"] != first.lines[i]["reference"]:
                raise RequestError(
                    f"{run.label}: example '{i}' has another reference than in {first.label}",
                    "compare runs on the same input",
                )
            if run.lines[i]["group"] != first.lines[i]["group"]:
                raise RequestError(
                    f"{run.label}: example '{i}' is of another group than in {first.label}",
                    "score both from predictions with the same meta.group",
                )
    return ids


def missing_notes(runs: Sequence[ScoredRun], n: int) -> list[str]:
    """Return a note for each run of which not all examples count."""
    return [
        f"{run.label}: {n:,} of its {len(run.lines):,} examples are in all runs; the others are left out"
        for run in runs
        if len(run.lines) != n
    ]


def common_measures(runs: Sequence[ScoredRun], wanted: Sequence[str] = ()) -> tuple[list[str], list[str]]:
    """Return measures with the same signature in all runs, and notes on the others.

    `wanted`: of these only (none: of all). RequestError for one that no run has.
    """
    all_names = dict.fromkeys(name for run in runs for name in run.metrics)
    for name in wanted:
        if name not in all_names:
            raise RequestError(f"config key 'measures': '{name}'", did_you_mean(name, sorted(all_names)))
    names, notes = [], []
    for name in wanted or all_names:
        lacking = [run.label for run in runs if name not in run.metrics]
        signatures = {run.metrics[name]["signature"] for run in runs if name in run.metrics}
        if lacking:
            notes.append(f"{name}: left out, {', '.join(lacking)} has it not")
        elif len(signatures) > 1:
            notes.append(f"{name}: left out, the signatures differ: {' / '.join(sorted(signatures))}")
        else:
            names.append(name)
    return names, notes


def comparable_texts(name: str, runs: Sequence[ScoredRun], ids: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the texts that the runs can be compared on by a measure; and notes.

    A text needs a value in every run. Bits must also be of the same characters in every run: a shorter limit or a
    longer prompt leaves room for less of a reference, and what is scored is always its beginning.
    """
    if any(name in run.of_the_whole and len(run.lines) != len(ids) for run in runs):
        return [], [f"{name}: left out, it is of all texts together, and not all are in all runs"]
    with_value = [i for i in ids if all(run.lines[i]["stats"][name] is not None for run in runs)]
    if not with_value:
        return [], [f"{name}: left out, no text has a value in every run"]
    if not name.startswith(BITS):
        return with_value, []
    comparable = [i for i in with_value if len({_characters(run, name, i) for run in runs}) == 1]
    if not comparable:
        return [], [f"{name}: left out, no text was scored on the same characters in every run"]
    unequal = len(with_value) - len(comparable)
    reason = "were not scored on the same characters in every run and are left out"
    return comparable, [f"{name}: {unequal:,} of {len(with_value):,} texts {reason}"] if unequal else []


def _characters(run: ScoredRun, name: str, example: str) -> float | None:
    """Return the characters that bits were scored on: the second statistic of a ratio."""
    stats = run.lines[example]["stats"][name]
    return None if stats is None else stats[1]

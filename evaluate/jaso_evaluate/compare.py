"""`jaso compare`: runs on the same examples side by side, with intervals and paired tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaso_core.config import REQUIRED, pick, to_settings
from jaso_core.errors import RequestError
from jaso_core.files import atomic_text, read_json, read_jsonl, write_json
from jaso_core.say import say
from jaso_core.stage import Outcome, StageRun, request_of, run_stage
from jaso_evaluate import comparison_tables as tables
from jaso_evaluate.metrics import METRICS
from jaso_evaluate.metrics.bits_per_character import NAME as BITS
from jaso_evaluate.reductions import Reduction, reduction
from jaso_evaluate.score import check_resamples
from jaso_evaluate.scoring import rounded
from jaso_evaluate.statistics import Bootstrap, difference, holm, interval

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CompareSettings:
    """`runs`: folders that `jaso evaluate` or `jaso score` wrote; the first is what the others are compared with."""

    out: str = REQUIRED
    runs: list[str] = REQUIRED
    resamples: int = 10_000
    seed: int = 0

    def __post_init__(self) -> None:
        check_resamples(self.resamples)


@dataclass(frozen=True)
class ScoredRun:
    """A folder's scores: the entries of scores.json, reductions by measure, lines of scores.jsonl by id.

    `baselines` are measures of other models, there to be compared with within the run.
    """

    label: str
    metrics: Mapping[str, Any]
    reductions: Mapping[str, str]
    lines: Mapping[str, Mapping[str, Any]]
    baselines: frozenset[str] = frozenset()


def settings(config: Mapping[str, Any], *, strict: bool = True) -> CompareSettings:
    """Checks the configuration. `runs` may be one text with commas."""
    config = dict(config if strict else pick(config, CompareSettings))
    if isinstance(config.get("runs"), str) and config["runs"] != "???":
        config["runs"] = [part for part in config["runs"].split(",") if part]
    checked = to_settings(config, CompareSettings)
    if len(checked.runs) < 2:
        raise RequestError("config key 'runs': one folder has nothing to be compared with", "give runs=<dir>,<dir>")
    return checked


def run(settings: CompareSettings) -> Outcome:
    """Fills settings.out."""
    inputs = {f"runs[{i}]": Path(path) for i, path in enumerate(settings.runs)}
    # The labels stand in the tables; the rest of a path does not matter.
    request = {**request_of(settings), "runs": labels(settings.runs)}
    return run_stage("compare", Path(settings.out), request, inputs, lambda stage: _work(settings, stage))


def labels(paths: Sequence[str]) -> list[str]:
    """Folder names; with as many of the folders above as it takes to tell them apart."""
    parts = [Path(path).resolve().parts for path in paths]
    for depth in range(1, max(map(len, parts)) + 1):
        names = ["/".join(p[-depth:]) for p in parts]
        if len(set(names)) == len(names):
            return names
    raise RequestError(f"config key 'runs': {paths[0]} is given twice", "name each folder once")


def _work(settings: CompareSettings, stage: StageRun) -> None:
    names = labels(settings.runs)
    METRICS.names()  # metrics from extension folders bring their reductions along
    runs = [read_run(Path(path), name) for path, name in zip(settings.runs, names, strict=True)]
    stage.seeds["bootstrap"] = settings.seed
    found = compare(runs, settings.resamples, settings.seed)
    for note in found["notes"]:
        say(f"compare: {note}")
    stage.counts["examples"] = found["n"]
    write_json(stage.add("comparison.json"), found)
    for suffix, text in tables.render(found).items():
        with atomic_text(stage.add(f"comparison.{suffix}")) as stream:
            stream.write(text)


def read_run(folder: Path, label: str) -> ScoredRun:
    """The scores in a folder. RequestError when it holds none."""
    path = folder / "scores.jsonl"
    if not path.is_file():
        raise RequestError(f"{folder}: has no scores.jsonl", "give folders that `jaso evaluate` or `jaso score` wrote")
    lines = {row["id"]: row for _, row in read_jsonl(path)}
    scoring = read_json(folder / "run.json")["scoring"]
    metrics = read_json(folder / "scores.json")["metrics"]
    return ScoredRun(label, metrics, scoring["reductions"], lines, frozenset(scoring["baselines"]))


def compare(runs: Sequence[ScoredRun], resamples: int, seed: int) -> dict[str, Any]:
    """Values of all runs and differences from the first, on the examples that all have.

    RequestError when there are none, or when an example's references differ between the runs.
    """
    ids = [i for i in runs[0].lines if all(i in run.lines for run in runs)]
    _check_same_data(runs, ids)
    measures, notes = _common_measures(runs)
    notes = [*_missing_notes(runs, len(ids)), *notes]
    bootstrap = Bootstrap([str(runs[0].lines[i]["group"]) for i in ids], resamples, seed)
    if bootstrap.groups < 2:
        notes.append("all examples are of one group: no intervals, no tests")
    rows = []
    for name in measures:
        kept, reasons = _kept(name, runs, ids)
        notes += reasons
        if kept:
            rows.append(_row(name, runs, ids, kept, bootstrap))
    _adjust(rows)
    return {
        "n": len(ids),
        "groups": bootstrap.groups,
        "resamples": resamples,
        "seed": seed,
        "runs": [run.label for run in runs],
        "notes": notes,
        "measures": rows,
    }


def _check_same_data(runs: Sequence[ScoredRun], ids: Sequence[str]) -> None:
    first = runs[0]
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


def _missing_notes(runs: Sequence[ScoredRun], n: int) -> list[str]:
    return [
        f"{run.label}: {n:,} of its {len(run.lines):,} examples are in all runs; the others are left out"
        for run in runs
        if len(run.lines) != n
    ]


def _common_measures(runs: Sequence[ScoredRun]) -> tuple[list[str], list[str]]:
    """Measures that all runs have with the same signature, and a note for each that is left out."""
    names, notes = [], []
    for name in dict.fromkeys(name for run in runs for name in run.metrics):
        lacking = [run.label for run in runs if name not in run.metrics]
        signatures = {run.metrics[name]["signature"] for run in runs if name in run.metrics}
        if lacking:
            notes.append(f"{name}: left out, {', '.join(lacking)} has it not")
        elif len(signatures) > 1:
            notes.append(f"{name}: left out, the signatures differ: {' / '.join(sorted(signatures))}")
        else:
            names.append(name)
    return names, notes


def _kept(name: str, runs: Sequence[ScoredRun], ids: Sequence[str]) -> tuple[list[str], list[str]]:
    """The texts that the runs can be compared on by a measure, and notes on those that they cannot.

    A text needs a value in every run. Bits must also be of the same characters in every run: a shorter limit or a
    longer prompt leaves room for less of a reference, and what is scored is always its beginning.
    """
    valued = [i for i in ids if all(run.lines[i]["stats"][name] is not None for run in runs)]
    if not valued:
        return [], [f"{name}: left out, no text has a value in every run"]
    if not name.startswith(BITS):
        return valued, []
    kept = [i for i in valued if len({run.lines[i]["stats"][name][1] for run in runs}) == 1]
    if not kept:
        return [], [f"{name}: left out, no text was scored on the same characters in every run"]
    unequal = len(valued) - len(kept)
    reason = "were not scored on the same characters in every run and are left out"
    return kept, [f"{name}: {unequal:,} of {len(valued):,} texts {reason}"] if unequal else []


def _row(
    name: str, runs: Sequence[ScoredRun], ids: Sequence[str], kept: Sequence[str], bootstrap: Bootstrap
) -> dict[str, Any]:
    """One measure: a cell for each run. Only the texts in `kept` count, in all runs alike."""
    entry = runs[0].metrics[name]
    reduce = reduction(runs[0].reductions[name])
    cells: list[dict[str, Any]] = []
    first: tuple[float, Floats] | None = None
    for run in runs:
        value, drawn = _scores(run, name, ids, set(kept), reduce, bootstrap)
        cell: dict[str, Any] = {"run": run.label, "value": rounded(value), "ci95": _pair(drawn, bootstrap)}
        if first is None:
            first = value, drawn
        elif bootstrap.groups > 1 and name not in run.baselines:
            result = difference(value - first[0], drawn - first[1])
            cell |= {
                "difference": rounded(result.value),
                "difference_ci95": _pair(drawn - first[1], bootstrap),
                "p": result.p,
            }
        cells.append(cell)
    keys = ("unit", "signature", "higher_is_better")
    return {"name": name, **{key: entry[key] for key in keys}, "n": len(kept), "cells": cells}


def _scores(
    run: ScoredRun, name: str, ids: Sequence[str], kept: set[str], reduce: Reduction, bootstrap: Bootstrap
) -> tuple[float, Floats]:
    width = len(run.lines[next(iter(kept))]["stats"][name])
    stats = np.array([run.lines[i]["stats"][name] if i in kept else [0.0] * width for i in ids], dtype=float)
    return float(reduce(stats.sum(axis=0))), reduce(bootstrap.sums(stats))


def _pair(drawn: Floats, bootstrap: Bootstrap) -> list[float | None] | None:
    bounds = interval(drawn) if bootstrap.groups > 1 else None
    return None if bounds is None else [rounded(bounds[0]), rounded(bounds[1])]


def _adjust(rows: Sequence[dict[str, Any]]) -> None:
    """Adds p_holm: corrected for all tests in the table that judge something."""
    tested = [c for row in rows for c in row["cells"] if row["higher_is_better"] is not None and c.get("p") is not None]
    for cell, adjusted in zip(tested, holm([c["p"] for c in tested]), strict=True):
        cell["p_holm"] = rounded(adjusted)

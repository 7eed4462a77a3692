"""Read the files that `jaso evaluate` and `jaso score` write."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

from jaso_core.errors import RequestError
from jaso_core.io.shapes import read_json_as, read_jsonl_as
from jaso_evaluate.schema import RunFile, Score, Scores, TextScores

_CURE = "the files are of different runs: score the texts once more"


class ScoredFolder(NamedTuple):
    """Files of a scored folder.

    `facts`: run.json. `metrics`: entries of scores.json. `lines` of scores.jsonl, by id.
    """

    facts: RunFile
    metrics: dict[str, Score]
    lines: dict[str, TextScores]


def read_run_file(folder: Path) -> RunFile:
    """Return run.json. RequestError if it is none."""
    return read_json_as(folder / "run.json", RunFile)


def read_scored_folder(folder: Path) -> ScoredFolder:
    """Return run.json, the measures of scores.json and the lines of scores.jsonl.

    RequestError where one is absent or none of ours, or where they do not belong together.
    """
    facts, metrics = read_run_file(folder), read_scores(folder)["metrics"]
    check_reductions(folder / "run.json", facts["scoring"]["reductions"], metrics)
    return ScoredFolder(facts, metrics, read_lines(folder / "scores.jsonl", metrics))


def read_scores(folder: Path) -> Scores:
    """Return scores.json. RequestError if it is none."""
    return read_json_as(folder / "scores.json", Scores)


def read_lines(file: Path, measures: Collection[str]) -> dict[str, TextScores]:
    """Return the lines of scores.jsonl by id.

    RequestError where a line lacks one of the measures, or has other statistics of it than the lines before.
    """
    lines = {row["id"]: row for row in read_jsonl_as(file, TextScores)}
    widths: dict[str, int] = {}
    for name, row in lines.items():
        for measure in measures:
            if measure not in row["scores"] or measure not in row["stats"]:
                raise RequestError(f"{file}: '{name}' has no '{measure}', which scores.json has", _CURE)
            stats = row["stats"][measure]
            if stats is not None and len(stats) != widths.setdefault(measure, len(stats)):
                raise RequestError(f"{file}: '{name}' has {len(stats)} statistics of '{measure}'", _CURE)
    return lines


def check_reductions(file: Path, reductions: Mapping[str, str], measures: Collection[str]) -> None:
    """Raise RequestError where the file does not say how a measure is reduced."""
    for measure in measures:
        if measure not in reductions:
            raise RequestError(f"{file}: has no reduction of '{measure}', which scores.json has", _CURE)

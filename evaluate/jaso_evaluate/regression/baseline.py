"""Blessed baseline: a small folder for version control, with a chain of reasons.

| file | what |
|---|---|
| baseline.json | scores and signatures, the environment, and every stage's request, versions and file digests |
| scores.jsonl | the statistics of each text, from which any subset's score is computed |
| predictions.jsonl | the texts: id, prediction, reference |
| reasons.jsonl | one line for each blessing: reason, digests of the three files, digest of the line before |

No times, no names of people, no paths: the same run blessed anywhere gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from jaso_core.errors import RequestError, WorkError
from jaso_core.io.files import (
    read_jsonl,
    sha256_file,
    sha256_json,
    write_json,
    write_jsonl,
)
from jaso_core.io.shapes import checked, read_json_as
from jaso_core.records import Prediction
from jaso_core.stage.manifest import Manifest, read_manifest
from jaso_evaluate.regression.lineage import Step, find_source, trace
from jaso_evaluate.schema import Score, TextScores
from jaso_evaluate.scoring.scored_folder import check_reductions, read_lines, read_scored_folder
from jaso_evaluate.scoring.scorer import read_predictions

FILES = ("baseline.json", "scores.jsonl", "predictions.jsonl")
REASONS = "reasons.jsonl"
SCHEMA = 1


class BaselineFile(TypedDict):
    """baseline.json: as `RunRecord` has it; `references` are its reference measures."""

    schema: int
    metrics: dict[str, Score]
    reductions: dict[str, str]
    references: list[str]
    environment: dict[str, str]
    steps: list[Step]


class Reason(TypedDict):
    """A line of reasons.jsonl; `files`: their digests, `before`: the line before."""

    reason: str
    files: dict[str, str | None]
    before: str | None
    digest: str


@dataclass(frozen=True)
class RunRecord:
    """What the gate knows of a run, whether in its own folder or blessed.

    `metrics`: the entries of scores.json. `reductions` by measure; `reference_measures`: measures of other models, for
    which a run does not fail. `lines` of scores.jsonl and `texts`, by id. `skipped`: metrics that could not be
    measured.
    """

    metrics: Mapping[str, Score]
    reductions: Mapping[str, str]
    reference_measures: frozenset[str]
    lines: Mapping[str, TextScores]
    texts: Mapping[str, Prediction]
    steps: list[Step]
    environment: Mapping[str, str]
    skipped: tuple[str, ...] = ()


def _read_texts(file: Path, lines: Mapping[str, TextScores]) -> dict[str, Prediction]:
    """Return the predictions by id. RequestError where a scored one is absent."""
    texts = {prediction.id: prediction for prediction in read_predictions(file)}
    absent = next((name for name in lines if name not in texts), None)
    if absent is not None:
        raise RequestError(f"{file}: has no '{absent}', which scores.jsonl has", "score the texts once more")
    return texts


def read_run(folder: Path) -> RunRecord:
    """Read a folder that `jaso evaluate` or `jaso score` wrote.

    RequestError when it is none, or its texts are gone.
    """
    manifest = read_manifest(folder)
    if manifest is None or "scores.jsonl" not in manifest.files:
        raise RequestError(f"{folder}: has no scores", "give a folder that `jaso evaluate` or `jaso score` wrote")
    facts, metrics, lines = read_scored_folder(folder)
    if "environment" not in facts:
        raise RequestError(f"{folder}: does not say where it was made, as older runs do not", "score its texts again")
    scoring = facts["scoring"]
    return RunRecord(
        metrics=metrics,
        reductions=scoring["reductions"],
        reference_measures=frozenset(scoring["baselines"]),
        lines=lines,
        texts=_read_texts(_predictions(folder, manifest), lines),
        steps=trace(folder),
        environment=facts["environment"],
        skipped=tuple(f"{skip['metric']}: {skip['reason']}" for skip in scoring.get("skipped", [])),
    )


def read_baseline(folder: Path) -> RunRecord:
    """Read a blessed baseline.

    RequestError when there is none, WorkError when it is not what was blessed.
    """
    reasons = verify(folder)
    if not reasons:
        raise RequestError(f"{folder}: is no baseline", "make one: jaso bless run=<dir> out=<baseline dir> reason=…")
    body = read_json_as(folder / "baseline.json", BaselineFile)
    check_reductions(folder / "baseline.json", body["reductions"], body["metrics"])
    if body["schema"] != SCHEMA:
        raise RequestError(f"{folder}: schema {body['schema']}, this jaso reads {SCHEMA}", "bless a run anew")
    lines = read_lines(folder / "scores.jsonl", body["metrics"])
    return RunRecord(
        metrics=body["metrics"],
        reductions=body["reductions"],
        reference_measures=frozenset(body["references"]),
        lines=lines,
        texts=_read_texts(folder / "predictions.jsonl", lines),
        steps=body["steps"],
        environment=body["environment"],
    )


def write_baseline(record: RunRecord, folder: Path, reason: str) -> bool:
    """Write the files, then the line that explains them.

    Returns False, and writes no line, when the files are unchanged. WorkError when the existing lines were changed.
    """
    before = history(folder)
    write_json(
        folder / "baseline.json",
        {
            "schema": SCHEMA,
            "metrics": record.metrics,
            "reductions": record.reductions,
            "references": sorted(record.reference_measures),
            "environment": record.environment,
            "steps": record.steps,
        },
    )
    write_jsonl(folder / "scores.jsonl", record.lines.values())
    keys = ("id", "prediction", "reference")
    write_jsonl(folder / "predictions.jsonl", ({k: getattr(p, k) for k in keys} for p in record.texts.values()))
    files = _digests(folder)
    if before and before[-1]["files"] == files:
        return False
    # A hash chain: each line holds the digest of the line before, so none can be changed, removed or inserted.
    line = {"reason": reason, "files": files, "before": before[-1]["digest"] if before else None}
    write_jsonl(folder / REASONS, [*before, {**line, "digest": sha256_json(line)}])
    return True


def verify(folder: Path) -> list[dict[str, Any]]:
    """Verify the files against the last line of reasons.jsonl; return all its lines.

    None when there is no baseline. WorkError for any change that no line explains.
    """
    lines = history(folder)
    if lines:
        digests = _digests(folder)
        for name, digest in lines[-1]["files"].items():
            if digests.get(name) != digest:
                what = "is missing" if digests.get(name) is None else "was changed since it was blessed"
                raise WorkError(
                    f"{folder / name}: {what}, and no line of {REASONS} says why",
                    "take it back from version control, or bless a run with the reason",
                )
    return lines


def history(folder: Path) -> list[dict[str, Any]]:
    """Read reasons.jsonl and verify its hash chain.

    WorkError when a line was changed, removed or inserted.
    """
    path = folder / REASONS
    lines: list[dict[str, Any]] = []
    digest = None
    for where, line in read_jsonl(path) if path.is_file() else ():
        body = {key: line.get(key) for key in ("reason", "files", "before")} if isinstance(line, dict) else {}
        if not body or body["before"] != digest or line.get("digest") != sha256_json(body):
            raise WorkError(
                f"{where}: is not the line that `jaso bless` wrote here",
                "take the file back from version control; after a merge keep one side's baseline, and bless again",
            )
        digest = checked(line, Reason, where)["digest"]
        lines.append(line)
    return lines


def _digests(folder: Path) -> dict[str, str | None]:
    return {name: sha256_file(folder / name) if (folder / name).is_file() else None for name in FILES}


def _predictions(folder: Path, manifest: Manifest) -> Path:
    """Return the file that was scored: the folder's own, or the input of `jaso score`."""
    if "predictions.jsonl" in manifest.files:
        return folder / "predictions.jsonl"
    entry = manifest.inputs["predictions"]
    path = find_source(folder, entry)
    if path is None:
        raise RequestError(
            f"{folder}: the predictions that it scored ({entry['path']}) are gone or changed",
            "run `jaso score` on them once more",
        )
    return path

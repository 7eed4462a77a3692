"""Results of a study: comparison, costs from manifests, tests of claims."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import cast

import jaso
from jaso_core.io.files import read_json, read_jsonl
from jaso_core.stage.manifest import Manifest, read_manifest, versions
from jaso_core.stage.schema import preprocess_counts, train_counts
from jaso_evaluate.comparison.schema import BestSystems, Comparison, PairedTest
from jaso_evaluate.schema import LEVEL, Scores
from jaso_evaluate.scoring.scored_folder import read_scores
from jaso_pipeline.study.plan.grid import Cell, Grid, Request
from jaso_pipeline.study.plan.spec import Claim
from jaso_pipeline.study.report.commands import commands
from jaso_pipeline.study.report.schema import (
    CellResult,
    ClaimResult,
    Corpus,
    Cost,
    Family,
    FormerTable,
    Measure,
    MeasureFacts,
    StudyResults,
    Value,
)

FOUND, CONTRARY, OPEN = "found", "the contrary was found", "not told apart"
UNTESTED = "not tested"


def collect_results(grid: Grid, request: Request, failed: set[str]) -> StudyResults:
    """Collect everything that the report shows, as JSON-able data.

    `failed`: keys of tasks that are not complete; their cells are left out, and listed by name.
    """
    spec, root = grid.spec, request.root
    complete_cells = {
        label: [cell for cell in cells if cell.tasks["evaluate"] not in failed]
        for label, cells in grid.systems().items()
    }
    systems = {label: cells for label, cells in complete_cells.items() if cells}
    folders = {label: [str(grid.tasks[c.tasks["evaluate"]].folder) for c in cells] for label, cells in systems.items()}
    scores = {label: _scores(paths[0]) for label, paths in folders.items()}
    families = [
        _compare_family(i, members, {name: folders[name] for name in members}, grid, root)
        for i, members in enumerate(_families(folders))
    ]
    first_cell = next(iter(systems.values()))[0]
    corpus = (
        _manifest(grid, first_cell, "preprocess")
        if "preprocess" in first_cell.tasks
        else read_manifest(request.corpus or Path())
    )
    return {
        "name": spec.name,
        "title": spec.title,
        "asks": spec.asks,
        "primary": spec.primary,
        "measures": _measures(spec.measures, scores),
        "factors": list(spec.factors),
        "curve": spec.curve,
        "size": request.size.name,
        "seeds": list(request.seeds),
        "given": list(request.user_overrides),
        "corpus": _corpus(corpus, first_cell, grid),
        "model": _manifest(grid, first_cell, "train").request["model"],
        "cells": [
            _cell(label, cells, grid, families, [_scores(path) for path in folders[label]])
            for label, cells in systems.items()
        ],
        "absent": [cell.name for cell in grid.cells if cell.tasks["evaluate"] in failed],
        "families": families,
        "best": _best_level(spec.primary, families, folders) if spec.curve else None,
        "claims": _test_claims(spec.claims, folders),
        "former": [cast(FormerTable, asdict(table)) for table in spec.former],
        "commands": commands(grid, next(iter(systems.values()))[0]),
        "versions": versions(),
        "inputs": folders,
    }


def _manifest(grid: Grid, cell: Cell, stage: str) -> Manifest:
    manifest = read_manifest(grid.tasks[cell.tasks[stage]].folder)
    assert manifest is not None  # the scheduler has seen it complete
    return manifest


def _families(folders: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Group cells whose references are the same texts.

    Only these can be compared: a summary is another reference than an answer.
    """
    references: dict[str, dict[str, str]] = {}
    for label, paths in folders.items():
        lines = (line for _, line in read_jsonl(Path(paths[0]) / "scores.jsonl"))
        references[label] = {line["id"]: line["reference"] for line in lines}
    families: list[list[str]] = []
    # a cell joins the first family whose references are equal on all common ids
    for label, texts in references.items():
        for members in families:
            other_texts = references[members[0]]
            common = texts.keys() & other_texts.keys()
            if common and all(texts[i] == other_texts[i] for i in common):
                members.append(label)
                break
        else:
            families.append([label])
    return families


def _compare_family(
    number: int, members: list[str], folders: Mapping[str, list[str]], grid: Grid, root: Path
) -> Family:
    """Compare the cells of a family; the comparison is kept whole in its own folder."""
    if len(members) < 2:
        return {"members": members, "comparison": None, "folder": None}
    name = grid.spec.name + (f"-{number + 1}" if number else "")
    names = [set(read_scores(Path(path))["metrics"]) for paths in folders.values() for path in paths]
    measures = [measure for measure in grid.spec.measures if all(measure in available for available in names)]
    out = root / "compare" / name
    jaso.write_comparison(folders, out, measures=measures)
    return {"members": members, "comparison": jaso.load_comparison(out).body, "folder": str(out)}


def _best_level(name: str, families: Sequence[Family], folders: Mapping[str, list[str]]) -> BestSystems | None:
    """Return the best level of a curve, where all levels can be compared."""
    return jaso.best_systems(folders, name) if len(families) == 1 else None


def _measures(names: Sequence[str], scores: Mapping[str, Scores]) -> list[Measure]:
    """Return unit, direction and signature of the report's columns.

    None where no cell has the measure.
    """
    return [{"name": name, "facts": _facts(name, scores.values())} for name in names]


def _facts(name: str, scores: Iterable[Scores]) -> MeasureFacts | None:
    entry = next((run["metrics"][name] for run in scores if name in run["metrics"]), None)
    if entry is None:
        return None
    return {"unit": entry["unit"], "higher_is_better": entry["higher_is_better"], "signature": entry["signature"]}


def _scores(folder: str) -> Scores:
    return read_scores(Path(folder))


def _cell(
    label: str, cells: Sequence[Cell], grid: Grid, families: Sequence[Family], scores: Sequence[Scores]
) -> CellResult:
    """Return a cell of the study; `cells` and `scores` by seed."""
    number = next(i for i, family in enumerate(families) if label in family["members"])
    return {
        "label": label,
        "levels": dict(cells[0].levels),
        "seeds": [cell.seed for cell in cells],
        "cost": _cost(cells, grid),
        "family": number,
        "values": _values(label, families[number]["comparison"], scores, grid.spec.measures),
    }


def _values(
    label: str, comparison: Comparison | None, scores: Sequence[Scores], measures: Sequence[str]
) -> dict[str, Value]:
    """Return the values of a cell by measure.

    They are from the comparison, which takes common examples and seeds together; a measure that it left out has no
    value here. A cell that is compared with none has its own values: of several seeds the mean without an interval.
    """
    compared = {} if comparison is None else {row["name"]: row["cells"] for row in comparison["measures"]}
    values: dict[str, Value] = {}
    for name in measures:
        own = [scores_of_seed["metrics"][name] for scores_of_seed in scores if name in scores_of_seed["metrics"]]
        own_values = [entry["value"] for entry in own if entry["value"] is not None]
        if name in compared:
            values[name] = next(cell for cell in compared[name] if cell["run"] == label)
        elif comparison is None and len(own_values) == len(scores):
            bounds = own[0]["ci95"] if len(own) == 1 else None
            values[name] = {"value": _mean(own_values), "ci95": bounds, "standing": ""}
    return values


def _cost(cells: Sequence[Cell], grid: Grid) -> Cost:
    """Return the mean costs over the seeds; memory is the maximum."""
    trained = [_manifest(grid, cell, "train") for cell in cells]
    counts = [train_counts(manifest.counts) for manifest in trained]
    written = [_manifest(grid, cell, "evaluate") for cell in cells]
    report = read_json(grid.tasks[cells[0].tasks["train"]].folder / "freeze_report.json")
    return {
        "steps": counts[0]["steps"],
        "tokens": _mean([count["tokens_seen"] for count in counts]),
        "examples": counts[0]["training"]["examples"],
        "train_seconds": _mean([m.timings["train_seconds"] for m in trained]),
        "tokens_per_second": _mean([m.timings["tokens_per_second"] for m in trained]),
        "memory": max(m.timings["peak_memory_bytes"] for m in trained),
        "evaluate_seconds": _mean([m.timings["total_seconds"] for m in written]),
        "parameters": report.get("parameters"),
        "trainable": report.get("trained"),
        "validation": _validation(grid.tasks[cells[0].tasks["train"]].folder / "log.jsonl"),
    }


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _validation(log: Path) -> list[list[float]]:
    """Return [step, validation bits per character] of the first seed."""
    key = "validation_bits_per_character"
    return [[line["step"], line[key]] for _, line in read_jsonl(log) if line.get(key) is not None]


def _corpus(manifest: Manifest | None, cell: Cell, grid: Grid) -> Corpus:
    if manifest is None:
        return {}
    crawl = _manifest(grid, cell, "crawl").request if "crawl" in cell.tasks else {}
    return {
        "source": crawl.get("source"),
        "request": {key: crawl[key] for key in ("letters", "interviews", "seed") if key in crawl},
        "examples": preprocess_counts(manifest.counts)["examples"],
        "licences": list(manifest.licences),
    }


def _test_claims(claims: Sequence[Claim], folders: Mapping[str, list[str]]) -> list[ClaimResult]:
    """Test each claim: difference, interval and p with Holm's correction.

    The correction is for all claims of the study.
    """
    planned = [claim for claim in claims if claim.than in folders and claim.better in folders]
    tests = [jaso.PlannedTest(claim.than, claim.better, claim.measure) for claim in planned]
    tested = dict(zip(planned, jaso.paired_tests(folders, tests, len(claims)), strict=True))
    return [_claim_result(claim, tested.get(claim)) for claim in claims]


def _claim_result(claim: Claim, result: jaso.PairedTestResult | None) -> ClaimResult:
    base: ClaimResult = {
        "better": claim.better,
        "than": claim.than,
        "measure": claim.measure,
        "because": claim.because,
        "expected": claim.expected,
        "difference": None,
        "ci95": None,
        "p": None,
        "p_holm": None,
        "verdict": UNTESTED,
    }
    if result is None:
        return {**base, "note": "a cell is absent"}
    if result.test is None:
        return {**base, "note": "; ".join(result.notes)}
    return {**base, **result.test, "verdict": _verdict(result.test), "notes": result.notes}


def _verdict(test: PairedTest) -> str:
    if test["p_holm"] is None or test["difference"] is None:
        return UNTESTED
    if test["p_holm"] >= LEVEL:
        return OPEN
    return FOUND if (test["difference"] > 0) == bool(test["higher_is_better"]) else CONTRARY


def unexpected_claims(claims: Sequence[ClaimResult]) -> list[str]:
    """Describe the claims whose verdict differs from what was planted."""
    wrong = [
        claim for claim in claims if claim["expected"] is not None and (claim["verdict"] == FOUND) != claim["expected"]
    ]
    wrong += [claim for claim in claims if claim["expected"] is False and claim["verdict"] in (CONTRARY, UNTESTED)]
    return [f"{claim['better']} against {claim['than']} in {claim['measure']}: {claim['verdict']}" for claim in wrong]

"""Results of a study: comparison, costs from manifests, tests of claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import jaso
from jaso_core.io.files import read_json, read_jsonl
from jaso_core.stage.manifest import Manifest, read_manifest, versions
from jaso_evaluate.comparison.schema import BestSystems, PairedTest
from jaso_evaluate.schema import LEVEL
from jaso_pipeline.study.plan.grid import Cell, Grid, Request
from jaso_pipeline.study.plan.spec import Claim
from jaso_pipeline.study.report.commands import commands

JsonObject = dict[str, Any]

FOUND, CONTRARY, OPEN = "found", "the contrary was found", "not told apart"
UNTESTED = "not tested"


def collect_results(grid: Grid, request: Request, failed: set[str]) -> JsonObject:
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
            {
                "label": label,
                "levels": dict(cells[0].levels),
                "seeds": [c.seed for c in cells],
                "cost": _cost(cells, grid),
            }
            | _values(label, families, [_scores(path) for path in folders[label]], spec.measures)
            for label, cells in systems.items()
        ],
        "absent": [cell.name for cell in grid.cells if cell.tasks["evaluate"] in failed],
        "families": families,
        "best": _best_level(spec.primary, families, folders) if spec.curve else None,
        "claims": _test_claims(spec.claims, folders),
        "former": [asdict(table) for table in spec.former],
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
) -> JsonObject:
    """Compare the cells of a family; the comparison is kept whole in its own folder."""
    if len(members) < 2:
        return {"members": members, "comparison": None, "folder": None}
    name = grid.spec.name + (f"-{number + 1}" if number else "")
    names = [set(read_json(Path(path) / "scores.json")["metrics"]) for paths in folders.values() for path in paths]
    measures = [measure for measure in grid.spec.measures if all(measure in available for available in names)]
    out = root / "compare" / name
    jaso.write_comparison(folders, out, measures=measures)
    return {"members": members, "comparison": jaso.load_comparison(out).body, "folder": str(out)}


def _best_level(name: str, families: Sequence[JsonObject], folders: Mapping[str, list[str]]) -> BestSystems | None:
    """Return the best level of a curve, where all levels can be compared."""
    return jaso.best_systems(folders, name) if len(families) == 1 else None


def _measures(names: Sequence[str], scores: Mapping[str, JsonObject]) -> list[JsonObject]:
    """Return unit, direction and signature of the report's columns.

    None where no cell has the measure.
    """
    measures = []
    for name in names:
        entries = [entry["metrics"][name] for entry in scores.values() if name in entry["metrics"]]
        facts = {key: entries[0][key] for key in ("unit", "higher_is_better", "signature")} if entries else None
        measures.append({"name": name, "facts": facts})
    return measures


def _scores(folder: str) -> JsonObject:
    scores: JsonObject = read_json(Path(folder) / "scores.json")
    return scores


def _values(
    label: str, families: Sequence[JsonObject], scores: Sequence[JsonObject], measures: Sequence[str]
) -> JsonObject:
    """Return the values of a cell by measure, and its family.

    They are from the comparison, which takes common examples and seeds together; a measure that it left out has no
    value here. A cell that is compared with none has its own values: of several seeds the mean without an interval.
    """
    number = next(i for i, family in enumerate(families) if label in family["members"])
    comparison = families[number]["comparison"]
    values: JsonObject = {}
    for name in measures:
        rows = [row for row in (comparison or {}).get("measures", []) if row["name"] == name]
        own = [scores_of_seed["metrics"][name] for scores_of_seed in scores if name in scores_of_seed["metrics"]]
        if rows:
            values[name] = next(cell for cell in rows[0]["cells"] if cell["run"] == label)
        elif comparison is None and len(own) == len(scores) and all(entry["value"] is not None for entry in own):
            bounds = own[0]["ci95"] if len(own) == 1 else None
            values[name] = {"value": _mean([entry["value"] for entry in own]), "ci95": bounds, "standing": ""}
    return {"family": number, "values": values}


def _cost(cells: Sequence[Cell], grid: Grid) -> JsonObject:
    """Return the mean costs over the seeds; memory is the maximum."""
    trained = [_manifest(grid, cell, "train") for cell in cells]
    written = [_manifest(grid, cell, "evaluate") for cell in cells]
    report = read_json(grid.tasks[cells[0].tasks["train"]].folder / "freeze_report.json")
    return {
        "steps": trained[0].counts["steps"],
        "tokens": _mean([m.counts["tokens_seen"] for m in trained]),
        "examples": trained[0].counts["training"]["examples"],
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


def _corpus(manifest: Manifest | None, cell: Cell, grid: Grid) -> JsonObject:
    if manifest is None:
        return {}
    crawl = _manifest(grid, cell, "crawl").request if "crawl" in cell.tasks else {}
    return {
        "source": crawl.get("source"),
        "request": {key: crawl[key] for key in ("letters", "interviews", "seed") if key in crawl},
        "examples": manifest.counts["examples"],
        "licences": list(manifest.licences),
    }


def _test_claims(claims: Sequence[Claim], folders: Mapping[str, list[str]]) -> list[JsonObject]:
    """Test each claim: difference, interval and p with Holm's correction.

    The correction is for all claims of the study.
    """
    planned = [claim for claim in claims if claim.than in folders and claim.better in folders]
    tests = [jaso.PlannedTest(claim.than, claim.better, claim.measure) for claim in planned]
    tested = dict(zip(planned, jaso.paired_tests(folders, tests, len(claims)), strict=True))
    return [_claim_result(claim, tested.get(claim)) for claim in claims]


def _claim_result(claim: Claim, result: jaso.PairedTestResult | None) -> JsonObject:
    base: JsonObject = {
        **asdict(claim),
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


def unexpected_claims(claims: Sequence[JsonObject]) -> list[str]:
    """Describe the claims whose verdict differs from what was planted."""
    wrong = [
        claim for claim in claims if claim["expected"] is not None and (claim["verdict"] == FOUND) != claim["expected"]
    ]
    wrong += [claim for claim in claims if claim["expected"] is False and claim["verdict"] in (CONTRARY, UNTESTED)]
    return [f"{claim['better']} against {claim['than']} in {claim['measure']}: {claim['verdict']}" for claim in wrong]

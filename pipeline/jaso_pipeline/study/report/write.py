"""The report of a study: its findings as a stage's files, and a line for each claim in the ledger of hypotheses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jaso_core.io.files import atomic_text, json_line, write_json
from jaso_core.stage.runner import Outcome, StageRun, run_stage
from jaso_pipeline.study.execute.event_log import EventLog
from jaso_pipeline.study.report import document as shapes
from jaso_pipeline.study.report import figures
from jaso_pipeline.study.report.sections import blocks

HYPOTHESES = "hypotheses.jsonl"


def write_report(found: Mapping[str, Any], out: Path) -> Outcome:
    """Fills `out`: report.md, .tex, .html and .json, figures as files. The same findings give the same bytes."""
    inputs = {
        f"{label}[{i}]": Path(folder) for label, folders in found["inputs"].items() for i, folder in enumerate(folders)
    }
    request = {key: value for key, value in found.items() if key not in ("inputs", "commands", "versions")}
    outcome = run_stage("study", out, json.loads(json.dumps(request)), inputs, lambda stage: _work(stage, found))
    _remember(found, EventLog(out.parent, HYPOTHESES))
    return outcome


def _work(stage: StageRun, found: Mapping[str, Any]) -> None:
    drawn = {}
    for name, caption, made in (
        ("primary.svg", f"{found['primary']} with 95 % intervals", figures.primary(found)),
        ("losses.svg", "Validation loss by step", figures.losses(found)),
    ):
        if made is not None:
            drawn[name] = shapes.Figure(name, caption, made[0])
            with atomic_text(stage.add(name)) as stream:
                stream.write(made[1])
    told = blocks(found, drawn)
    for suffix, render in (("md", shapes.markdown), ("tex", shapes.latex), ("html", shapes.html)):
        with atomic_text(stage.add(f"report.{suffix}")) as stream:
            stream.write(render(found["title"], told))
    write_json(stage.add("report.json"), found)
    stage.counts.update({"cells": len(found["cells"]), "absent": len(found["absent"]), "claims": len(found["claims"])})


def _remember(found: Mapping[str, Any], store: EventLog) -> None:
    """Adds what is new: a claim that was tested on the same corpus, model and seeds with the same outcome is not."""
    known = {json_line({key: value for key, value in line.items() if key != "at"}) for line in store.lines()}
    common = {key: found[key] for key in ("size", "given", "corpus", "model")}
    seeds = {cell["label"]: cell["seeds"] for cell in found["cells"]}
    for one in found["claims"]:
        if one["p"] is None:
            continue
        told = ("better", "than", "measure", "expected", "difference", "ci95", "p_holm", "verdict")
        trained = {"seeds": seeds[one["better"]], "seeds_than": seeds[one["than"]]}
        line = {"study": found["name"], **{key: one[key] for key in told}, **trained, **common}
        if json_line(line) not in known:
            store.write(**line)

"""Write the study report as a stage; append its claims to the hypotheses log."""

from __future__ import annotations

import json
from pathlib import Path

from jaso_core.io.files import atomic_text, json_line, write_json
from jaso_core.stage.runner import Outcome, StageRun, run_stage
from jaso_pipeline.study.execute.event_log import EventLog
from jaso_pipeline.study.report import document as documents
from jaso_pipeline.study.report import figures
from jaso_pipeline.study.report.schema import StudyResults
from jaso_pipeline.study.report.sections import blocks

HYPOTHESES = "hypotheses.jsonl"


def write_report(results: StudyResults, out: Path) -> Outcome:
    """Fill `out` with report.md, .tex, .html, .json and the figures.

    The same results give the same bytes.
    """
    inputs = {
        f"{label}[{i}]": Path(folder)
        for label, folders in results["inputs"].items()
        for i, folder in enumerate(folders)
    }
    request = {key: value for key, value in results.items() if key not in ("inputs", "commands", "versions")}
    outcome = run_stage(
        "study", out, json.loads(json.dumps(request)), inputs, lambda stage: _write_files(stage, results)
    )
    _append_hypotheses(results, EventLog(out.parent, HYPOTHESES))
    return outcome


def _write_files(stage: StageRun, results: StudyResults) -> None:
    report_figures = {}
    for name, caption, figure in (
        ("primary.svg", f"{results['primary']} with 95 % intervals", figures.primary_figure(results)),
        ("losses.svg", "Validation loss by step", figures.loss_figure(results)),
    ):
        if figure is not None:
            report_figures[name] = documents.Figure(name, caption, figure[0])
            with atomic_text(stage.add(name)) as stream:
                stream.write(figure[1])
    document = blocks(results, report_figures)
    for suffix, render in (("md", documents.markdown), ("tex", documents.latex), ("html", documents.html)):
        with atomic_text(stage.add(f"report.{suffix}")) as stream:
            stream.write(render(results["title"], document))
    write_json(stage.add("report.json"), results)
    stage.counts.update(
        {"cells": len(results["cells"]), "absent": len(results["absent"]), "claims": len(results["claims"])}
    )


def _append_hypotheses(results: StudyResults, store: EventLog) -> None:
    """Append new claims to the log.

    A claim is not new if it was tested on the same corpus, model and seeds with the same outcome.
    """
    known_lines = {json_line({key: value for key, value in line.items() if key != "at"}) for line in store.lines()}
    common = {key: value for key, value in results.items() if key in ("size", "given", "corpus", "model")}
    seeds = {cell["label"]: cell["seeds"] for cell in results["cells"]}
    for claim in results["claims"]:
        if claim["p"] is None:
            continue
        keys = ("better", "than", "measure", "expected", "difference", "ci95", "p_holm", "verdict")
        tested: dict[str, object] = {key: value for key, value in claim.items() if key in keys}
        trained = {"seeds": seeds[claim["better"]], "seeds_than": seeds[claim["than"]]}
        line = {"study": results["name"], **tested, **trained, **common}
        if json_line(line) not in known_lines:
            store.write(**line)

"""`jaso score`: a file of predictions in, scores and a report out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaso_core.config import REQUIRED, pick, to_settings
from jaso_core.files import atomic_text, write_json, write_jsonl
from jaso_core.records import Prediction
from jaso_core.say import say
from jaso_core.stage import Outcome, StageRun, request_of, run_stage
from jaso_evaluate.scoring import Nodes, build_metrics, read_predictions, score


@dataclass(frozen=True)
class ScoreSettings:
    """`predictions`: a JSONL file with id, prediction and reference. `metrics`: by name, each a config node."""

    out: str = REQUIRED
    predictions: str = REQUIRED
    metrics: dict[str, Any] = REQUIRED
    resamples: int = 1000
    seed: int = 0

    def __post_init__(self) -> None:
        check_resamples(self.resamples)


def check_resamples(resamples: int) -> None:
    """ValueError when there are too few for the 2.5th percentile."""
    if resamples < 100:
        raise ValueError(f"resamples is {resamples}, an interval needs 100 or more")


def settings(config: Mapping[str, Any], *, strict: bool = True) -> ScoreSettings:
    """Checks the configuration, the metrics' options included."""
    checked = to_settings(config if strict else pick(config, ScoreSettings), ScoreSettings)
    build_metrics(checked.metrics)
    return checked


def run(settings: ScoreSettings) -> Outcome:
    """Fills settings.out."""
    file = Path(settings.predictions)
    request = {key: value for key, value in request_of(settings).items() if key != "predictions"}

    def work(stage: StageRun) -> None:
        predictions = read_predictions(file)
        facts = {"what": "score", "predictions": file.name}
        write_scores(stage, predictions, settings.metrics, settings.resamples, settings.seed, facts)

    return run_stage("score", Path(settings.out), request, {"predictions": file}, work)


def write_scores(
    stage: StageRun,
    predictions: Sequence[Prediction],
    nodes: Nodes,
    resamples: int,
    seed: int,
    facts: Mapping[str, Any],
) -> None:
    """Writes scores.json, scores.jsonl, run.json (`facts` and what the report needs beside the scores), report.html."""
    stage.seeds["bootstrap"] = seed
    with stage.timed("score_seconds"):
        scored = score(predictions, nodes, resamples, seed)
    for skip in scored.extras["skipped"]:
        say(f"{stage.stage}: metric '{skip['metric']}' left out: {skip['reason']}")
    run_facts = {**facts, "scoring": scored.extras}
    write_json(stage.add("scores.json"), scored.scores)
    write_jsonl(stage.add("scores.jsonl", len(predictions)), scored.per_example)
    write_json(stage.add("run.json"), run_facts)
    stage.counts["predictions"] = len(predictions)
    from jaso_evaluate.report import render  # brings matplotlib: only when there is something to draw

    with stage.timed("report_seconds"), atomic_text(stage.add("report.html")) as stream:
        stream.write(render(predictions, scored.scores, scored.per_example, run_facts))

"""`jaso score`: scores and a report for a file of predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from jaso_core.config import REQUIRED, pick, to_settings
from jaso_core.console import say
from jaso_core.io.file_kinds import existing_path, refuse_foreign
from jaso_core.io.files import atomic_text, write_json, write_jsonl
from jaso_core.records import Prediction
from jaso_core.stage.runner import Outcome, StageRun, request_of, run_stage, volatile
from jaso_evaluate.algorithms.degenerate_texts import measure_degeneration
from jaso_evaluate.metrics import Training
from jaso_evaluate.report.degeneration import CURES, degeneration_sentence
from jaso_evaluate.scoring.environment import environment
from jaso_evaluate.scoring.scorer import Nodes, build_metrics, read_predictions, score
from jaso_evaluate.scoring.training_data import read_training


@dataclass(frozen=True)
class ScoreSettings:
    """Settings of `jaso score`.

    `predictions`: a JSONL file with id, prediction and reference. `metrics`: by name, each a config node. `train`: the
    training data of the model, a folder of `jaso preprocess` or a file of texts.
    """

    out: str = REQUIRED
    predictions: str = REQUIRED
    metrics: dict[str, Any] = REQUIRED
    train: str | None = None
    resamples: int = 1000
    seed: int = 0
    workers: int = volatile(0)

    def __post_init__(self) -> None:
        check_resamples(self.resamples)


def check_resamples(resamples: int) -> None:
    """Raise ValueError when there are too few for the 2.5th percentile."""
    if resamples < 100:
        raise ValueError(f"resamples is {resamples}, an interval needs 100 or more")


def settings(config: Mapping[str, Any], *, strict: bool = True) -> ScoreSettings:
    """Check the configuration, including the metrics' options."""
    checked = to_settings(config if strict else pick(config, ScoreSettings), ScoreSettings)
    build_metrics(checked.metrics)
    return checked


def run(settings: ScoreSettings) -> Outcome:
    """Run the stage; results are written to settings.out."""
    file = existing_path(Path(settings.predictions))
    if file.exists():
        refuse_foreign(file, ".jsonl")
    inputs = {"predictions": file, **({"train": Path(settings.train)} if settings.train else {})}
    request = {key: value for key, value in request_of(settings).items() if key not in ("predictions", "train")}

    def work(stage: StageRun) -> None:
        predictions = read_predictions(file)
        training = read_training(Path(settings.train)) if settings.train else None
        facts = {"what": "score", "predictions": file.name}
        write_scores(stage, predictions, settings, facts, training)

    return run_stage("score", Path(settings.out), request, inputs, work)


class Scoring(Protocol):
    """Common scoring settings of `jaso score` and `jaso evaluate`."""

    @property
    def metrics(self) -> Nodes:
        """Config node of each metric, by name."""

    @property
    def resamples(self) -> int:
        """Number of bootstrap resamples."""

    @property
    def seed(self) -> int:
        """Seed of the bootstrap."""

    @property
    def workers(self) -> int:
        """Processes for many texts, 0 for one per core."""


def write_scores(
    stage: StageRun,
    predictions: Sequence[Prediction],
    scoring: Scoring,
    facts: Mapping[str, Any],
    training: Training | None,
) -> None:
    """Write scores.json, scores.jsonl, run.json and report.html.

    `facts`: entries of run.json besides the scoring's own.
    """
    stage.seeds["bootstrap"] = scoring.seed
    with stage.timed("score_seconds"):
        scored = score(predictions, scoring.metrics, scoring.resamples, scoring.seed, training, scoring.workers)
    for skip in scored.extras["skipped"]:
        say(f"{stage.stage}: metric '{skip['metric']}' left out: {skip['reason']}")
    if empty := sum(not prediction.reference.strip() for prediction in predictions):
        say(f"{stage.stage}: {empty:,} of {len(predictions):,} references are empty: the worst value in every metric")
    degeneration = measure_degeneration(predictions).to_json()
    if sentence := degeneration_sentence(degeneration):
        say(f"{stage.stage}: warning: {sentence}")
        for cure in CURES:
            say(f"{stage.stage}:   try {cure}")
    run_facts = {**facts, "environment": environment(), "degeneration": degeneration, "scoring": scored.extras}
    write_json(stage.add("scores.json"), scored.scores)
    write_jsonl(stage.add("scores.jsonl", len(predictions)), scored.rows)
    write_json(stage.add("run.json"), run_facts)
    stage.counts["predictions"] = len(predictions)
    from jaso_evaluate.report import render  # imports matplotlib, which is slow

    with stage.timed("report_seconds"), atomic_text(stage.add("report.html")) as stream:
        stream.write(render(predictions, scored.scores, scored.rows, run_facts))

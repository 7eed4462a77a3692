"""`jaso sheet read`: filled sheets → scores, agreement, tests of the run order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jaso_core.config import REQUIRED, pick, to_settings
from jaso_core.console import say
from jaso_core.errors import RequestError
from jaso_core.io.files import atomic_text, write_json
from jaso_core.stage.runner import Outcome, StageRun, request_of, run_stage
from jaso_evaluate.comparison.inputs import ScoredRun
from jaso_evaluate.human.analysis.metric_agreement import read_scored
from jaso_evaluate.human.analysis.summary import summarise
from jaso_evaluate.human.analysis.tables import render
from jaso_evaluate.human.key import NAME, read_key
from jaso_evaluate.human.ratings import Ratings, gather
from jaso_evaluate.human.read.collect import collect, sheet_files
from jaso_evaluate.score import check_resamples


@dataclass(frozen=True)
class SheetReadSettings:
    """Settings of `jaso sheet read`.

    `sheets`: filled files, or folders of them. `key`: the folder of `jaso sheet make`, or its key.json. `runs`: scored
    folders of the same texts. `missing`: "refuse" or "skip" blank scores and absent sheets.
    """

    out: str = REQUIRED
    sheets: list[str] = REQUIRED
    key: str = REQUIRED
    runs: list[str] = field(default_factory=list)
    missing: str = "refuse"
    resamples: int = 10_000
    seed: int = 0

    def __post_init__(self) -> None:
        check_resamples(self.resamples)
        if self.missing not in ("refuse", "skip"):
            raise ValueError(f"missing is '{self.missing}', it can be refuse or skip")


def settings(config: Mapping[str, Any], *, strict: bool = True) -> SheetReadSettings:
    """Validate the configuration. `sheets` and `runs` may be texts with commas."""
    config = dict(config if strict else pick(config, SheetReadSettings))
    for name in ("sheets", "runs"):
        if isinstance(config.get(name), str) and config[name] != "???":
            config[name] = [part for part in config[name].split(",") if part]
    checked = to_settings(config, SheetReadSettings)
    if not checked.sheets:
        raise RequestError("config key 'sheets' is empty", "give the filled files, or their folder")
    return checked


def run(settings: SheetReadSettings) -> Outcome:
    """Analyse the sheets and write settings.out.

    RequestError when a sheet has a fault; every fault is reported, and nothing is written.
    """
    key = Path(settings.key)
    files = sheet_files(settings.sheets)
    inputs = {"key": key / NAME if key.is_dir() else key}
    inputs |= {f"sheets[{i}]": file for i, file in enumerate(files)}
    inputs |= {f"runs[{i}]": Path(path) for i, path in enumerate(settings.runs)}
    request = {name: value for name, value in request_of(settings).items() if name not in ("sheets", "key", "runs")}
    # Before the folder is touched: a fault leaves what an earlier reading wrote.
    round_key = read_key(key)
    rows, notes = collect(files, round_key, settings.missing == "skip")
    scored = read_scored(settings.runs, round_key)
    work = lambda stage: _work(stage, settings, gather(round_key, rows), scored, notes)  # noqa: E731
    return run_stage("sheet-read", Path(settings.out), request, inputs, work)


def _work(
    stage: StageRun,
    settings: SheetReadSettings,
    ratings: Ratings,
    scored: Mapping[str, ScoredRun],
    notes: list[str],
) -> None:
    with stage.timed("statistics_seconds"):
        summary = summarise(ratings, scored, settings.resamples, settings.seed, notes)
    for note in notes:
        say(f"sheet read: {note}")
    say(f"sheet read: {summary['verdict']['sentence']}")
    write_json(stage.add("human.json"), summary)
    for suffix, text in render(summary, ratings).items():
        with atomic_text(stage.add(f"human.{suffix}")) as stream:
            stream.write(text)
    stage.seeds["bootstrap"] = settings.seed
    stage.counts |= summary["n"]

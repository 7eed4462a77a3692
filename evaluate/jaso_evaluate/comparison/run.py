"""`jaso compare`: runs on the same examples side by side, with intervals, tests, and the texts they disagree on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jaso_core.config import REQUIRED, pick, to_settings
from jaso_core.console import say
from jaso_core.errors import RequestError, did_you_mean
from jaso_core.io.files import atomic_text, write_json
from jaso_core.stage.runner import Outcome, StageRun, request_of, run_stage
from jaso_evaluate.comparison import tables
from jaso_evaluate.comparison.compare import TESTS, Options, compare
from jaso_evaluate.comparison.disagreements import disagreements
from jaso_evaluate.comparison.inputs import ScoredRun, labels, read_run
from jaso_evaluate.comparison.systems import grouped, pattern
from jaso_evaluate.comparison.tokenizer_sensitivity import panel
from jaso_evaluate.metrics import METRICS
from jaso_evaluate.score import check_resamples

__all__ = ["CompareSettings", "ScoredRun", "labels", "read_run", "run", "settings"]


@dataclass(frozen=True)
class CompareSettings:
    """`runs`: folders that `jaso evaluate` or `jaso score` wrote; the first is what the others are compared with.

    `systems`: the same by name, {name: [folders]}, where a system was trained with several seeds; or `systems_by` says
    how they are found: none, label, manifest, or a pattern that is cut out of the folders' names.

    `measures`: these only, chosen before looking: Holm asks less of each where there are few (none: all). `texts`: so
    many of the texts that the runs disagree on most, by the measure `texts_by` (null: the first of the usual ones).
    """

    out: str = REQUIRED
    runs: list[str] = REQUIRED
    systems: dict[str, list[str]] = field(default_factory=dict)
    systems_by: str = "none"
    measures: list[str] = field(default_factory=list)
    test: str = "permutation"
    texts: int = 20
    texts_by: str | None = None
    resamples: int = 10_000
    seed: int = 0

    def __post_init__(self) -> None:
        check_resamples(self.resamples)
        if self.texts < 0:
            raise ValueError(f"texts is {self.texts}, give 0 or more")


def settings(config: Mapping[str, Any], *, strict: bool = True) -> CompareSettings:
    """Checks the configuration. `runs` may be one text with commas; with `systems` it is not needed."""
    config = dict(config if strict else pick(config, CompareSettings))
    if isinstance(config.get("runs"), str) and config["runs"] != REQUIRED:
        config["runs"] = [part for part in config["runs"].split(",") if part]
    if isinstance(config.get("measures"), str):
        config["measures"] = [part for part in config["measures"].split(",") if part]
    systems = config.get("systems") or {}
    if systems and config.get("runs", REQUIRED) == REQUIRED:
        config["runs"] = [folder for some in systems.values() for folder in some]
    checked = to_settings(config, CompareSettings)
    pattern(checked.systems_by)
    if checked.test not in TESTS:
        raise RequestError(f"config key 'test': '{checked.test}'", did_you_mean(checked.test, list(TESTS)))
    _check_systems(checked)
    if len(checked.runs) < 2:
        raise RequestError("config key 'runs': one folder has nothing to be compared with", "give runs=<dir>,<dir>")
    return checked


def _check_systems(checked: CompareSettings) -> None:
    named = [folder for some in checked.systems.values() for folder in some]
    if named and sorted(named) != sorted(checked.runs):
        raise RequestError("config keys 'runs' and 'systems' name other folders", "leave runs= out")
    empty = [name for name, some in checked.systems.items() if not some]
    if empty:
        raise RequestError(f"config key 'systems.{empty[0]}' is empty", "give it one folder or more")
    if len(checked.systems) == 1:
        raise RequestError("config key 'systems': one system has nothing to be compared with", "name another one")


def run(settings: CompareSettings) -> Outcome:
    """Fills settings.out."""
    inputs = {f"runs[{i}]": Path(path) for i, path in enumerate(settings.runs)}
    # The labels stand in the tables; the rest of a path does not matter.
    request = {**request_of(settings), "runs": labels(settings.runs), "systems": _named(settings)}
    return run_stage("compare", Path(settings.out), request, inputs, lambda stage: _work(settings, stage))


def _named(settings: CompareSettings) -> dict[str, list[str]]:
    """Labels of the runs by system, where the settings name systems."""
    by_folder = dict(zip(settings.runs, labels(settings.runs), strict=True))
    return {name: [by_folder[folder] for folder in some] for name, some in settings.systems.items()}


def _work(settings: CompareSettings, stage: StageRun) -> None:
    METRICS.names()  # metrics from extension folders bring their reductions along
    names = labels(settings.runs)
    runs = [read_run(Path(path), name) for path, name in zip(settings.runs, names, strict=True)]
    systems, notes = grouped(runs, _named(settings), settings.systems_by)
    stage.seeds["resampling"] = settings.seed
    found = compare(systems, Options(settings.test, settings.resamples, settings.seed, settings.measures))
    found["tokenizers"] = panel(found["measures"])
    found["texts"], more = disagreements(systems, found["measures"], settings.texts_by, settings.texts)
    found["notes"] = [*notes, *found["notes"], *more]
    for note in found["notes"]:
        say(f"compare: {note}")
    stage.counts["examples"] = found["n"]
    write_json(stage.add("comparison.json"), found)
    for name, text in tables.render(found).items():
        with atomic_text(stage.add(name)) as stream:
            stream.write(text)

"""`jaso compare`: runs side by side, with intervals, tests and disagreements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from jaso_evaluate.comparison.inputs import ScoredRun, labels, read_run, wrong_losses
from jaso_evaluate.comparison.schema import Comparison
from jaso_evaluate.comparison.systems import System, group_runs, seed_pattern
from jaso_evaluate.comparison.tokenizer_sensitivity import panel
from jaso_evaluate.comparison.verdict.decide import decide
from jaso_evaluate.comparison.verdict.sentences import verdict_sentences
from jaso_evaluate.metrics import METRICS
from jaso_evaluate.schema import DegenerationFacts
from jaso_evaluate.score import check_resamples

__all__ = ["CompareSettings", "ScoredRun", "labels", "read_run", "run", "settings"]


@dataclass(frozen=True)
class CompareSettings:
    """Settings of `jaso compare`.

    `runs`: folders that `jaso evaluate` or `jaso score` wrote; the first is what the others are compared with.

    `systems`: the same by name, {name: [folders]}, where a system was trained with several seeds; or `systems_by` says
    how they are found: none, label, manifest, or a pattern that is removed from the folders' names.

    `measures`: these only, chosen before looking: Holm's correction is milder where there are few (none: all).
    `texts`: number of texts to show that the runs disagree on most, by the measure `texts_by` (null: the first of the
    usual ones).
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
    """Validate the configuration.

    `runs` may be one text with commas; with `systems` it is not needed.
    """
    config = dict(config if strict else pick(config, CompareSettings))
    if isinstance(config.get("runs"), str) and config["runs"] != REQUIRED:
        config["runs"] = [part for part in config["runs"].split(",") if part]
    if isinstance(config.get("measures"), str):
        config["measures"] = [part for part in config["measures"].split(",") if part]
    systems = config.get("systems") or {}
    if systems and config.get("runs", REQUIRED) == REQUIRED:
        config["runs"] = [folder for folders in systems.values() for folder in folders]
    checked = to_settings(config, CompareSettings)
    seed_pattern(checked.systems_by)
    if checked.test not in TESTS:
        raise RequestError(f"config key 'test': '{checked.test}'", did_you_mean(checked.test, list(TESTS)))
    _check_systems(checked)
    if len(checked.runs) < 2:
        raise RequestError("config key 'runs': one folder has nothing to be compared with", "give runs=<dir>,<dir>")
    return checked


def _check_systems(checked: CompareSettings) -> None:
    named = [folder for folders in checked.systems.values() for folder in folders]
    if named and sorted(named) != sorted(checked.runs):
        raise RequestError("config keys 'runs' and 'systems' name other folders", "leave runs= out")
    empty = [name for name, folders in checked.systems.items() if not folders]
    if empty:
        raise RequestError(f"config key 'systems.{empty[0]}' is empty", "give it one folder or more")
    if len(checked.systems) == 1:
        raise RequestError("config key 'systems': one system has nothing to be compared with", "name another one")


def run(settings: CompareSettings) -> Outcome:
    """Compare the runs and write the stage folder settings.out."""
    inputs = {f"runs[{i}]": Path(path) for i, path in enumerate(settings.runs)}
    # The labels are in the tables; the rest of a path does not matter.
    request = {**request_of(settings), "runs": labels(settings.runs), "systems": _labels_by_system(settings)}
    return run_stage("compare", Path(settings.out), request, inputs, lambda stage: _work(settings, stage))


def full_comparison(
    systems: Sequence[System], options: Options, notes: Sequence[str], texts_by: str | None = None, texts: int = 0
) -> Comparison:
    """Return all of comparison.json: values and tests, tokenizers, texts side by side.

    `notes`: what is known of the systems already, before the others. `texts`: at most so many, by `texts_by`.
    """
    METRICS.names()  # metrics from extension folders bring their reductions along
    comparison = compare(systems, options)
    comparison["tokenizers"] = panel(comparison["measures"])
    comparison["texts"], text_notes = disagreements(systems, comparison["measures"], texts_by, texts)
    comparison["notes"] = [*notes, *comparison["notes"], *text_notes]
    comparison["verdict"] = decide(comparison, {system.name: _degeneration(system) for system in systems})
    return comparison


def _degeneration(system: System) -> DegenerationFacts | None:
    """Return that of the first degenerate run of a system, else of its first run."""
    known = [run.degeneration for run in system.runs if run.degeneration is not None]
    return next((facts for facts in known if facts["is_degenerate"]), known[0] if known else None)


def _labels_by_system(settings: CompareSettings) -> dict[str, list[str]]:
    """Return labels of the runs by system, where the settings name systems."""
    by_folder = dict(zip(settings.runs, labels(settings.runs), strict=True))
    return {name: [by_folder[folder] for folder in folders] for name, folders in settings.systems.items()}


def _work(settings: CompareSettings, stage: StageRun) -> None:
    names = labels(settings.runs)
    runs = [read_run(Path(path), name) for path, name in zip(settings.runs, names, strict=True)]
    systems, notes = group_runs(runs, _labels_by_system(settings), settings.systems_by)
    notes = [*notes, *wrong_losses(runs)]
    stage.seeds["resampling"] = settings.seed
    options = Options(settings.test, settings.resamples, settings.seed, settings.measures)
    comparison = full_comparison(systems, options, notes, settings.texts_by, settings.texts)
    for note in comparison["notes"]:
        say(f"compare: {note}")
    for sentence in verdict_sentences(comparison["verdict"]):
        say(f"compare: {sentence}")
    stage.counts["examples"] = comparison["n"]
    write_json(stage.add("comparison.json"), comparison)
    for name, text in tables.render(comparison).items():
        with atomic_text(stage.add(name)) as stream:
            stream.write(text)

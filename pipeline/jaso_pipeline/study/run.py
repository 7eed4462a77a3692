"""`jaso study <name>`: plan a grid of cells, run what is missing, report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from jaso_core.config import REQUIRED, to_settings
from jaso_core.console import Lines, result, say
from jaso_core.errors import RequestError, WorkError
from jaso_core.stage.command import current_arguments
from jaso_core.stage.runner import Outcome
from jaso_pipeline.study.execute.event_log import EventLog
from jaso_pipeline.study.execute.executors import open_executor
from jaso_pipeline.study.execute.scheduler import LOGS, run_grid
from jaso_pipeline.study.plan import grid as grids
from jaso_pipeline.study.plan.narrow import fit_to_corpus
from jaso_pipeline.study.plan.sizes import read_size
from jaso_pipeline.study.plan.spec import read_spec
from jaso_pipeline.study.plan.unused_overrides import refuse_unused
from jaso_pipeline.study.plan_costs import plan
from jaso_pipeline.study.report.results import collect_results, unexpected_claims
from jaso_pipeline.study.report.write import write_report

LAUNCHERS = ("here", "basic", "local", "slurm")


@dataclass(frozen=True)
class StudySettings:
    """Settings of a study.

    `out`: the folder of all studies, whose stages are shared between them; the report is in `out`/<study>. `study`,
    `size`: the chosen nodes. `seeds`: number of trainings of each cell, with seeds from `seed` on (None: as the size
    says). `overrides`: for all cells, the rest of the command line. `corpus`: a folder of `jaso preprocess` in place of
    source= and cleaning. `jobs`: tasks at a time (0: by cores and memory, or GPUs). `plan`: only report what would be
    done. `strict`: a claim that does not come out as the study expects is a failure.
    """

    out: str = REQUIRED
    study: dict[str, Any] = REQUIRED
    size: dict[str, Any] = REQUIRED
    seeds: int | None = None
    seed: int = 0
    overrides: list[str] = field(default_factory=list)
    corpus: str | None = None
    jobs: int = 0
    launcher: str = "here"
    cluster_options: dict[str, Any] = field(default_factory=dict)
    plan: bool = False
    strict: bool = False

    def __post_init__(self) -> None:
        if self.seeds is not None and self.seeds < 1:
            raise ValueError(f"seeds is {self.seeds}, give 1 or more")
        if self.jobs < 0:
            raise ValueError(f"jobs is {self.jobs}, give 1 or more, or 0 for as many as fit")
        if self.launcher not in LAUNCHERS:
            raise ValueError(f"launcher is '{self.launcher}', it can be {', '.join(LAUNCHERS)}")
        if self.launcher == "basic" and self.jobs > 1:
            raise ValueError(f"jobs is {self.jobs}, but launcher=basic does one task after the other")

    @property
    def result(self) -> Path:
        """The path that is printed last: the report, or the folder with `plan`."""
        return Path(self.out) if self.plan else Path(self.out) / self.study["name"] / "report.html"


def settings(config: Mapping[str, Any], *, strict: bool = True) -> StudySettings:
    """Check the configuration, including the study's own."""
    del strict  # every key is the study's own; keys of the cells are in `overrides`
    checked = to_settings(config, StudySettings)
    read_spec(checked.study)
    read_size(checked.size)
    for override in checked.overrides:
        key = override.partition("=")[0].lstrip("+~")
        if key in ("experiment", "out"):
            raise RequestError(f"'{key}=' is not for the cells of a study", "choose model=, source=, size= instead")
    if checked.corpus is not None and not Path(checked.corpus).is_dir():
        raise RequestError(f"corpus={checked.corpus}: no such folder", "give a folder that `jaso preprocess` wrote")
    return checked


def run(settings: StudySettings) -> Outcome:
    """Run the cells, then compare and report those that are complete.

    WorkError when some are not.
    """
    spec, size, root = read_spec(settings.study), read_size(settings.size), Path(settings.out)
    seeds = range(settings.seed, settings.seed + (settings.seeds or size.seeds))
    corpus = Path(settings.corpus).resolve() if settings.corpus else None
    if corpus is not None and spec.held_out:
        raise RequestError(
            f"corpus= leaves the cells of '{spec.name}' nothing to differ in", "give source= in its place"
        )
    request = grids.Request(size, seeds, settings.overrides, root, corpus)
    compose = _cached_composer()
    refuse_unused(settings.overrides, spec, corpus is not None, compose)
    if corpus is not None:
        spec, note = fit_to_corpus(spec, corpus, lambda overrides: compose("pipeline", tuple(overrides)))
        if note:
            say(f"study: {note}")
    if lost := len(settings.study.get("claims") or ()) - len(spec.claims):
        say(f"study: {lost} claims are about cells that are left out, and are not tested")
    grid = grids.build(spec, request, lambda overrides: compose("pipeline", tuple(overrides)))
    study_plan = plan(grid)
    if settings.plan:
        result(Lines(study_plan.text()))
        return Outcome.UNCHANGED
    say(study_plan.line())
    cpu = "trainer.device=cpu" in settings.overrides
    executor = open_executor(settings.launcher, settings.jobs, settings.cluster_options, root / ".submitit", cpu=cpu)
    errors = run_grid(grid, executor, EventLog(root), f"study {spec.name}", current_arguments(), root / LOGS)
    failed = [cell for cell in grid.cells if cell.tasks["evaluate"] in errors]
    if len({cell.label for cell in grid.cells if cell not in failed}) < 2:
        raise WorkError(
            _describe_failures(grid, errors), f"mend that, then run the same command; logs are in {root / LOGS}"
        )
    results = collect_results(grid, request, set(errors))
    outcome = write_report(results, root / spec.name)
    if errors:
        raise WorkError(
            f"{_describe_failures(grid, errors)}; the report is of the others", "the same command tries them again"
        )
    if settings.strict and (messages := unexpected_claims(results["claims"])):
        raise WorkError(f"not as expected: {'; '.join(messages)}", f"see {settings.result}")
    return outcome


def _describe_failures(grid: grids.Grid, errors: Mapping[str, str]) -> str:
    # errors of tasks whose own inputs did not fail
    root_errors = {
        key: error for key, error in errors.items() if not any(s in errors for s in grid.tasks[key].inputs.values())
    }
    key, error = next(iter(root_errors.items()))
    cells = sum(cell.tasks["evaluate"] in errors for cell in grid.cells)
    return f"{cells} of {len(grid.cells)} cells failed ({grid.tasks[key].name}: {error})"


def _cached_composer() -> Callable[..., Mapping[str, Any]]:
    from jaso_pipeline.cli.hydra_app import compose_config

    @cache
    def compose(verb: str, overrides: tuple[str, ...] = ()) -> Mapping[str, Any]:
        return compose_config(verb, list(overrides))

    return compose

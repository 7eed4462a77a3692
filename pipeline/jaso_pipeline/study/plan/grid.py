"""Grid of a study: cells, their tasks (equal requests shared) and folders."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from jaso_core.errors import RequestError
from jaso_core.io.files import sha256_json
from jaso_core.stage.runner import request_of
from jaso_pipeline.cli.commands import VERBS
from jaso_pipeline.study.plan.sizes import Size, compatible_overrides
from jaso_pipeline.study.plan.spec import Combination, Spec, combinations, label, levels

LINKS: dict[str, dict[str, str]] = {
    "crawl": {},
    "preprocess": {"input": "crawl"},
    "train": {"input": "preprocess"},
    "evaluate": {"input": "preprocess", "model_dir": "train"},
}
"""{stage: {config key: stage whose folder it reads}}."""

KEEP = "split.keep"
"""Config key of the corpus whose splits another one keeps."""

Compose = Callable[[Sequence[str]], Mapping[str, Any]]
"""Function from overrides to the configuration of `jaso pipeline`."""

_DIGEST_LENGTH = 10
_MAX_NAME_BYTES = 120


@dataclass
class Task:
    """One stage of one or more cells.

    `key` is a digest of its request and of all that goes into it; `settings` and `inputs`, the keys of the tasks it
    reads by config key, become the stage's settings when folders are known.
    """

    stage: str
    key: str
    settings: Any
    inputs: Mapping[str, str]
    overrides: tuple[str, ...]
    cells: list[str] = field(default_factory=list)
    folder: Path = Path()

    @property
    def name(self) -> str:
        """The display name: stage and folder name."""
        return f"{self.stage} {self.folder.name}"


@dataclass(frozen=True)
class Cell:
    """A combination of levels, trained with one seed. `tasks`: {stage: task key}."""

    label: str
    seed: int
    levels: Mapping[str, str]
    tasks: Mapping[str, str]

    @property
    def name(self) -> str:
        """Its label and its seed."""
        return f"{self.label}, seed={self.seed}"


@dataclass(frozen=True)
class Grid:
    """All cells of a study and their tasks by key, in topological order."""

    spec: Spec
    cells: list[Cell]
    tasks: dict[str, Task]

    def systems(self) -> dict[str, list[Cell]]:
        """Return {label: cells}: the cells of each combination, seeds in order."""
        systems: dict[str, list[Cell]] = {}
        for cell in self.cells:
            systems.setdefault(cell.label, []).append(cell)
        return systems


@dataclass(frozen=True)
class Request:
    """The request beside the study's specification.

    Seeds; the user's overrides, which take precedence over those of study and size; and, in place of crawl and
    preprocess, the `corpus` that `jaso preprocess` wrote.
    """

    size: Size
    seeds: Sequence[int]
    user_overrides: Sequence[str]
    root: Path
    corpus: Path | None = None


def build(spec: Spec, request: Request, compose: Compose) -> Grid:
    """Compose every cell and assign its folders.

    RequestError as from the stages' own settings.
    """
    size_overrides = [*request.size.overrides, *spec.base, *spec.sizes.get(request.size.name, [])]
    common = (*compatible_overrides(size_overrides, request.user_overrides), *request.user_overrides)
    tasks: dict[str, Task] = {}
    cells = []
    for index, combination in enumerate(combinations(spec)):
        overrides = (*common, *_overrides(combination))
        test_overrides = (*common, *_overrides(_test_combination(spec, combination)))
        # own_seeds, seeds (0, 1, 2): cell 0 has 0, 1, 2 and cell 1 has 3, 4, 5
        for seed in (n + spec.own_seeds * index * len(request.seeds) for n in request.seeds):
            cell = Cell(label(combination), seed, {level.factor: level.label for level in combination}, {})
            cell_tasks = _tasks(overrides, test_overrides, seed, request, compose)
            for task in cell_tasks.values():
                tasks.setdefault(task.key, task).cells.append(cell.name)
            cells.append(
                replace(cell, tasks={stage: task.key for stage, task in cell_tasks.items() if "/" not in stage})
            )
    _refuse_duplicates(cells)
    grid = Grid(spec, cells, tasks)
    _assign_folders(grid, request.root)
    return grid


def _refuse_duplicates(cells: Sequence[Cell]) -> None:
    """Reject two cells with the same request, which would be compared with itself.

    RequestError names both.
    """
    cells_by_task: dict[str, Cell] = {}
    for cell in cells:
        first = cells_by_task.setdefault(cell.tasks["evaluate"], cell)
        if first is not cell:
            message = f"cells '{first.label}' and '{cell.label}' are one and the same"
            raise RequestError(message, "leave one out, or set study.own_seeds=true")


def _overrides(combination: Combination) -> Iterable[str]:
    return (override for level in combination for override in level.overrides)


def _test_combination(spec: Spec, combination: Combination) -> Combination:
    """Return the cell whose test examples this one is evaluated on."""
    levels_by_name = {
        (level.factor, level.label): level for factor_levels in levels(spec).values() for level in factor_levels
    }
    return tuple(levels_by_name[level.factor, spec.held_out.get(level.factor, level.label)] for level in combination)


def _tasks(
    overrides: tuple[str, ...], test_overrides: tuple[str, ...], seed: int, request: Request, compose: Compose
) -> dict[str, Task]:
    """Return {stage: task} of a cell, inputs first.

    "test/crawl" and "test/preprocess" are added where the cell is tested on another corpus than it learns from. Then
    its own corpus keeps the splits of that one, so that no test example is in its training data.

    The seed of a cell is its training's. Corpus and decoding have the first seed in all cells: two of them are to
    differ in what the model learned, not in what it was asked.
    """
    make = partial(_task, compose=compose, corpus=request.corpus)
    first_seed = request.seeds[0]
    test_corpus: dict[str, Task] = {}
    if request.corpus is None:
        test_corpus["crawl"] = make("crawl", test_overrides, first_seed, {})
        test_corpus["preprocess"] = make("preprocess", test_overrides, first_seed, {"input": test_corpus["crawl"]})
    train_corpus = dict(test_corpus)
    if test_overrides != overrides and request.corpus is None:
        train_corpus["crawl"] = make("crawl", overrides, first_seed, {})
        links = {"input": train_corpus["crawl"], KEEP: test_corpus["preprocess"]}
        train_corpus["preprocess"] = make("preprocess", overrides, first_seed, links)
    train = make("train", overrides, seed, {key: train_corpus[stage] for key, stage in _links("train", train_corpus)})
    links = {"model_dir": train, **{key: test_corpus[stage] for key, stage in _links("evaluate", test_corpus)}}
    evaluate = make("evaluate", overrides, first_seed, links)
    # equal corpora are one task each, so "test/…" is present only where they differ
    test_only = {f"test/{stage}": task for stage, task in test_corpus.items()} if test_corpus != train_corpus else {}
    return {**test_only, **train_corpus, "train": train, "evaluate": evaluate}


def _links(stage: str, tasks: Mapping[str, Task]) -> list[tuple[str, str]]:
    return [(key, source) for key, source in LINKS[stage].items() if source in tasks]


def _task(
    stage: str,
    overrides: tuple[str, ...],
    seed: int,
    inputs: Mapping[str, Task],
    *,
    compose: Compose,
    corpus: Path | None,
) -> Task:
    overrides = (*overrides, f"seed={seed}")
    keys = {key: task.key for key, task in inputs.items()}
    config = {**compose(overrides), **{key: str(corpus or "-") for key in LINKS[stage]}, "out": "-"}
    settings = VERBS[stage].load().settings(config, strict=False)
    request = {key: value for key, value in request_of(settings).items() if key not in LINKS[stage]}
    return Task(stage, sha256_json([stage, request, keys, str(corpus)])[:_DIGEST_LENGTH], settings, keys, overrides)


def _assign_folders(grid: Grid, root: Path) -> None:
    """Assign each task its folder: an existing one of any study, or a new one.

    A new folder is named after its cells.
    """
    for task in grid.tasks.values():
        # folders are <label>-<digest>: the digest alone identifies the request
        existing = sorted((root / task.stage).glob(f"*-{task.key}"))
        task.folder = existing[0] if existing else root / task.stage / f"{_folder_label(task, grid)}-{task.key}"
    for task in grid.tasks.values():
        paths: dict[str, Any] = {key: str(grid.tasks[source].folder) for key, source in task.inputs.items()}
        if task.stage == "preprocess":
            paths["input"] = [paths["input"]]
            if KEEP in paths:
                paths["split"] = replace(task.settings.split, keep=paths.pop(KEEP))
        task.settings = replace(task.settings, out=str(task.folder), **paths)


def _folder_label(task: Task, grid: Grid) -> str:
    """Return the levels that all cells of this task share and others do not."""
    task_cells = [cell for cell in grid.cells if cell.name in set(task.cells)]
    parts: list[str] = []
    for factor in grid.cells[0].levels:
        shared, everywhere = ({cell.levels[factor] for cell in cells} for cells in (task_cells, grid.cells))
        parts += shared if len(shared) == 1 < len(everywhere) else []
    if task.stage in ("train", "evaluate"):
        parts += [f"seed={seed}" for seed in {cell.seed for cell in task_cells}][:1]
    name = re.sub(r"[^\w=.+-]", "-", ",".join(parts) or "all")
    return name.encode()[:_MAX_NAME_BYTES].decode(errors="ignore")

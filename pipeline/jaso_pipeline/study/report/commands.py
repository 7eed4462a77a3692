"""Shell commands that reproduce one cell of a study by hand.

A study does nothing that cannot be done without it.
"""

from __future__ import annotations

import shlex
from functools import cache

import yaml

from jaso_core.config import config_folder
from jaso_core.registry import extension_folders
from jaso_pipeline.study.plan.grid import KEEP, LINKS, Cell, Grid, Task


def commands(grid: Grid, cell: Cell) -> list[str]:
    """Return one command per stage of the cell, in order."""
    return [command(grid.tasks[cell.tasks[stage]], grid) for stage in LINKS if stage in cell.tasks]


def command(task: Task, grid: Grid) -> str:
    """Return the command of a task as a user would type it.

    Overrides for other stages are left out.
    """
    keys = _keys(task.stage)
    # the last override of a key wins
    by_key = {override.partition("=")[0].lstrip("+~"): override for override in task.overrides}
    chosen = [override for key, override in by_key.items() if key.split(".")[0] in keys]
    links = []
    for key in LINKS[task.stage]:
        path = grid.tasks[task.inputs[key]].folder if key in task.inputs else getattr(task.settings, key)
        links.append(f"{key.removesuffix('_dir')}={path}")
    if KEEP in task.inputs:
        links.append(f"{KEEP}={grid.tasks[task.inputs[KEEP]].folder}")
    return shlex.join(["jaso", task.stage, *links, *chosen, f"out={task.folder}"])


@cache
def _keys(stage: str) -> frozenset[str]:
    """Return keys and groups of a stage's YAML; for crawl also those of the sources."""
    node = yaml.safe_load((config_folder() / f"{stage}.yaml").read_text(encoding="utf-8"))
    groups = {next(iter(entry)).removeprefix("override ") for entry in node["defaults"] if isinstance(entry, dict)}
    keys = {*node, *groups, "seed"} - {"defaults", "out"}
    if stage == "crawl":
        for folder in (config_folder(), *(extension / "configs" for extension in extension_folders())):
            for path in (folder / "source").glob("*.yaml"):
                keys |= set(yaml.safe_load(path.read_text(encoding="utf-8")))
    return frozenset(keys)

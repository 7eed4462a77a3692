"""The whole pipeline: each stage in its own folder below `out`.

A stage that is complete is skipped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaso_core.config import REQUIRED, pick, to_settings
from jaso_core.console import result
from jaso_core.stage.folder_state import FolderStates
from jaso_core.stage.runner import Outcome
from jaso_pipeline.cli.commands import VERBS
from jaso_train.run import check_out

STAGES = ("crawl", "preprocess", "train", "evaluate")


@dataclass(frozen=True)
class PipelineOptions:
    """Options of the pipeline itself.

    `plan`: say what would be done, and do nothing.
    """

    out: str = REQUIRED
    plan: bool = False


@dataclass(frozen=True)
class PipelineSettings:
    """Settings of the four stages.

    They are checked together, so that a mistake in the last is reported before the first runs.
    """

    out: str
    stages: Mapping[str, Any]
    plan: bool = False


def settings(config: Mapping[str, Any], *, strict: bool = True) -> PipelineSettings:
    """Split the configuration by stage and link each to the folder of the one before."""
    del strict  # every key belongs to some stage; Hydra rejects those that are in no YAML
    options = to_settings(pick({"out": "???", **config}, PipelineOptions), PipelineOptions)
    out = Path(options.out)
    folders = {name: str(out / name) for name in STAGES}
    links: dict[str, dict[str, Any]] = {
        "crawl": {},
        "preprocess": {"input": [folders["crawl"]]},
        "train": {"input": folders["preprocess"]},
        "evaluate": {"input": folders["preprocess"], "model_dir": folders["train"]},
    }
    stage_configs = {name: {**config, **links[name], "out": folders[name]} for name in STAGES}
    return PipelineSettings(
        str(out),
        {name: VERBS[name].load().settings(stage_config, strict=False) for name, stage_config in stage_configs.items()},
        options.plan,
    )


def run(settings: PipelineSettings) -> Outcome:
    """Run the stages in order; return the outcome of the last. With `plan` none runs.

    RequestError before the first one when a finished training with other settings would be replaced.
    """
    check_out(settings.stages["train"])
    if settings.plan:
        for line in plan_lines(settings.stages):
            result(line)
        return Outcome.UNCHANGED
    outcome = Outcome.UNCHANGED
    for name in STAGES:
        outcome = VERBS[name].load().run(settings.stages[name])
    return outcome


def plan_lines(stages: Mapping[str, Any]) -> list[str]:
    """Return a line for each stage: its folder, how far it is, and what it will do."""
    states = FolderStates()
    descriptions = {"crawl": _crawl, "preprocess": _preprocess, "train": _train, "evaluate": _evaluate}
    lines = []
    for name in STAGES:
        folder = Path(stages[name].out)
        state = states.describe(folder) if folder.is_dir() else "not begun"
        lines.append(f"{name}: {folder}: {state}; {descriptions[name](stages[name])}")
    return lines


def _crawl(settings: Any) -> str:
    path = getattr(settings.options, "path", None)
    return f"source={settings.source}" + (f" path={path}" if path else "")


def _preprocess(settings: Any) -> str:
    return f"{len(settings.clean)} cleaning steps"


def _train(settings: Any) -> str:
    trainer = settings.trainer
    length = f"{trainer.max_steps:,} steps" if trainer.max_steps > 0 else f"{trainer.epochs:g} epochs"
    names = (settings.model["name"], settings.prompt["name"], settings.freeze["name"])
    return f"model={names[0]} prompt={names[1]} freeze={names[2]}, {length} of {trainer.batch_size} examples"


def _evaluate(settings: Any) -> str:
    texts = "all examples" if settings.limit is None else f"at most {settings.limit:,} examples"
    return f"{texts} of {settings.evaluate_split}, generate={settings.generate.name}, {len(settings.metrics)} metrics"

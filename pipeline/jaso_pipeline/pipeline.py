"""The whole pipeline: each stage in its own folder below `out`.

A stage that is complete is skipped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaso_core.config import REQUIRED, to_settings
from jaso_core.stage.runner import Outcome
from jaso_pipeline.cli.commands import VERBS
from jaso_train.run import check_out

STAGES = ("crawl", "preprocess", "train", "evaluate")


@dataclass(frozen=True)
class OutOption:
    """The only option of the pipeline itself."""

    out: str = REQUIRED


@dataclass(frozen=True)
class PipelineSettings:
    """Settings of the four stages.

    They are checked together, so that a mistake in the last is reported before the first runs.
    """

    out: str
    stages: Mapping[str, Any]


def settings(config: Mapping[str, Any], *, strict: bool = True) -> PipelineSettings:
    """Split the configuration by stage and link each to the folder of the one before."""
    del strict  # every key belongs to some stage; Hydra rejects those that are in no YAML
    out = Path(to_settings({"out": config.get("out", "???")}, OutOption).out)
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
    )


def run(settings: PipelineSettings) -> Outcome:
    """Run the stages in order; return the outcome of the last.

    RequestError before the first one when a finished training with other settings would be replaced.
    """
    check_out(settings.stages["train"])
    outcome = Outcome.UNCHANGED
    for name in STAGES:
        outcome = VERBS[name].load().run(settings.stages[name])
    return outcome

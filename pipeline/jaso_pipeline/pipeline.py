"""The whole chain: each stage in its own folder below `out`, each skipping what is complete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaso_core.config import REQUIRED, to_settings
from jaso_core.stage.runner import Outcome
from jaso_pipeline.cli.commands import VERBS

STAGES = ("crawl", "preprocess", "train", "evaluate")


@dataclass(frozen=True)
class OutOption:
    """The one key that is the pipeline's own."""

    out: str = REQUIRED


@dataclass(frozen=True)
class PipelineSettings:
    """The four stages' settings, checked together so that a mistake in the last is told before the first runs."""

    out: str
    stages: Mapping[str, Any]


def settings(config: Mapping[str, Any], *, strict: bool = True) -> PipelineSettings:
    """Gives each stage its share of the configuration and the folder of the stage before it."""
    del strict  # every key belongs to some stage; Hydra refuses the ones that are in no YAML
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
    """Runs the stages in order; the outcome is that of the last."""
    outcome = Outcome.UNCHANGED
    for name in STAGES:
        outcome = VERBS[name].load().run(settings.stages[name])
    return outcome

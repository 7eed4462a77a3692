"""Read the files of a train folder, without its model."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaso_core.errors import RequestError
from jaso_core.io.pretrained import read_config_json
from jaso_core.io.shapes import read_json_as, read_jsonl_as
from jaso_core.modeling.checkpoint import model_folder, read_prompt_file
from jaso_core.stage.manifest import Manifest, read_manifest
from jaso_core.stage.schema import LogRow, TrainCounts, train_counts
from jaso_train.schema import FreezeReport, TokenizerReport

LOSS = "validation_loss"
BEST = "validation_bits_per_character"
"""As in jaso_train.tasks.causal_lm_validation: pages read finished folders, not tasks."""
TOKENIZER_REPORT = "tokenizer_report.json"

Log = Sequence[Mapping[str, Any]]
Points = list[tuple[int, float]]


@dataclass(frozen=True)
class TrainFolder:
    """The files of a train folder, parsed.

    `freeze`: freeze_report.json. `prompt`: model/prompt.json. `model`: model/config.json. `tokenizer`:
    tokenizer_report.json, None in folders that are older than it.
    """

    path: Path
    manifest: Manifest
    log: Log
    freeze: FreezeReport
    prompt: Mapping[str, Any]
    model: Mapping[str, Any]
    tokenizer: TokenizerReport | None

    @property
    def counts(self) -> TrainCounts:
        """Counts of steps, tokens and examples."""
        return train_counts(self.manifest.counts)

    def option(self, key: str, otherwise: Any = None) -> Any:
        """Return a value of the configuration by its dotted key."""
        value: Any = self.manifest.request
        for part in key.split("."):
            if not isinstance(value, Mapping) or part not in value:
                return otherwise
            value = value[part]
        return value

    @property
    def best_step(self) -> int | None:
        """The trained step with the fewest validation bits a character.

        The first of equal ones; step 0 only where no other was validated: its weights are never kept.
        """
        points = series(self.log, BEST)
        points = [point for point in points if point[0] > 0] or points
        return min(points, key=lambda point: (point[1], point[0]))[0] if points else None

    @property
    def saved_step(self) -> int | None:
        """The step of the weights in model/."""
        if "saved_step" in self.counts:
            return self.counts["saved_step"]
        # folders that are older than the field
        best = self.counts.get("best_step") if self.option("trainer.keep_best", True) else None
        return self.counts.get("steps") if best is None else best


def read_train_folder(folder: Path, manifest: Manifest | None = None) -> TrainFolder:
    """Read a finished `jaso train` folder.

    `manifest` replaces one that is not written yet. RequestError when the folder is another stage's or not complete, or
    when a file is absent or damaged.
    """
    manifest = manifest or read_manifest(folder)
    if manifest is None or manifest.stage != "train":
        state = "not complete (no manifest.json)" if manifest is None else f"made by `jaso {manifest.stage}`"
        raise RequestError(f"{folder}: is no finished train folder, {state}", "give a folder that `jaso train` wrote")
    model = model_folder(folder)
    return TrainFolder(
        folder,
        manifest,
        list(read_jsonl_as(folder / "log.jsonl", LogRow)),
        read_json_as(folder / "freeze_report.json", FreezeReport),
        read_prompt_file(model),
        read_config_json(model),
        read_json_as(folder / TOKENIZER_REPORT, TokenizerReport) if (folder / TOKENIZER_REPORT).is_file() else None,
    )


def series(log: Log, key: str) -> Points:
    """Return (step, value) pairs in the order of the steps.

    Of two for one step the later counts, and only finite numbers do.
    """
    values = {row["step"]: float(row[key]) for row in log if _number(row.get(key)) and _number(row.get("step"))}
    return sorted(values.items())


def value_at(points: Points, step: int | None) -> float | None:
    """Return the value of a step."""
    return dict(points).get(step) if step is not None else None


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)

"""Cost estimate of a study before it starts: tasks, tokens, time, disk."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from jaso_core.stage.manifest import read_manifest
from jaso_core.stage.schema import preprocess_counts, train_counts
from jaso_pipeline.study.execute.progress_table import format_duration
from jaso_pipeline.study.execute.scheduler import is_complete
from jaso_pipeline.study.plan.grid import Grid, Task

_EXAMPLES = {"letters": 2.2, "interviews": 0.75}
"""Training examples of the synthetic corpus per letter and per interview."""
_STAGE_SECONDS = {"crawl": 4.0, "preprocess": 12.0, "evaluate": 8.0}
"""Seconds of a stage on two cores, where no finished folder gives its time."""
_OVERHEAD = 6.0  # seconds of a training outside its steps
_LARGE = 20e6  # parameters
# share of the peak FLOP/s of a matrix product that a training uses, by whether the model is large
_EFFICIENCY = {False: 0.15, True: 0.6}


@dataclass(frozen=True)
class Estimate:
    """Cost of one task: training tokens, seconds, bytes on disk. None: unknown."""

    tokens: float | None
    seconds: float | None
    disk: float | None


@dataclass(frozen=True)
class Plan:
    """The tasks of a study; `pending` are those that are not complete."""

    grid: Grid
    pending: Mapping[str, Estimate]

    def line(self) -> str:
        """Return the summary line that is printed before the start."""
        done = len(self.grid.tasks) - len(self.pending)
        return (
            f"study: {self.grid.spec.title}: {len(self.grid.cells)} cells, {len(self.grid.tasks)} tasks, {done} there "
            f"already; about {self._minutes()} of work on one core, {self._tokens()} tokens, {self._disk()}"
        )

    def text(self) -> str:
        """Return the table of `plan=true`."""
        lines = [f"{'stage':<12}{'tasks':>7}{'there':>7}{'tokens':>12} {'time':>12} {'disk':>12}"]
        for stage in dict.fromkeys(task.stage for task in self.grid.tasks.values()):
            stage_keys = [key for key, task in self.grid.tasks.items() if task.stage == stage]
            stage_pending = {key: self.pending[key] for key in stage_keys if key in self.pending}
            part = Plan(self.grid, stage_pending)
            tokens = part._tokens() if stage == "train" else "–"
            lines.append(
                f"{stage:<12}{len(stage_keys):>7}{len(stage_keys) - len(stage_pending):>7}{tokens:>12}"
                f" {part._minutes():>12} {part._disk():>12}"
            )
        lines += ["", f"{len(self.grid.cells)} cells:", *(f"  {cell.name}" for cell in self.grid.cells)]
        lines += ["", "Guesses: from finished folders where there are some, else from sizes and this machine's speed."]
        return "\n".join(lines)

    def _minutes(self) -> str:
        return _format_sum([estimate.seconds for estimate in self.pending.values()], format_duration)

    def _tokens(self) -> str:
        return _format_sum([estimate.tokens for estimate in self.pending.values()], lambda n: f"{n / 1e6:.1f} M")

    def _disk(self) -> str:
        return _format_sum([estimate.disk for estimate in self.pending.values()], lambda n: f"{n / 2**20:,.0f} MiB")


def plan(grid: Grid) -> Plan:
    """Estimate a study from folders and settings only; nothing is built."""
    costs = _CostModel(grid)
    return Plan(grid, {key: costs.estimate(task) for key, task in grid.tasks.items() if not is_complete(task)})


class _CostModel:
    """Cost model fitted to the finished tasks below the same root."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        roots = {task.folder.parent.parent for task in grid.tasks.values()}
        self._manifests = [
            manifest for root in roots for manifest in map(read_manifest, root.glob("*/*")) if manifest is not None
        ]
        self._flops: float | None = None

    def estimate(self, task: Task) -> Estimate:
        if task.stage != "train":
            similar = [m for m in self._manifests if m.stage == task.stage]
            seconds = [float(m.timings["total_seconds"]) for m in similar]
            sizes = [sum(entry.bytes for entry in m.files.values()) for m in similar]
            return Estimate(
                0, sum(seconds) / len(seconds) if seconds else _STAGE_SECONDS[task.stage],
                sum(sizes) / len(sizes) if sizes else 2.0 * 2**20,
            )  # fmt: skip
        tokens = self._tokens(task)
        parameters = _parameters(task.settings.model, task.settings.tokenizer.vocabulary)
        if tokens is None or parameters is None:
            return Estimate(tokens, None, None if parameters is None else 4.0 * parameters)
        # training takes about 6 FLOPs per parameter and token (forward 2, backward 4)
        rate = self._rate(task) or self._machine_speed() * _EFFICIENCY[parameters > _LARGE] / (6 * parameters)
        return Estimate(tokens, _OVERHEAD + tokens / rate, 4.0 * parameters + 2**20)

    def _tokens(self, task: Task) -> float | None:
        options = task.settings.trainer
        counts = [train_counts(m.counts) for m in self._manifests if m.stage == "train"]
        similar = [count["training"] for count in counts if "training" in count]
        tokens_per_row = [count["tokens"] / max(1, count["rows"]) for count in similar]
        length = min(
            options.max_length,
            sum(tokens_per_row) / len(tokens_per_row) if tokens_per_row else 0.6 * options.max_length,
        )
        rows = options.batch_size * options.accumulation
        if options.max_steps > 0:
            return float(options.max_steps * rows * length)
        examples = self._examples(task)
        return None if examples is None else ceil(examples / rows) * rows * options.epochs * length

    def _examples(self, task: Task) -> float | None:
        limit = task.settings.trainer.train_limit
        source = self._grid.tasks.get(task.inputs.get("input", ""))
        manifest = read_manifest(source.folder if source else Path(task.settings.input))
        if manifest is not None:
            count = float(preprocess_counts(manifest.counts)["examples"]["train"])
        elif source is not None:
            options = self._grid.tasks[source.inputs["input"]].settings.options
            if not hasattr(options, "letters"):
                return None
            count = sum(per_text * getattr(options, key) for key, per_text in _EXAMPLES.items())
        else:
            return None
        return min(count, limit) if limit else count

    def _rate(self, task: Task) -> float | None:
        """Return tokens per second of finished trainings of the same model."""
        model = task.settings.model
        similar = [m for m in self._manifests if m.stage == "train" and m.request.get("model") == model]
        rates = [float(m.timings["tokens_per_second"]) for m in similar if "tokens_per_second" in m.timings]
        return sum(rates) / len(rates) if rates else None

    def _machine_speed(self) -> float:
        """Measure FLOP/s of a large matrix product.

        The fastest of several, since the machine may be busy.
        """
        if self._flops is None:
            import torch

            size = 1024
            a = torch.ones(size, size)
            times = []
            for _ in range(8):
                started = time.perf_counter()
                a @ a
                times.append(time.perf_counter() - started)
            self._flops = 2 * size**3 / min(times)
        return self._flops


def _parameters(model: Mapping[str, Any], vocabulary: int | None) -> float | None:
    """Count parameters: of a GPT-2 of this shape, or from the weights' file size.

    The file is taken to hold 32 bits per parameter.
    """
    if "hidden_size" in model:
        width = float(model["hidden_size"])
        return float(12 * model["layers"] * width**2 + ((vocabulary or 0) + model["context"]) * width)
    weights = [p for p in Path(str(model.get("path", ""))).glob("*") if p.suffix in (".safetensors", ".bin")]
    return max(p.stat().st_size for p in weights) / 4 if weights else None


def _format_sum(values: list[float | None], render: Any) -> str:
    known_values = [value for value in values if value is not None]
    unknown = len(values) - len(known_values)
    return (render(sum(known_values)) if known_values or not values else "") + (
        f"{' + ' if known_values else ''}{unknown} unknown" * bool(unknown)
    )

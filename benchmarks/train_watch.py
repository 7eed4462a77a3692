"""One run of benchmarks/train.py: what is asked of a contender, and what is counted and measured of it.

It needs torch and transformers only, and runs in TRL's environment too.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import cross_entropy
from transformers import Trainer, TrainerCallback

IGNORED = -100

Row = dict[str, list[int]]


@dataclass(frozen=True)
class Job:
    """What to train on what. `batch`: examples a step; `rows`: rows of CONTEXT tokens that hold about as many tokens.
    `warm_up`: first steps that are not timed. `started`: when the process was started, by time.monotonic."""

    name: str
    model: str
    data: str
    held_out: str
    out: str
    batch: int
    rows: int
    warm_up: int
    device: str
    bf16: bool
    seed: int
    started: float
    measured: bool = False
    attention: str | None = None


class Watch(TrainerCallback):
    """Counts tokens as they enter the model, and reads clock and memory at the ends of steps."""

    def __init__(self, job: Job, trainer: Trainer) -> None:
        self.job = job
        options = trainer.args
        rows = options.per_device_train_batch_size * options.gradient_accumulation_steps
        # The last step has fewer rows where they do not come out even: it would be timed as a slow one.
        self.uneven = len(trainer.train_dataset) % rows != 0  # type: ignore[arg-type]
        self.step: int | None = None
        self.begun: float | None = None
        self.ends: dict[int, float] = {}
        self.given: Counter[int] = Counter()
        self.useful: dict[int, list[Any]] = {}
        self.peak = 0.0
        trainer.model.register_forward_pre_hook(self._count, with_kwargs=True)  # type: ignore[union-attr]

    def _count(self, model: Any, arguments: Any, given: dict[str, Any]) -> None:
        if not model.training or self.step is None:
            return
        ids, mask = given["input_ids"], given.get("attention_mask")
        self.given[self.step] += ids.numel()
        # Sums are read after the end: on a GPU a step must not wait for them.
        self.useful.setdefault(self.step, []).append(ids.numel() if mask is None else mask.sum())

    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """From here on what enters the model is counted."""
        self.begun = self.begun or time.monotonic()
        self.step = state.global_step + 1

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Before a validation or a checkpoint that may follow."""
        self.step = None
        if state.global_step in self._timed(state.max_steps):
            if self.job.device == "cuda":
                torch.cuda.synchronize()
            self.ends[state.global_step] = time.monotonic()
        if state.global_step == state.max_steps:
            self.peak = torch.cuda.max_memory_allocated() / 2**20 if self.job.device == "cuda" else high_water()

    def _timed(self, steps: int) -> tuple[int, int]:
        """The steps between whose ends is timed."""
        last = steps - 1 if self.uneven and steps > 2 else steps
        return max(1, min(self.job.warm_up, last - 1)), last

    def answer(self, steps: int) -> dict[str, Any]:
        """useful tokens a second (rate), share of padding, MiB at most, seconds to the first step, and more."""
        first, last = self._timed(steps)
        timed = range(first + 1, last + 1)
        useful = {step: sum(int(each) for each in self.useful[step]) for step in range(1, steps + 1)}
        seconds = self.ends[last] - self.ends[first]
        return {
            "rate": sum(useful[step] for step in timed) / seconds,
            "padding": 1 - sum(useful.values()) / sum(self.given.values()),
            "mebibytes": self.peak,
            "start_up": (self.begun or 0.0) - self.job.started,
            "steps": steps,
            "tokens": sum(useful.values()),
            "versions": ", ".join(filter(None, map(_version, ("torch", "transformers", "trl")))),
        }


def _version(package: str) -> str | None:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return None


def high_water() -> float:
    """The most memory that this process ever held, MiB, as the kernel counted it."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def read_rows(path: str) -> list[Row]:
    """Token ids and labels, one example a line."""
    return [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]


def nats_a_token(model: Any, rows: Sequence[Row]) -> float:
    """Mean of −ln p over the labels: one example at a time, float32, no dropout, nothing but transformers' logits."""
    device = next(model.parameters()).device
    total, count = 0.0, 0
    model.eval()
    with torch.no_grad():
        for row in rows:
            ids, labels = (torch.tensor([row[name]], device=device) for name in ("input_ids", "labels"))
            logits = model(input_ids=ids).logits[0, :-1].float()
            total += float(cross_entropy(logits, labels[0, 1:], ignore_index=IGNORED, reduction="sum"))
            count += int((labels[0, 1:] != IGNORED).sum())
    return total / count

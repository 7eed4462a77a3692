"""Callbacks: progress bar, sample texts, early stopping and checkpoint markers."""

from __future__ import annotations

import json
import math
import shutil
import time
from pathlib import Path
from textwrap import shorten
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from jaso_core.console import bar, say
from jaso_core.errors import WorkError
from jaso_core.io.files import sha256_file
from jaso_core.parallel.distributed import barrier
from jaso_train.loop.saved_step import validations
from jaso_train.tasks.base import SampleWriter

COMPLETE = "complete.json"
SAMPLE_WIDTH = 120
"""Characters of a sample on the console; the log has all."""


class ProgressBar(TrainerCallback):
    """Progress bar: steps, time left, tokens/s, last training loss and validation.

    `metric` is the validation's, shown as `label`.
    """

    def __init__(self, metric: str, label: str) -> None:
        self.metric, self.label = metric, label
        self.bar: Any = None

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: object
    ) -> None:
        """Open the bar at the step that a resumed run is at."""
        self.bar = bar(state.max_steps, "training", "steps", done=state.global_step)
        self.postfix: dict[str, str] = {}
        self.since = time.monotonic(), state.num_input_tokens_seen

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: object
    ) -> None:
        """Advance by one optimiser step."""
        started, tokens_before = self.since
        rate = (state.num_input_tokens_seen - tokens_before) / (time.monotonic() - started)
        self.postfix["tokens/s"] = f"{rate:,.0f}"
        self.bar.set_postfix(self.postfix, refresh=False)
        self.bar.update(state.global_step - self.bar.n)

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **kwargs: object,
    ) -> None:
        """Show the newest numbers."""
        if self.bar is None or not logs:
            return
        if "loss" in logs:
            self.postfix["loss"] = f"{logs['loss']:.3f}"
        if self.metric in logs:
            self.postfix[self.label] = f"{logs[self.metric]:.3f}"

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: object
    ) -> None:
        """Close the bar."""
        self.bar.close()


class TokensAtStart(TrainerCallback):
    """Count of tokens that were seen before this process began to train.

    0, or more where it resumes: the Trainer counts from the first step of all processes. `has_begun`: a step was taken,
    so that all of the checkpoint is read.
    """

    def __init__(self) -> None:
        self.count = 0
        self.has_begun = False

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Take the count of the checkpoint that training resumes from."""
        self.count = int(state.num_input_tokens_seen)

    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Note that a step was taken."""
        self.has_begun = True


class CheckpointMarker(TrainerCallback):
    """Mark complete checkpoints with the hashes of their files.

    Written after all other files, so that a partial or damaged checkpoint is recognised. The last step's checkpoint
    stays unmarked: the Trainer that resumes from it takes one more step before it checks how many there are, so a
    training that was killed after it resumes from the one before.
    """

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: object) -> None:
        """Write the marker when this process has written every file of the checkpoint."""
        barrier()
        if control.should_training_stop or not state.is_world_process_zero:
            return
        folder = Path(str(args.output_dir)) / f"checkpoint-{state.global_step}"
        (folder / COMPLETE).write_text(json.dumps(_hashes(folder)), encoding="utf-8")


class DivergenceCheck(TrainerCallback):
    """Stop a training whose numbers are NaN or infinite: its result is of no use."""

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **kwargs: object,
    ) -> None:
        """Raise WorkError at the first logged number that is not finite."""
        for name, value in (logs or {}).items():
            if isinstance(value, float) and not math.isfinite(value):
                raise WorkError(
                    f"training diverged: {name} is {value} at step {state.global_step}",
                    "lower trainer.learning_rate, or raise trainer.warmup",
                )


class EarlyStopping(TrainerCallback):
    """Stop training after `patience` validations in a row without a better one.

    The validation before training is not among them, as its weights are never kept: a run that first loses and then
    gains goes on for as long as it gains. Nor are those before step `floor`.

    It reads the log, which is in every checkpoint, and so needs no state.
    """

    def __init__(self, patience: int, metric: str, *, greater_is_better: bool, floor: int = 1) -> None:
        self.patience = patience
        self.floor = floor
        self.metric = metric
        self.greater_is_better = greater_is_better

    def on_evaluate(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: object
    ) -> None:
        """Stop where the best validation is `patience` validations ago."""
        values = [value for step, value in validations(state.log_history, self.metric).items() if step >= self.floor]
        if not values:
            return
        best = max(values) if self.greater_is_better else min(values)
        if len(values) - 1 - values.index(best) >= self.patience:
            control.should_training_stop = True


class SampleTexts(TrainerCallback):
    """Generate texts from the same prompts every `every` steps, into the log."""

    def __init__(self, every: int, write: SampleWriter) -> None:
        self.every = every
        self.write = write

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, model: Any = None, **kwargs: object
    ) -> None:
        """Generate before training, unless resumed."""
        if state.global_step == 0:
            self._sample(state, model)

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, model: Any = None, **kwargs: object
    ) -> None:
        """Generate every `every` steps and at the end."""
        if state.global_step % self.every == 0 or state.global_step == state.max_steps:
            self._sample(state, model)

    def _sample(self, state: TrainerState, model: Any) -> None:
        texts = self.write(model)
        log: list[Any] = state.log_history  # the Trainer's rows hold numbers alone
        log.append({"step": state.global_step, "samples": texts})
        if state.is_world_process_zero:
            say(f"step {state.global_step}: {texts[0]['prompt']} → {shorten(texts[0]['text'], SAMPLE_WIDTH)}")


def last_checkpoint(folder: Path) -> Path | None:
    """Return the newest complete checkpoint; delete partial and damaged ones.

    The last step's checkpoint is deleted too.
    """
    complete: dict[int, Path] = {}
    for path in folder.glob("checkpoint-*"):
        if _is_complete(path):
            complete[int(path.name.split("-")[-1])] = path
        else:
            say(f"train: {path.name} is not whole, or the last, and is passed over")
            shutil.rmtree(path)
    return complete[max(complete)] if complete else None


def _is_complete(folder: Path) -> bool:
    try:
        expected = json.loads((folder / COMPLETE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(expected == _hashes(folder))


def _hashes(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != COMPLETE)
    return {path.relative_to(folder).as_posix(): sha256_file(path) for path in files}

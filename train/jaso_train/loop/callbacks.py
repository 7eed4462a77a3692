"""What happens beside training: the progress bar, sample texts, the end, and the mark of a whole checkpoint."""

from __future__ import annotations

import json
import math
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from textwrap import shorten
from typing import Any

from transformers import TrainerCallback

from jaso_core.console import bar, say
from jaso_core.errors import WorkError
from jaso_core.io.files import sha256_file
from jaso_core.parallel.distributed import barrier
from jaso_train.loop.validation import BEST

COMPLETE = "complete.json"
SHOWN = 120
"""Characters of a sample that are told while training; the log has all."""


class ProgressBar(TrainerCallback):
    """Steps, time left, tokens a second, the last training loss and the last validation result."""

    def __init__(self) -> None:
        self.bar: Any = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Opens the bar where a resumed run stands."""
        self.bar = bar(state.max_steps, "training", "steps", done=state.global_step)
        self.shown: dict[str, str] = {}
        self.since = time.monotonic(), state.num_input_tokens_seen

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """One optimiser step further."""
        started, before = self.since
        rate = (state.num_input_tokens_seen - before) / (time.monotonic() - started)
        self.shown["tokens/s"] = f"{rate:,.0f}"
        self.bar.set_postfix(self.shown, refresh=False)
        self.bar.update(state.global_step - self.bar.n)

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **kwargs: Any) -> None:
        """Takes note of the newest numbers."""
        if self.bar is None or not logs:
            return
        if "loss" in logs:
            self.shown["loss"] = f"{logs['loss']:.3f}"
        if BEST in logs:
            self.shown["bits/char"] = f"{logs[BEST]:.3f}"

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Closes the bar."""
        self.bar.close()


class MarkComplete(TrainerCallback):
    """Writes into a checkpoint, after all its other files, their hashes: half of one, or a damaged one, is known.

    That of the last step stays unmarked: the Trainer that goes on from it takes a step more before it looks how many
    there are, so a training that was killed behind it goes on from the one before.
    """

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Called when every file of the checkpoint is written, in this process."""
        barrier()
        if control.should_training_stop or not state.is_world_process_zero:
            return
        folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        (folder / COMPLETE).write_text(json.dumps(_hashes(folder)), encoding="utf-8")


class Diverged(TrainerCallback):
    """Ends a training whose numbers are none any more: what it would write is of no use."""

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **kwargs: Any) -> None:
        """Looks at every number that is logged."""
        for name, value in (logs or {}).items():
            if isinstance(value, float) and not math.isfinite(value):
                raise WorkError(
                    f"training diverged: {name} is {value} at step {state.global_step}",
                    "lower trainer.learning_rate, or raise trainer.warmup",
                )


class StopEarly(TrainerCallback):
    """Ends training when so many validations in a row brought none that is better.

    It reads the log, which is in every checkpoint, and so needs no memory of its own.
    """

    def __init__(self, patience: int) -> None:
        self.patience = patience

    def on_evaluate(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Looks back."""
        bits = [row[BEST] for row in state.log_history if BEST in row]
        if len(bits) - 1 - bits.index(min(bits)) >= self.patience:
            control.should_training_stop = True


class SampleTexts(TrainerCallback):
    """Lets the model write on the same prompts every so many steps; the texts go into the log."""

    def __init__(self, every: int, write: Callable[[Any], list[dict[str, str]]]) -> None:
        self.every = every
        self.write = write

    def on_train_begin(self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any) -> None:
        """What it writes before training."""
        if state.global_step == 0:
            self._sample(state, model)

    def on_step_end(self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any) -> None:
        """What it writes now."""
        if state.global_step % self.every == 0 or state.global_step == state.max_steps:
            self._sample(state, model)

    def _sample(self, state: Any, model: Any) -> None:
        texts = self.write(model)
        state.log_history.append({"step": state.global_step, "samples": texts})
        if state.is_world_process_zero:
            say(f"step {state.global_step}: {texts[0]['prompt']} → {shorten(texts[0]['text'], SHOWN)}")


def last_checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint to go on from; cut off, damaged ones and that of the last step go."""
    complete: dict[int, Path] = {}
    for path in folder.glob("checkpoint-*"):
        if _whole(path):
            complete[int(path.name.split("-")[-1])] = path
        else:
            say(f"train: {path.name} is not whole, or the last, and is passed over")
            shutil.rmtree(path)
    return complete[max(complete)] if complete else None


def _whole(folder: Path) -> bool:
    try:
        wanted = json.loads((folder / COMPLETE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(wanted == _hashes(folder))


def _hashes(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != COMPLETE)
    return {path.relative_to(folder).as_posix(): sha256_file(path) for path in files}

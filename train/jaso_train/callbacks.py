"""What happens beside training: the progress bar, and the mark of a whole checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from jaso_core.say import bar

COMPLETE = "complete"


class ProgressBar(TrainerCallback):
    """Steps, time left, the last training loss and the last validation result."""

    def __init__(self) -> None:
        self.bar: Any = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Opens the bar where a resumed run stands."""
        self.bar = bar(state.max_steps, "training", "steps", done=state.global_step)
        self.shown: dict[str, str] = {}

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """One optimiser step further."""
        self.bar.update(state.global_step - self.bar.n)

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **kwargs: Any) -> None:
        """Shows the newest numbers."""
        if self.bar is None or not logs:
            return
        if "loss" in logs:
            self.shown["loss"] = f"{logs['loss']:.3f}"
        if "validation_bits_per_character" in logs:
            self.shown["bits/char"] = f"{logs['validation_bits_per_character']:.3f}"
        self.bar.set_postfix(self.shown, refresh=False)

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Closes the bar."""
        self.bar.close()


class MarkComplete(TrainerCallback):
    """Writes a mark into a checkpoint after all its other files, so that a kill cannot leave half of one."""

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Called when every file of the checkpoint is written."""
        (Path(args.output_dir) / f"checkpoint-{state.global_step}" / COMPLETE).touch()

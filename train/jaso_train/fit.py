"""Steps of a training: build, freeze, encode, train, prove."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic

from transformers import PreTrainedModel

from jaso_core.console import say
from jaso_core.errors import WorkError
from jaso_core.modeling.bind_prompt import bind_prompt
from jaso_core.parallel.distributed import broadcast_from_main, world
from jaso_core.prompts import PromptFormat
from jaso_core.prompts.field_texts import tokenizer_texts
from jaso_core.records import Example
from jaso_core.text.subsample import subsample
from jaso_train.data.splits import Splits
from jaso_train.freezing import FREEZING, FreezePlan, FreezingStrategy
from jaso_train.freezing.new_tokens import train_new_tokens
from jaso_train.freezing.parameters import Layout
from jaso_train.freezing.report import ParameterSnapshot, table
from jaso_train.loop.callbacks import SampleTexts, last_checkpoint
from jaso_train.loop.saved_step import SavedStep
from jaso_train.loop.trainer import TaskTrainer, make_trainer
from jaso_train.loop.unfreezing import Unfreezing
from jaso_train.models import MODELS, ModelBundle
from jaso_train.options import TrackerOptions, TrainerOptions
from jaso_train.runtime.devices import on_cpu
from jaso_train.runtime.fsdp import check_sharding, gather, unsharded_copy
from jaso_train.runtime.memory import peak_memory
from jaso_train.schema import FreezeReport
from jaso_train.tasks.base import D, Task
from jaso_train.tokenizers import TokenizerOptions

EVENTS = "tensorboard"
"""Folder of TensorBoard's event files, in the stage's scratch directory and then in the finished folder."""


@dataclass(frozen=True)
class FrozenModel:
    """A model with its freezing strategy, and the plan of what trains when.

    `model` may be PEFT's wrapper, which has the interface of the model in it.
    """

    model: PreTrainedModel
    strategy: FreezingStrategy
    layout: Layout
    plan: FreezePlan

    @property
    def has_phases(self) -> bool:
        """Whether the set of trained parameters changes during training."""
        return len(self.plan.phases) > 1

    def table(self) -> str:
        """Return the table of what trains, for the console."""
        return table(self.layout, self.plan)

    def snapshot(self) -> ParameterSnapshot | None:
        """Copy the parameters before training, in the main process; None in others."""
        return ParameterSnapshot(self.model, self.plan) if world().is_main_process else None


@dataclass(frozen=True)
class EncodedSplits(Generic[D]):
    """Encoded splits, with their counts for the manifest."""

    training: D
    validation: D
    counts: dict[str, dict[str, int]]


@dataclass(frozen=True)
class Training:
    """A trainer, ready to train.

    `checkpoint`: where it resumes, None at the beginning. `unsharded`: the model to read after training.
    """

    trainer: TaskTrainer
    checkpoint: Path | None
    unsharded: PreTrainedModel


def check_devices(options: TrainerOptions) -> None:
    """Raise RequestError for a device or sharding that is not there.

    It is raised before anything is built.
    """
    on_cpu(options.device)
    check_sharding(options)


def build_model(
    family: Mapping[str, Any],
    tokenizer: TokenizerOptions,
    prompt: PromptFormat,
    examples: Sequence[Example],
    seed: int,
) -> ModelBundle:
    """Build the model and the tokenizer of a family, and print notes on them.

    `family`: the config node `model`. `examples`: those that a tokenizer may be trained on.
    """
    texts = tokenizer_texts(examples)
    bundle = MODELS.build(family, "model").build(texts, tokenizer, seed, prompt.new_tokens)
    for note in bundle.notes:
        say(f"train: {note}")
    return bundle


def bind(prompt: PromptFormat, bundle: ModelBundle) -> PromptFormat:
    """Bind a chat prompt to the model's chat template; print notes on it."""
    bound, notes = bind_prompt(prompt, bundle.tokenizer)
    for note in notes:
        say(f"train: {note}")
    return bound


def freeze(
    model: PreTrainedModel, node: Mapping[str, Any], options: TrainerOptions, new_tokens: Sequence[int] = ()
) -> FrozenModel:
    """Freeze the model by the strategy of the config node `freeze`.

    `new_tokens`: ids that the base did not have; their embeddings train whatever the strategy.

    RequestError when the strategy does not fit the model, or sharding does not fit the strategy.
    """
    strategy = train_new_tokens(FREEZING.build(node, "freeze"), model, new_tokens)
    if strategy.new_tokens:
        say(f"train: freeze={node['name']}: the embeddings of {len(new_tokens)} new tokens train, too")
    prepared = strategy.prepare(model)
    layout = Layout.of(prepared)
    frozen = FrozenModel(prepared, strategy, layout, FreezePlan.make(strategy, layout))
    check_sharding(options, changing=frozen.has_phases)
    # All that ever trains has gradients now: an optimizer (or DDP) takes over only what has them when it is built.
    frozen.plan.open(prepared)
    return frozen


def encode(task: Task[D], splits: Splits, options: TrainerOptions) -> EncodedSplits[D]:
    """Encode both splits, validation on a sample; say what of training is left out."""
    examples = splits.validation.examples
    # Not by the run's seed: runs of different seeds are compared on the same examples.
    drawn = subsample(examples, options.validation_limit, seed=0)
    training = task.encode(splits.training.examples, is_training=True)
    validation = task.encode(drawn, is_training=False)
    all_training = {} if options.train_limit is None else {"in_split": splits.training.in_split}
    all_validation = {"in_split": splits.validation.in_split, "not_drawn": len(examples) - len(drawn)}
    say(f"train: {task.summary(training)}")
    return EncodedSplits(
        training,
        validation,
        {"training": {**training.counts(), **all_training}, "validation": {**validation.counts(), **all_validation}},
    )


def set_tracker_environment(tracker: TrackerOptions, scratch: Path, out: Path) -> None:
    """Tell TensorBoard where to write events, and the user where to read them."""
    if tracker.name == "tensorboard":
        os.environ["TENSORBOARD_LOGGING_DIR"] = str(scratch / EVENTS)  # the only way that the Trainer has
        say(f"train: tensorboard --logdir {scratch / EVENTS}, and {out / EVENTS} when it is done")


def sampling_callback(task: Task[D], examples: Sequence[Example], options: TrainerOptions) -> list[SampleTexts]:
    """Return the callback for sample texts: none where none are asked for or possible."""
    write = task.sample_writer(examples) if options.sample_every else None
    return [SampleTexts(options.sample_every, write)] if write else []


def prepare_training(
    task: Task[D],
    frozen: FrozenModel,
    data: EncodedSplits[D],
    options: TrainerOptions,
    tracker: TrackerOptions,
    seed: int,
    *,
    sampled: Sequence[Example],
    scratch: Path,
    out: Path,
) -> Training:
    """Build the trainer, to resume from the last checkpoint in `scratch`.

    All processes call it.

    `sampled`: examples whose prompts sample texts may be written for. `out`: the folder that will have the event files.
    """
    checkpoints = scratch / "checkpoints"
    # One process looks: all must resume from the same checkpoint, whatever each sees on its disk.
    checkpoint = broadcast_from_main(lambda: last_checkpoint(checkpoints))
    set_tracker_environment(tracker, scratch, out)
    unfreezing = [Unfreezing(frozen.plan)] if frozen.has_phases else []
    unsharded = unsharded_copy(frozen.model, options)
    trainer = make_trainer(
        frozen.model,
        task,
        (data.training, data.validation),
        options,
        checkpoints,
        seed,
        resumed=checkpoint is not None,
        tracker=tracker,
        callbacks=(*unfreezing, *sampling_callback(task, sampled, options)),
        changing=frozen.has_phases,
    )
    return Training(trainer, checkpoint, unsharded)


def measure_speed(trainer: TaskTrainer, seconds: float) -> dict[str, float]:
    """Return tokens_per_second and peak_memory_bytes of this process' training."""
    # The state counts from the first run on; a resumed run has not spent these seconds on the earlier tokens.
    tokens = trainer.state.num_input_tokens_seen - trainer.tokens_at_start.count
    return {
        "tokens_per_second": round(tokens / seconds, 1),
        "peak_memory_bytes": peak_memory(trainer.args.use_cpu),
    }


def count_steps(trainer: TaskTrainer) -> dict[str, int | None]:
    """Return the counts of steps, tokens and processes, for the manifest.

    Where the saved weights are worse than those at the start, it is printed.
    """
    state = trainer.state
    saved = SavedStep.of(state, trainer.task, keeps_best=trainer.args.load_best_model_at_end)
    saved.say_if_worse()
    return {
        "steps": state.global_step,
        "best_step": state.best_global_step,
        **saved.counts(),
        "tokens_seen": state.num_input_tokens_seen,
        "processes": trainer.args.world_size,
    }


def gather_weights(training: Training, options: TrainerOptions) -> PreTrainedModel:
    """Return the trained model, unsharded in the main process; all processes call it."""
    # Each process holds a shard of every tensor; without FSDP `unsharded` is the trained model.
    if options.fsdp:
        gather(training.trainer, training.unsharded)
    return training.unsharded


def prove_frozen(before: ParameterSnapshot | None, model: PreTrainedModel, strategy: str) -> FreezeReport | None:
    """Return freeze_report.json: proof that frozen tensors did not change.

    None without a snapshot, as in all but the main process.

    WorkError when a frozen tensor is not what it was, to the bit.
    """
    report = before.report(model, strategy) if before else None
    if report is not None and (changed := report["frozen_tensors_changed"]):
        raise WorkError(f"frozen tensors changed: {', '.join(changed[:5])}", "report this")
    return report


def log_rows(trainer: TaskTrainer) -> list[dict[str, Any]]:
    """Return the rows of log.jsonl.

    Nothing in them depends on how fast the machine is.
    """
    logged = (
        "step", "epoch", "loss", "learning_rate", "grad_norm", "num_input_tokens_seen", *trainer.task.metrics,
        "samples",
    )  # fmt: skip
    entries = (entry for entry in trainer.state.log_history if "train_loss" not in entry)  # that is the Trainer's sum
    rows = [{name: entry[name] for name in logged if name in entry} for entry in entries]
    return [row for row in rows if row]

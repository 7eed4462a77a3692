"""Hugging Face Trainer with deterministic batches.

A task gives its loss and validation.
"""

from __future__ import annotations

import math
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import torch
from accelerate.data_loader import prepare_data_loader
from torch.utils.data import DataLoader
from transformers import Trainer, TrainerCallback, TrainingArguments

from jaso_core.errors import JasoError, WorkError, first_line
from jaso_core.parallel.distributed import World
from jaso_train.data.dataset import TaskDataset
from jaso_train.data.sampler import ShardedBatchSampler
from jaso_train.loop.callbacks import CheckpointMarker, DivergenceCheck, EarlyStopping, ProgressBar, TokensAtStart
from jaso_train.ops.gelu import fused_gelu
from jaso_train.options import TrackerOptions, TrainerOptions
from jaso_train.runtime.devices import in_bf16, keep_freed_memory, on_cpu
from jaso_train.runtime.fsdp import ARGUMENTS, shard_on_cpus
from jaso_train.tasks.base import D, Task

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_MOST_SHOWN = 120
"""Characters of a library's message in ours."""


class TaskTrainer(Trainer):
    """Trainer with the sharded batch sampler and a task's validation.

    Processes share the validation. `first_kept`: the first step whose weights may be kept as the best.
    """

    def __init__(self, task: Task[Any], **arguments: Any) -> None:  # Any: those of Trainer
        super().__init__(data_collator=task.collator(), **arguments)
        self.task = task
        self.first_kept = 1
        self.tokens_at_start = TokensAtStart()
        self.add_callback(self.tokens_at_start)

    @property
    def world(self) -> World:
        """This process and the number of all, as accelerate knows them."""
        return World(self.args.process_index, self.args.world_size)

    @property
    def step_size(self) -> int:
        """Rows that an optimiser step sees, of all processes."""
        args = self.args
        return int(args.per_device_train_batch_size * args.gradient_accumulation_steps * self.world.size)

    def get_train_dataloader(self) -> DataLoader[Any]:
        """Return this process' part of each batch."""
        args, data = self.args, cast(TaskDataset, self.train_dataset)
        # batch_size 4, accumulation 2, 3 processes → 24: an optimiser step has examples of like length, however many
        # processes share it.
        sampler = ShardedBatchSampler(
            data.lengths,
            args.per_device_train_batch_size,
            args.seed,
            of=self.world,
            group_size=self.step_size if args.train_sampling_strategy == "group_by_length" else None,
        )
        loader: DataLoader[Any] = DataLoader(data, batch_sampler=sampler, collate_fn=self.data_collator)
        # As accelerate prepares one, but without sharding, which the sampler does.
        prepared: DataLoader[Any] = prepare_data_loader(
            loader, args.device, num_processes=1, process_index=0, put_on_device=True
        )
        return prepared

    def evaluate(
        self, eval_dataset: Any = None, ignore_keys: Any = None, metric_key_prefix: str = "eval"
    ) -> dict[str, float]:
        """Log the task's validation metrics."""
        del ignore_keys, metric_key_prefix
        data = cast(TaskDataset, eval_dataset or self.eval_dataset)
        metrics = self.task.validate(self.model, data, self.world, self._sum_over_processes)
        self.log(dict(metrics))
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return {f"eval_{name}": value for name, value in metrics.items()}

    def _determine_best_metric(self, metrics: dict[str, float], trial: Any) -> bool:
        # Weights without a checkpoint cannot be kept. transformers would take step 6 for the best with checkpoints at 4
        # and 8, and keep those of step 4 although those of 8 may be better.
        if self.args.load_best_model_at_end and not self.control.should_save:
            return False
        if self.state.global_step < self.first_kept:
            return False
        return bool(super()._determine_best_metric(metrics=metrics, trial=trial))

    def _sum_over_processes(self, value: float) -> float:
        if self.world.size == 1:
            return value
        local_value = torch.tensor(value, dtype=torch.float64, device=self.args.device)
        return float(self.accelerator.reduce(local_value, reduction="sum"))


def make_trainer(
    model: PreTrainedModel,
    task: Task[D],
    data: tuple[D, D],
    options: TrainerOptions,
    folder: Path,
    seed: int,
    *,
    resumed: bool,
    tracker: TrackerOptions | None = None,
    callbacks: tuple[TrainerCallback, ...] = (),
    changing: bool = False,
) -> TaskTrainer:
    """Build a Trainer over (training, validation) data with checkpoints in `folder`.

    `changing`: the trained parameters change during training, which DDP has to know.
    """
    args = _arguments(task, options, folder, seed, tracker or TrackerOptions(), resumed=resumed, changing=changing)
    if options.fsdp:
        shard_on_cpus(args)
    trainer = TaskTrainer(task, model=model, args=args, train_dataset=data[0], eval_dataset=data[1])
    floor = raise_steps(args, len(data[0]), trainer.step_size, options.min_steps)
    trainer.first_kept = floor
    for callback in list(trainer.callback_handler.callbacks):
        if type(callback).__name__ in ("PrinterCallback", "ProgressCallback"):
            trainer.remove_callback(callback)
    if trainer.is_world_process_zero():
        trainer.add_callback(ProgressBar(task.best_metric, task.progress_label))
    trainer.add_callback(DivergenceCheck())
    if options.patience is not None:
        trainer.add_callback(
            EarlyStopping(options.patience, task.best_metric, greater_is_better=task.greater_is_better, floor=floor)
        )
    for callback in callbacks:
        trainer.add_callback(callback)
    # The last callback: what others write at a save is hashed too.
    trainer.add_callback(CheckpointMarker())
    return trainer


def raise_steps(args: TrainingArguments, rows: int, step_size: int, min_steps: int) -> int:
    """Raise max_steps to `min_steps`; return the first step that may be kept.

    `rows`: of the training data; `step_size`: rows a step. A given max_steps stays.
    """
    if args.max_steps > 0 or min_steps == 0:
        return 1
    # 1,200 rows, 16 a step, 3 epochs → 225 steps: fewer than min_steps=2500.
    if steps_of(rows, step_size, args.num_train_epochs) < min_steps:
        args.max_steps = min_steps
    return min_steps


def steps_of(rows: int, step_size: int, epochs: float) -> int:
    """Return the optimiser steps of so many epochs."""
    return math.ceil(math.ceil(rows / step_size) * epochs)


def train(trainer: TaskTrainer, options: TrainerOptions, checkpoint: Path | None) -> None:
    """Train to the end, from `checkpoint` where there is one."""
    if on_cpu(options.device):
        keep_freed_memory()
    with ExitStack() as stack:
        stack.enter_context(trainer.task.loss(trainer.model))
        stack.enter_context(fused_gelu(trainer.model))
        # The forward of `loss` takes num_items_in_batch, whatever the Trainer has read from the model's own.
        trainer.model_accepts_loss_kwargs = True
        try:
            trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
        except Exception as error:
            if _is_out_of_memory(error):
                raise WorkError(
                    f"out of memory after step {trainer.state.global_step} ({first_line(error)[:_MOST_SHOWN]})",
                    f"run it with trainer.batch_size={max(1, options.batch_size // 2)} "
                    f"trainer.accumulation={2 * options.accumulation}, or trainer.activation_checkpointing=true",
                ) from error
            is_begun = checkpoint is None or trainer.tokens_at_start.has_begun
            if is_begun or isinstance(error, JasoError | OSError):
                raise
            raise WorkError(  # the checkpoint is none that transformers reads
                f"{checkpoint}: cannot be continued ({first_line(error)[:_MOST_SHOWN]})",
                "remove that folder: training goes on from the one before it",
            ) from error


def _is_out_of_memory(error: BaseException) -> bool:
    """Return whether memory ran out; on a CPU only the error's text says so."""
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or "can't allocate memory" in str(error)


def _arguments(
    task: Task[Any],
    options: TrainerOptions,
    folder: Path,
    seed: int,
    tracker: TrackerOptions,
    *,
    resumed: bool,
    changing: bool,
) -> TrainingArguments:
    return TrainingArguments(
        output_dir=str(folder),
        per_device_train_batch_size=options.batch_size,
        gradient_accumulation_steps=options.accumulation,
        num_train_epochs=options.epochs,
        max_steps=options.max_steps,
        learning_rate=options.learning_rate,
        lr_scheduler_type=options.schedule,
        warmup_steps=options.warmup,
        weight_decay=options.weight_decay,
        max_grad_norm=options.max_grad_norm,
        bf16=in_bf16(options.precision, options.device),
        use_cpu=on_cpu(options.device),
        activation_checkpointing=options.activation_checkpointing and not options.fsdp,
        fsdp=cast(Any, options.fsdp),  # annotated as str, which it was in earlier versions
        fsdp_config={**ARGUMENTS, "activation_checkpointing": options.activation_checkpointing},
        torch_compile=options.compile,
        train_sampling_strategy="group_by_length" if options.batching == "grouped" else "random",
        remove_unused_columns=False,
        include_num_input_tokens_seen="all" if options.batching == "packed" else "non_padding",
        eval_strategy="steps",
        eval_steps=options.validate_every,
        eval_on_start=not resumed,  # a resumed run has its first validation already
        save_strategy="steps",
        save_steps=options.saves_every,
        save_total_limit=options.keep_checkpoints,
        load_best_model_at_end=options.keep_best,
        metric_for_best_model=f"eval_{task.best_metric}",
        greater_is_better=task.greater_is_better,
        # The Trainer loses a half-filled logging window when it resumes: windows must end at checkpoints.
        logging_steps=math.gcd(options.log_every, options.saves_every),
        dataloader_pin_memory=False,
        ddp_find_unused_parameters=changing,
        logging_nan_inf_filter=False,  # a NaN or infinite loss must be seen
        disable_tqdm=True,
        report_to=[] if tracker.name == "none" else [tracker.name],
        project=tracker.project,
        seed=seed,
        data_seed=seed,
    )

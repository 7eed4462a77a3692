"""Hugging Face Trainer with deterministic batches and a loss over labels only."""

from __future__ import annotations

import math
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import torch
from accelerate.data_loader import prepare_data_loader
from torch.utils.data import DataLoader
from transformers import Trainer, TrainerCallback, TrainingArguments

from jaso_core.errors import WorkError
from jaso_core.parallel.distributed import World
from jaso_train.data.collators import PackingCollator, PaddingCollator
from jaso_train.data.dataset import EncodedDataset
from jaso_train.data.sampler import ShardedBatchSampler
from jaso_train.loop.callbacks import CheckpointMarker, DivergenceCheck, EarlyStopping, ProgressBar
from jaso_train.loop.validation import BEST, sum_nll, validation
from jaso_train.ops.causal_lm_loss import loss_on_labels_only, use_packed_attention
from jaso_train.ops.gelu import fused_gelu
from jaso_train.options import TrackerOptions, TrainerOptions
from jaso_train.runtime.devices import in_bf16, keep_freed_memory, on_cpu
from jaso_train.runtime.fsdp import ARGUMENTS, shard_on_cpus

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast


class CausalTrainer(Trainer):
    """Trainer with the sharded batch sampler, and validation summed over tokens.

    Processes share the validation.
    """

    def get_train_dataloader(self) -> DataLoader[Any]:
        """Return this process' part of each batch."""
        args, data = self.args, cast(EncodedDataset, self.train_dataset)
        world = World(args.process_index, args.world_size)
        step_size = args.per_device_train_batch_size * args.gradient_accumulation_steps * world.size
        sampler = ShardedBatchSampler(
            [row["length"] for row in data.rows],
            args.per_device_train_batch_size,
            args.seed,
            of=world,
            group_size=step_size if args.train_sampling_strategy == "group_by_length" else None,
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
        """Log validation_loss (nats a token) and validation_bits_per_character."""
        del ignore_keys, metric_key_prefix
        data = cast(EncodedDataset, eval_dataset or self.eval_dataset)
        nats = sum_nll(self.model, data, self.args.process_index, self.args.world_size)
        if self.args.world_size > 1:
            local_nats = torch.tensor(nats, dtype=torch.float64, device=self.args.device)
            nats = float(self.accelerator.reduce(local_nats, reduction="sum"))
        metrics = validation(nats, data)
        self.log(dict(metrics))
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return {f"eval_{name}": value for name, value in metrics.items()}


def make_trainer(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    data: tuple[EncodedDataset, EncodedDataset],
    options: TrainerOptions,
    folder: Path,
    seed: int,
    *,
    resumed: bool,
    tracker: TrackerOptions | None = None,
    callbacks: tuple[TrainerCallback, ...] = (),
    changing: bool = False,
) -> CausalTrainer:
    """Build a Trainer over (training, validation) data with checkpoints in `folder`.

    `changing`: the trained parameters change during training, which DDP has to know.
    """
    pad_id = tokenizer.pad_token_id
    args = _arguments(options, folder, seed, tracker or TrackerOptions(), resumed=resumed, changing=changing)
    if options.fsdp:
        shard_on_cpus(args)
    trainer = CausalTrainer(
        model=model,
        args=args,
        train_dataset=data[0],
        eval_dataset=data[1],
        data_collator=PackingCollator()
        if options.batching == "packed"
        else PaddingCollator(int(pad_id if pad_id is not None else 0)),
    )
    for callback in list(trainer.callback_handler.callbacks):
        if type(callback).__name__ in ("PrinterCallback", "ProgressCallback"):
            trainer.remove_callback(callback)
    if trainer.is_world_process_zero():
        trainer.add_callback(ProgressBar())
    trainer.add_callback(DivergenceCheck())
    if options.patience is not None:
        trainer.add_callback(EarlyStopping(options.patience))
    for callback in callbacks:
        trainer.add_callback(callback)
    trainer.add_callback(CheckpointMarker())
    return trainer


def train(trainer: CausalTrainer, options: TrainerOptions, checkpoint: Path | None) -> None:
    """Train to the end, from `checkpoint` where there is one."""
    if on_cpu(options.device):
        keep_freed_memory()
    with ExitStack() as stack:
        if options.batching == "packed":
            stack.enter_context(use_packed_attention(trainer.model))
        stack.enter_context(loss_on_labels_only(trainer.model))
        stack.enter_context(fused_gelu(trainer.model))
        trainer.model_accepts_loss_kwargs = True
        try:
            trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
        except (MemoryError, RuntimeError) as error:
            if not _is_out_of_memory(error):
                raise
            raise WorkError(
                f"out of memory after step {trainer.state.global_step} ({str(error).splitlines()[0][:120]})",
                f"run it with trainer.batch_size={max(1, options.batch_size // 2)} "
                f"trainer.accumulation={2 * options.accumulation}, or trainer.activation_checkpointing=true",
            ) from error


def _is_out_of_memory(error: BaseException) -> bool:
    """Return whether memory ran out; on a CPU only the error's text says so."""
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or "can't allocate memory" in str(error)


def _arguments(
    options: TrainerOptions, folder: Path, seed: int, tracker: TrackerOptions, *, resumed: bool, changing: bool
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
        metric_for_best_model=f"eval_{BEST}",
        greater_is_better=False,
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

"""Hugging Face's Trainer, with validation that is measured token by token on validation data, and in bits."""

from __future__ import annotations

import math
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import torch
from torch.nn.functional import cross_entropy
from transformers import Trainer, TrainingArguments

from jaso_core.labels import IGNORED
from jaso_train.callbacks import COMPLETE, MarkComplete, ProgressBar
from jaso_train.dataset import Collator, EncodedDataset
from jaso_train.options import TrainerOptions

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

BEST = "validation_bits_per_character"


class CausalTrainer(Trainer):
    """A Trainer whose evaluation sums over tokens: a mean of batch means would weigh short batches too much."""

    def evaluate(
        self, eval_dataset: Any = None, ignore_keys: Any = None, metric_key_prefix: str = "eval"
    ) -> dict[str, float]:
        """Logs validation_loss (nats a token) and validation_bits_per_character of the validation data."""
        del ignore_keys, metric_key_prefix
        data = cast(EncodedDataset, eval_dataset or self.eval_dataset)
        nats = total_nats(self.model, data, self.data_collator, self.args.per_device_eval_batch_size)
        metrics = {
            "validation_loss": nats / data.target_tokens,
            BEST: nats / math.log(2) / data.characters,
        }
        self.log(dict(metrics))
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return {f"eval_{name}": value for name, value in metrics.items()}


def total_nats(model: Any, data: EncodedDataset, collator: Any, batch_size: int) -> float:
    """Minus the log-likelihood of all learned tokens, in nats, dropout off, in the weights' own precision."""
    device = next(model.parameters()).device
    order = sorted(range(len(data)), key=lambda place: len(data[place]["input_ids"]))
    was_training = model.training
    model.eval()
    total = 0.0
    with torch.no_grad():
        for start in range(0, len(order), batch_size):
            batch = collator([data[place] for place in order[start : start + batch_size]])
            batch = {name: value.to(device) for name, value in batch.items()}
            logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
            labels = batch["labels"][:, 1:].reshape(-1)
            flat = logits[:, :-1].reshape(-1, logits.shape[-1]).float()
            total += float(cross_entropy(flat, labels, ignore_index=IGNORED, reduction="sum"))
    model.train(was_training)
    return total


def make_trainer(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    data: tuple[EncodedDataset, EncodedDataset],
    options: TrainerOptions,
    folder: Path,
    seed: int,
    *,
    resumed: bool,
) -> CausalTrainer:
    """A Trainer over (training, validation) data that keeps its checkpoints in `folder`."""
    arguments = TrainingArguments(
        output_dir=str(folder),
        per_device_train_batch_size=options.batch_size,
        per_device_eval_batch_size=options.validation_batch_size,
        gradient_accumulation_steps=options.accumulation,
        num_train_epochs=options.epochs,
        max_steps=options.max_steps,
        learning_rate=options.learning_rate,
        lr_scheduler_type=options.schedule,
        warmup_steps=options.warmup,
        weight_decay=options.weight_decay,
        max_grad_norm=options.max_grad_norm,
        bf16=_bf16(options.precision),
        use_cpu=not torch.cuda.is_available(),
        train_sampling_strategy="group_by_length",
        length_column_name="length",
        remove_unused_columns=False,
        eval_strategy="steps",
        eval_steps=options.validate_every,
        eval_on_start=not resumed,  # a resumed run has its first validation already
        save_strategy="steps",
        save_steps=options.validate_every,
        save_total_limit=options.keep_checkpoints,
        load_best_model_at_end=options.keep_best,
        metric_for_best_model=f"eval_{BEST}",
        greater_is_better=False,
        # The Trainer forgets a half-filled logging window when it resumes: windows must end where checkpoints are.
        logging_steps=math.gcd(options.log_every, options.validate_every),
        dataloader_pin_memory=False,
        disable_tqdm=True,
        report_to=[],
        seed=seed,
        data_seed=seed,
    )
    pad = tokenizer.pad_token_id
    trainer = CausalTrainer(
        model=model,
        args=arguments,
        train_dataset=data[0],
        eval_dataset=data[1],
        data_collator=Collator(int(pad if pad is not None else 0)),
    )
    for callback in list(trainer.callback_handler.callbacks):
        if type(callback).__name__ in ("PrinterCallback", "ProgressCallback"):
            trainer.remove_callback(callback)
    trainer.add_callback(ProgressBar())
    trainer.add_callback(MarkComplete())
    return trainer


def last_checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint that was written to its end; those that a kill cut off are removed."""
    complete: dict[int, Path] = {}
    for path in folder.glob("checkpoint-*"):
        if (path / COMPLETE).is_file():
            complete[int(path.name.split("-")[-1])] = path
        else:
            shutil.rmtree(path)
    return complete[max(complete)] if complete else None


def _bf16(precision: str) -> bool:
    if precision == "auto":
        return computes_in_bf16()
    return precision == "bf16"


def computes_in_bf16() -> bool:
    """Whether the device has instructions for it; without them bf16 is slower than fp32."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())

"""The contenders of benchmarks/train.py, each in a process of its own: ways to fine-tune a model on the same token ids.

    python benchmarks/train_plain.py '{"name": "blocks", "model": FOLDER, …}'

All but jaso's rows need nothing of jaso's, so that TRL's can run in an environment of its own. The fields of the JSON
object are those of `train_watch.Job`; the last line of the output is a JSON object too.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import torch
from train_watch import IGNORED, Job, Row, Watch, nats_a_token, read_rows
from transformers import (
    AutoModelForCausalLM,
    PreTrainedTokenizerFast,
    Trainer,
    TrainingArguments,
    default_data_collator,
)

CONTEXT = 1024
NEVER = 1_000_000
# The same for all: with a schedule, rows that need another number of steps would learn at other rates.
RATE, DECAY, CLIP = 3e-4, 0.01, 1.0


def load(job: Job) -> Any:
    """The model with the initial weights, in float32, as every row gets it."""
    given = {"attn_implementation": job.attention} if job.attention else {}
    return AutoModelForCausalLM.from_pretrained(job.model, dtype=torch.float32, **given)


def common(job: Job) -> dict[str, Any]:
    """What must be equal for the losses to be comparable; everything else is each library's default."""
    return {
        "output_dir": job.out,
        "num_train_epochs": 1,
        "learning_rate": RATE,
        "lr_scheduler_type": "constant",
        "weight_decay": DECAY,
        "max_grad_norm": CLIP,
        "bf16": job.bf16,
        "use_cpu": job.device == "cpu",
        "seed": job.seed,
        "save_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
    }


def micro_batch(job: Job) -> int:
    """Of rows of CONTEXT tokens: what divides the batch and holds no more tokens than the others have at once."""
    return max(size for size in range(1, job.batch + 1) if job.batch % size == 0 and size <= max(1, job.rows))


def plain_trainer(job: Job, data: Sequence[Row], collator: Any, batch: int, accumulation: int = 1) -> Trainer:
    """transformers' Trainer as it is."""
    sizes = {"per_device_train_batch_size": batch, "gradient_accumulation_steps": accumulation}
    arguments = TrainingArguments(**common(job), **sizes)
    return Trainer(model=load(job), args=arguments, train_dataset=list(data), data_collator=collator)


def padded(job: Job) -> Trainer:
    """(a): every example padded to the whole context, labels a copy of the ids, so that padding is learned too."""
    pad, data = _pad(job), []
    for row in read_rows(job.data):
        ids = row["input_ids"] + [pad] * (CONTEXT - len(row["input_ids"]))
        seen = [1] * len(row["input_ids"]) + [0] * (CONTEXT - len(row["input_ids"]))
        data.append({"input_ids": ids, "attention_mask": seen, "labels": list(ids)})
    size = micro_batch(job)
    return plain_trainer(job, data, default_data_collator, size, job.batch // size)


def longest(job: Job) -> Trainer:
    """(a'): padded to the longest of the batch, loss on the answers only."""
    pad = _pad(job)

    def collate(rows: Sequence[Row]) -> dict[str, torch.Tensor]:
        room = max(len(row["input_ids"]) for row in rows)
        rest = [room - len(row["input_ids"]) for row in rows]
        sides = list(zip(rows, rest, strict=True))
        return {
            "input_ids": torch.tensor([row["input_ids"] + [pad] * more for row, more in sides]),
            "attention_mask": torch.tensor([[1] * (room - more) + [0] * more for _, more in sides]),
            "labels": torch.tensor([row["labels"] + [IGNORED] * more for row, more in sides]),
        }

    return plain_trainer(job, read_rows(job.data), collate, job.batch)


def blocks(job: Job) -> Trainer:
    """(b): run_clm.py's recipe: all texts end to end, cut into blocks of the context, the rest dropped, loss on all."""
    ids = list(chain.from_iterable(row["input_ids"] for row in read_rows(job.data)))
    if len(ids) < CONTEXT:
        sys.exit(f"{len(ids)} tokens make no block of {CONTEXT}: give more steps or a larger batch")
    parts = [ids[start : start + CONTEXT] for start in range(0, len(ids) - CONTEXT + 1, CONTEXT)]
    return plain_trainer(job, [{"input_ids": part, "labels": part} for part in parts], default_data_collator, job.rows)


def trl(job: Job, lean: bool = False) -> Any:
    """(c): TRL's SFTTrainer with packing=True and its defaults. `lean`: without its activation checkpointing, and one
    pack at a time, since the attention of PyTorch that it uses grows with the square of the packs in a batch."""
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    rows = read_rows(job.data)
    answers = [[int(label != IGNORED) for label in row["labels"]] for row in rows]
    data = Dataset.from_dict({"input_ids": [row["input_ids"] for row in rows], "completion_mask": answers})
    kind: dict[str, Any] = {"per_device_train_batch_size": job.rows}
    if lean:
        kind = {"per_device_train_batch_size": 1, "gradient_accumulation_steps": job.rows}
        kind |= {"gradient_checkpointing": False}
    arguments = SFTConfig(**common(job), **kind, packing=True, max_length=CONTEXT, completion_only_loss=True)
    tokenizer = PreTrainedTokenizerFast.from_pretrained(job.model)
    return SFTTrainer(model=load(job), args=arguments, train_dataset=data, processing_class=tokenizer)


def ours(job: Job) -> Any:
    """jaso's trainer as `jaso train` makes it; its validation set is one example, and outside of the timed part."""
    from jaso_core.prompts import PROMPTS
    from jaso_core.registry import NoOptions
    from jaso_train.loop.trainer import make_trainer
    from jaso_train.tasks import TaskInputs
    from jaso_train.tasks.causal_lm import CausalLM

    data = encoded(read_rows(job.data)), encoded(read_rows(job.held_out)[:1])
    tokenizer = PreTrainedTokenizerFast.from_pretrained(job.model)
    options = our_options(job)
    prompt = PROMPTS.build({"name": "question_answer"}, "prompt")
    task = CausalLM(NoOptions()).prepare(TaskInputs(prompt, tokenizer, options, job.seed))
    return make_trainer(load(job), task, data, options, Path(job.out), job.seed, resumed=False)


def our_options(job: Job) -> Any:
    """As for the others, and like theirs without validation and checkpoints on the way."""
    from jaso_train.options import TrainerOptions

    return TrainerOptions(
        epochs=1, batch_size=job.batch, batching=job.name, learning_rate=RATE, schedule="constant", warmup=0.0,
        weight_decay=DECAY, max_grad_norm=CLIP, max_length=CONTEXT, validate_every=NEVER, keep_best=False,
        precision="bf16" if job.bf16 else "fp32", device=job.device,
    )  # fmt: skip


def encoded(rows: Sequence[Row]) -> Any:
    """The rows as jaso_train's own data set."""
    from jaso_core.modeling.encode import Encoded
    from jaso_train.data.dataset import EncodedDataset

    data = EncodedDataset(characters=1)
    for row in rows:
        data.add(Encoded(row["input_ids"], row["labels"], 0))
    return data


def _pad(job: Job) -> int:
    return int(json.loads((Path(job.model) / "config.json").read_text("utf-8"))["pad_token_id"])


CONTENDERS: dict[str, Any] = {
    "packed": ours, "grouped": ours, "padded": padded, "longest": longest, "blocks": blocks, "trl": trl,
    "trl-lean": lambda job: trl(job, lean=True),
}  # fmt: skip


def main(job: Job) -> dict[str, Any]:
    """Trains, and measures the trained weights in a fresh model: the trained one is wrapped in autocast and more."""
    trainer = CONTENDERS[job.name](job)
    watch = Watch(job, trainer)
    trainer.add_callback(watch)
    if job.name in ("packed", "grouped"):
        from jaso_train.loop.trainer import train

        train(trainer, our_options(job), None)
    else:
        trainer.train()
    answer = watch.answer(trainer.state.max_steps)
    if job.measured:
        fresh = AutoModelForCausalLM.from_pretrained(job.model, dtype=torch.float32).to(job.device)
        fresh.load_state_dict(trainer.model.state_dict())
        answer["held_out"] = nats_a_token(fresh, read_rows(job.held_out))
    return answer


if __name__ == "__main__":
    answer = main(Job(**json.loads(sys.argv[1])))
    print(json.dumps(answer))  # noqa: T201

"""From examples and a fresh model to a trained one: encode, freeze, train, prove."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from jaso_core.console import say
from jaso_core.errors import RequestError, WorkError
from jaso_core.generation.generate import GenerationOptions, generate
from jaso_core.io.files import read_examples
from jaso_core.io.sentences import read_sentences
from jaso_core.modeling.encode import encode_context, stop_ids
from jaso_core.parallel.distributed import broadcast_from_main, world
from jaso_core.prompts import PromptFormat
from jaso_core.prompts.field_texts import tokenizer_texts
from jaso_core.records import Example
from jaso_core.stage.runner import StageRun
from jaso_core.text.subsample import subsample
from jaso_train.data.dataset import EncodedDataset, encode_all
from jaso_train.freezing import FREEZING, FreezePlan, FreezingStrategy
from jaso_train.freezing.parameters import Layout
from jaso_train.freezing.report import ParameterSnapshot, table
from jaso_train.loop.callbacks import SampleTexts, last_checkpoint
from jaso_train.loop.trainer import CausalTrainer, make_trainer, train
from jaso_train.loop.unfreezing import Unfreezing
from jaso_train.models import ModelBundle
from jaso_train.runtime.fsdp import check_sharding, gather, unsharded_copy
from jaso_train.runtime.memory import check_memory, peak_memory
from jaso_train.settings import TrainSettings

EVENTS = "tensorboard"


@dataclass(frozen=True)
class Split:
    """The examples of one split as the prompt format takes them, with how many there were."""

    examples: list[Example]
    in_split: int


@dataclass
class TrainResult:
    """A trained model, still as its freezing strategy had it, with what there is to tell of it. `freeze`, the proof,
    is empty in processes that do not lead."""

    model: Any
    strategy: FreezingStrategy
    log: list[dict[str, Any]]
    freeze: dict[str, Any]
    sources: tuple[str, ...]
    validation_texts: list[str]


def read_split(folder: Path, split: str, prompt: PromptFormat, limit: int | None = None) -> Split:
    """The split's examples, at most `limit` of them: a smaller draw lies within the larger ones, so that a curve over
    the amount of data is of one growing corpus. RequestError when the split is empty."""
    path = folder / "examples" / f"{split}.parquet"
    examples = read_examples(path)
    if not examples:
        raise RequestError(f"{path}: has no examples", f"preprocess with more documents or another split.{split}")
    kept = sorted(Random(0).sample(range(len(examples)), len(examples))[:limit])
    some = [examples[place] for place in kept]
    if not prompt.wants_sentences:
        return Split(some, len(examples))
    sentences = read_sentences(folder)
    return Split([part for each in some for part in prompt.expand(each, sentences.get(each.id))], len(examples))


def fit(
    settings: TrainSettings, stage: StageRun, prompt: PromptFormat, built: ModelBundle, splits: tuple[Split, Split]
) -> TrainResult:
    """Trains `built.model` on the first split, and measures on the second."""
    strategy = FREEZING.build(settings.freeze, "freeze")
    model = strategy.prepare(built.model)
    layout = Layout.of(model)
    plan = FreezePlan.make(strategy, layout)
    check_sharding(settings.trainer, changing=len(plan.phases) > 1)
    plan.open(model)
    data = _encode(settings, stage, prompt, built, splits)
    say(table(layout, plan))
    before = ParameterSnapshot(model, plan) if world().is_main_process else None
    checkpoints = stage.scratch / "checkpoints"
    checkpoint = broadcast_from_main(lambda: last_checkpoint(checkpoints))
    callbacks = [Unfreezing(plan)] if len(plan.phases) > 1 else []
    if settings.tracker.name == "tensorboard":
        os.environ["TENSORBOARD_LOGGING_DIR"] = str(stage.scratch / EVENTS)  # the only way that the Trainer has
        say(f"train: tensorboard --logdir {stage.scratch / EVENTS}, and {stage.out / EVENTS} when it is done")
    whole = unsharded_copy(model, settings.trainer)
    trainer = make_trainer(
        model,
        built.tokenizer,
        data,
        settings.trainer,
        checkpoints,
        settings.seed,
        resumed=checkpoint is not None,
        tracker=settings.tracker,
        callbacks=(*callbacks, *_samples(settings, prompt, built, splits[1])),
        changing=len(plan.phases) > 1,
    )
    check_memory(model, data[0], settings.trainer)
    with stage.timed("train_seconds"):
        train(trainer, settings.trainer, checkpoint)
    _count(stage, trainer, trainer._initial_num_input_tokens_seen)
    log = [line for entry in trainer.state.log_history if (line := _log_line(entry))]
    if settings.trainer.fsdp:
        gather(trainer, whole)
    report = before.report(whole, settings.freeze["name"]) if before else {}
    if changed := report.get("frozen_tensors_changed"):
        raise WorkError(f"frozen tensors changed: {', '.join(changed[:5])}", "report this")
    sources = tuple(sorted({each.source for each in splits[0].examples if each.source}))
    return TrainResult(whole, strategy, log, report, sources, tokenizer_texts(splits[1].examples))


def _encode(
    settings: TrainSettings, stage: StageRun, prompt: PromptFormat, built: ModelBundle, splits: tuple[Split, Split]
) -> tuple[EncodedDataset, EncodedDataset]:
    options = settings.trainer
    training, validation = splits
    # Not by the run's seed: runs of different seeds are compared on the same examples.
    some = subsample(validation.examples, options.validation_limit, seed=0)
    common = (prompt, built.tokenizer, options.max_length)
    learned = encode_all(
        training.examples, *common, long=options.long, overlap=options.overlap, what="encoding training"
    )
    held_out = encode_all(some, *common, long="drop", what="encoding validation")
    left_out = {"in_split": validation.in_split, "not_drawn": len(validation.examples) - len(some)}
    undrawn = {} if options.train_limit is None else {"in_split": training.in_split}
    stage.counts.update(training={**learned.counts(), **undrawn}, validation={**held_out.counts(), **left_out})
    _tell(learned, options.long)
    return learned, held_out


def _tell(data: EncodedDataset, long: str) -> None:
    """What a user would otherwise have to look for in the manifest."""
    counts = data.counts()
    lost = {
        "lack a field": data.incomplete,
        "have too long a prompt": data.too_long,
        {"truncate": "truncated", "drop": "dropped as too long", "window": "in windows"}[long]: data.truncated
        or data.windows,
    }
    told = ", ".join(f"{count:,} {what}" for what, count in lost.items() if count)
    say(
        f"train: {counts['examples']:,} examples, {data.tokens:,} tokens, of which {data.target_tokens:,} are learned"
        + (f" ({told})" if told else "")
    )


def _samples(settings: TrainSettings, prompt: PromptFormat, built: ModelBundle, validation: Split) -> list[SampleTexts]:
    options = settings.trainer
    if not options.sample_every:
        return []
    usable = [each for each in validation.examples if prompt.complete(each)]
    chosen = subsample(usable, options.samples, settings.seed)
    contexts = [encode_context(each, prompt, built.tokenizer) for each in chosen]
    room = GenerationOptions(max_new_tokens=min(128, options.max_length - 1))

    def write(model: Any) -> list[dict[str, str]]:
        """Greedily, with dropout off: equal weights give equal texts."""
        was_training = model.training
        model.eval()
        stops = stop_ids(prompt, built.tokenizer)
        made = generate(model, built.tokenizer, contexts, room, limit=options.max_length, stops=stops)
        texts = {each.index: str(built.tokenizer.decode(each.ids)) for _, batch in made for each in batch}
        model.train(was_training)
        return [
            {"id": each.id, "prompt": prompt.shown(each), "text": texts[place].strip()}
            for place, each in enumerate(chosen)
        ]

    return [SampleTexts(options.sample_every, write)]


def _count(stage: StageRun, trainer: CausalTrainer, before: int) -> None:
    """`before`: tokens that an earlier process, which this one continues, had seen."""
    seconds = stage.timings["train_seconds"]
    stage.timings["tokens_per_second"] = round((trainer.state.num_input_tokens_seen - before) / seconds, 1)
    stage.timings["peak_memory_bytes"] = peak_memory(trainer.args.use_cpu)
    stage.counts["steps"] = trainer.state.global_step
    stage.counts["best_step"] = trainer.state.best_global_step
    stage.counts["tokens_seen"] = trainer.state.num_input_tokens_seen
    stage.counts["processes"] = trainer.args.world_size


_LOGGED = (
    "step", "epoch", "loss", "learning_rate", "grad_norm", "num_input_tokens_seen", "validation_loss",
    "validation_bits_per_character", "samples",
)  # fmt: skip


def _log_line(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A line of log.jsonl: nothing in it depends on how fast the machine is."""
    return {} if "train_loss" in entry else {name: entry[name] for name in _LOGGED if name in entry}

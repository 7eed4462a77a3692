"""`jaso train`: a folder of examples in, a folder with a model out."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaso_core.checkpoints import hush_transformers, save_prompt
from jaso_core.config import REQUIRED, pick, to_settings
from jaso_core.errors import RequestError
from jaso_core.files import read_examples, write_json, write_jsonl
from jaso_core.occupations import KOREAN_NAMES
from jaso_core.prompts import PROMPTS, PromptFormat
from jaso_core.records import Example
from jaso_core.sampling import drawn
from jaso_core.stage import Outcome, StageRun, request_of, run_stage
from jaso_train.freezing import FREEZING
from jaso_train.models import MODELS, Built
from jaso_train.options import TrainerOptions
from jaso_train.tokenizers_trained import TokenizerOptions


@dataclass(frozen=True)
class TrainSettings:
    """`input` is a preprocess folder; model, prompt and freeze are config nodes with a name."""

    out: str = REQUIRED
    input: str = REQUIRED
    model: dict[str, Any] = REQUIRED
    tokenizer: TokenizerOptions = REQUIRED
    prompt: dict[str, Any] = REQUIRED
    freeze: dict[str, Any] = REQUIRED
    trainer: TrainerOptions = REQUIRED
    seed: int = 0


def settings(config: Mapping[str, Any], *, strict: bool = True) -> TrainSettings:
    """Checks the configuration, the chosen model's, prompt's and freezing's options included."""
    checked = to_settings(config if strict else pick(config, TrainSettings), TrainSettings)
    family = MODELS.build(checked.model, "model")
    PROMPTS.build(checked.prompt, "prompt")
    FREEZING.build(checked.freeze, "freeze")
    if checked.trainer.max_length > family.context:
        raise RequestError(
            f"config key 'trainer.max_length': {checked.trainer.max_length} is more than the model's {family.context}",
            "lower it, or raise model.context",
        )
    return checked


def run(settings: TrainSettings) -> Outcome:
    """Fills settings.out."""
    request = {key: value for key, value in request_of(settings).items() if key != "input"}
    inputs = {"input": Path(settings.input)}
    return run_stage("train", Path(settings.out), request, inputs, lambda stage: _work(settings, stage))


def _work(settings: TrainSettings, stage: StageRun) -> None:
    hush_transformers()
    stage.seeds["train"] = settings.seed
    prompt = PROMPTS.build(settings.prompt, "prompt")
    family = MODELS.build(settings.model, "model")
    training = read_examples(Path(settings.input) / "examples" / "train.parquet")
    validation = read_examples(Path(settings.input) / "examples" / "validation.parquet")
    with stage.timed("build_seconds"):
        built = family.build(_texts(training), settings.tokenizer, settings.seed)
    if built.licence:
        stage.licences.add(built.licence)
    log, report = _fit(settings, stage, prompt, built, training, validation)
    _write(settings, stage, built, log, report)


def _fit(
    settings: TrainSettings,
    stage: StageRun,
    prompt: PromptFormat,
    built: Built,
    training: list[Example],
    validation: list[Example],
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    from jaso_train import freeze_report
    from jaso_train.dataset import encode_all
    from jaso_train.trainer import last_checkpoint, make_trainer

    length = settings.trainer.max_length
    if not validation:
        raise RequestError(f"{settings.input}: has no validation examples", "preprocess with split.validation above 0")
    some = drawn(validation, settings.trainer.validation_limit, settings.seed)
    train_data = encode_all(training, prompt, built.tokenizer, length, what="encoding training")
    held_out = encode_all(some, prompt, built.tokenizer, length, whole_only=True, what="encoding validation")
    left_out = {"in_split": len(validation), "not_drawn": len(validation) - len(some)}
    stage.counts.update(training=train_data.counts(), validation={**held_out.counts(), **left_out})

    names = [name for name, _ in built.model.named_parameters()]
    trainable = FREEZING.build(settings.freeze, "freeze").trainable(names)
    freeze_report.apply(built.model, trainable)
    before = freeze_report.Before(built.model, trainable)
    checkpoints = stage.scratch / "checkpoints"
    found = last_checkpoint(checkpoints)
    trainer = make_trainer(
        built.model,
        built.tokenizer,
        (train_data, held_out),
        settings.trainer,
        checkpoints,
        settings.seed,
        resumed=found is not None,
    )
    with stage.timed("train_seconds"):
        trainer.train(resume_from_checkpoint=str(found) if found else None)
    stage.counts["steps"] = trainer.state.global_step
    log = [_log_line(entry) for entry in trainer.state.log_history if "train_runtime" not in entry]
    return log, before.report(built.model, settings.freeze["name"])


def _write(
    settings: TrainSettings, stage: StageRun, built: Built, log: list[dict[str, Any]], report: dict[str, Any]
) -> None:
    folder = stage.out / "model"
    shutil.rmtree(folder, ignore_errors=True)
    built.model.save_pretrained(str(folder))
    built.tokenizer.save_pretrained(str(folder))
    save_prompt(folder, settings.prompt, settings.trainer.max_length, built.base, settings.seed)
    stage.add_tree("model")
    write_jsonl(stage.add("log.jsonl", len(log)), log)
    write_json(stage.add("freeze_report.json"), report)


def _texts(examples: list[Example]) -> list[str]:
    """What a tokenizer is trained on: the training split, and the names that prompts may hold."""
    fields = ("question", "answer", "summary", "role")
    texts = [text for example in examples for name in fields if (text := getattr(example, name))]
    return [*texts, *KOREAN_NAMES.values()]


def _log_line(entry: Mapping[str, float]) -> dict[str, Any]:
    kept = ("step", "epoch", "loss", "learning_rate", "grad_norm", "validation_loss", "validation_bits_per_character")
    return {name: entry[name] for name in kept if name in entry}

"""What a finished training leaves: a model that others can load, its card, its log, its proof."""

from __future__ import annotations

import shutil
from pathlib import Path

from jaso_core.io.files import write_json, write_jsonl
from jaso_core.modeling.checkpoint import Origin, save_model, save_prompt
from jaso_core.prompts import PromptFormat
from jaso_core.stage.manifest import read_manifest
from jaso_core.stage.runner import StageRun
from jaso_train.fit import EVENTS, TrainResult
from jaso_train.loop.validation import BEST
from jaso_train.models import ModelBundle
from jaso_train.publish.model_card import CardFacts, model_card
from jaso_train.publish.provenance import RECORD, data_terms
from jaso_train.report import write_report
from jaso_train.report.folder import TOKENIZER_REPORT
from jaso_train.settings import TrainSettings
from jaso_train.tokenizers.report import tokenizer_report

SYNTHETIC = "sample"


def write_result(
    settings: TrainSettings, stage: StageRun, prompt: PromptFormat, built: ModelBundle, fitted: TrainResult
) -> None:
    """Fills the stage's folder."""
    for name in ("model", "adapter", EVENTS):
        shutil.rmtree(stage.out / name, ignore_errors=True)
    if (stage.scratch / EVENTS).is_dir():
        shutil.copytree(stage.scratch / EVENTS, stage.out / EVENTS)
    fitted.strategy.save_extra(fitted.model, stage.out)
    plain = fitted.strategy.finished(fitted.model)
    folder = stage.out / "model"
    save_model(folder, plain, built.tokenizer)
    family = str(settings.model["name"])
    origin = Origin(family, built.weights_sha256, built.added, built.licence_name, built.base_model)
    save_prompt(folder, settings.prompt, settings.trainer.max_length, built.base, settings.seed, origin)
    made = read_manifest(Path(settings.input))
    if made is not None:
        stage.counts[RECORD] = data_terms(Path(settings.input), made)
    facts = _card_facts(settings, stage, prompt, built, fitted, made.licences if made else ())
    (folder / "README.md").write_text(model_card(facts), encoding="utf-8")
    for name in ("model", "adapter", EVENTS):
        stage.add_tree(name)
    write_jsonl(stage.add("log.jsonl", len(fitted.log)), fitted.log)
    write_json(stage.add("freeze_report.json"), fitted.freeze)
    write_json(stage.add(TOKENIZER_REPORT), tokenizer_report(built.tokenizer, fitted.validation_texts))
    write_report(stage)


def _card_facts(
    settings: TrainSettings,
    stage: StageRun,
    prompt: PromptFormat,
    built: ModelBundle,
    fitted: TrainResult,
    data_licences: tuple[str, ...],
) -> CardFacts:
    options, counts = settings.trainer, stage.counts
    best = min((row for row in fitted.log if BEST in row), key=lambda row: row[BEST])
    return CardFacts(
        title=f"{settings.model['name']}, {prompt.name}",
        family=str(settings.model["name"]),
        prompt=prompt,
        parameters=fitted.freeze["parameters"],
        vocabulary=len(built.tokenizer),
        max_length=options.max_length,
        pretrained=built.base is not None,
        base=built.base_model if built.licence_name else None,  # a card without a licence names no base
        licence=built.licence_name,
        sources=fitted.sources,
        data_licences=data_licences,
        synthetic=fitted.sources == (SYNTHETIC,),
        data={
            "training examples": counts["training"]["examples"],
            "training tokens": counts["training"]["tokens"],
            "tokens that are learned": counts["training"]["target_tokens"],
            "validation examples": counts["validation"]["examples"],
        },
        training={
            "what trains": f"{settings.freeze['name']} ({fitted.freeze['trained']:,} parameters)",
            "optimiser steps": counts["steps"],
            "examples a step": options.batch_size * options.accumulation * counts["processes"],
            "learning rate": options.learning_rate,
            "schedule": options.schedule,
            "seed": settings.seed,
        },
        validation={
            "step": best["step"],
            "loss (nats a token)": best["validation_loss"],
            "bits a character": best[BEST],
        },
        notes=built.notes,
    )

"""`jaso evaluate`: generate predictions for held-out examples and score them.

Writes scores and a report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from jaso_core.config import REQUIRED, pick, to_settings
from jaso_core.console import say
from jaso_core.errors import RequestError, did_you_mean
from jaso_core.generation.generate import GenerationOptions, require_engine
from jaso_core.io.files import read_examples, write_json, write_jsonl
from jaso_core.model_sources import find_model
from jaso_core.modeling.checkpoint import Checkpoint
from jaso_core.modeling.pretrained_checkpoint import is_trained_by_jaso, load_any_checkpoint
from jaso_core.records import SPLITS, Example, Prediction
from jaso_core.stage.manifest import versions
from jaso_core.stage.runner import Outcome, StageRun, implied, request_of, run_stage, volatile
from jaso_core.text.subsample import subsample
from jaso_evaluate.predict.predictions import (
    EncodedExamples,
    build_predictions,
    encode_examples,
    generate_texts,
    reference_bits,
    to_device,
)
from jaso_evaluate.report.run_facts import crawl_facts, input_facts, training_facts
from jaso_evaluate.score import check_resamples, write_scores
from jaso_evaluate.scoring.scorer import build_metrics
from jaso_evaluate.scoring.training_data import training_from_examples


@dataclass(frozen=True)
class EvaluateSettings:
    """Settings of `jaso evaluate`.

    `model_dir`: output of `jaso train`, or any causal language model as `find_model` finds it. `revision`: its
    commit or branch on the hub. `prompt`: the prompt format of a model that has none of its own. `input`: output of
    `jaso preprocess`. `limit`: at most so many examples, drawn with the seed. `metrics`: by name, each a config node.

    `predict_only`: generate texts only, to be scored later. `likelihood`: of the references under the trained model,
    the untrained one and an n-gram model; bits_per_character needs it, predict_only skips it.
    """

    out: str = REQUIRED
    model_dir: str = REQUIRED
    input: str = REQUIRED
    metrics: dict[str, Any] = REQUIRED
    generate: GenerationOptions = field(default_factory=GenerationOptions)
    evaluate_split: str = "test"
    limit: int | None = None
    predict_only: bool = False
    likelihood: bool = True
    resamples: int = 1000
    seed: int = 0
    workers: int = volatile(0)
    prompt: dict[str, Any] | None = field(default=None, metadata={"implied": True})
    revision: str | None = implied(None)

    def __post_init__(self) -> None:
        check_resamples(self.resamples)
        if self.limit is not None and self.limit < 1:
            raise ValueError(f"limit is {self.limit}, give 1 or more, or null for all")


def settings(config: Mapping[str, Any], *, strict: bool = True) -> EvaluateSettings:
    """Check the configuration, including the metrics' options.

    Beside other stages, not `strict`, `prompt` and `revision` are those of the training.
    """
    beside_others = {**pick(config, EvaluateSettings), "prompt": None, "revision": None}
    checked = to_settings(config if strict else beside_others, EvaluateSettings)
    build_metrics(checked.metrics)
    if checked.evaluate_split not in SPLITS:
        raise RequestError(
            f"config key 'evaluate_split': '{checked.evaluate_split}'",
            did_you_mean(checked.evaluate_split, list(SPLITS)),
        )
    return checked


def run(settings: EvaluateSettings) -> Outcome:
    """Run the stage; results are written to settings.out."""
    settings = replace(settings, model_dir=str(find_model(settings.model_dir, settings.revision)))
    inputs = {"model": Path(settings.model_dir), "input": Path(settings.input)}
    request = {k: v for k, v in request_of(settings).items() if k not in ("model_dir", "input", "revision")}
    return run_stage("evaluate", Path(settings.out), request, inputs, lambda stage: _evaluate(settings, stage))


def _evaluate(settings: EvaluateSettings, stage: StageRun) -> None:
    require_engine(settings.generate)  # before the minutes that the likelihood takes
    checkpoint, notes = load_any_checkpoint(Path(settings.model_dir), settings.prompt)
    for note in notes:
        say(f"evaluate: {note}")
    checkpoint = replace(checkpoint, model=to_device(checkpoint.model))
    stage.seeds.update({"limit": settings.seed, "generate": settings.generate.seed})
    path = _split_file(settings, settings.evaluate_split)
    examples = read_examples(path)
    encoded = encode_examples(subsample(examples, settings.limit, settings.seed), checkpoint, str(path))
    train = [] if settings.predict_only else read_examples(_split_file(settings, "train"))
    model = _model_facts(checkpoint, notes)
    predictions = _predict(settings, checkpoint, encoded, train, stage)
    write_jsonl(stage.add("predictions.jsonl", len(predictions)), (p.to_json() for p in predictions))
    facts = {
        "what": "predict" if settings.predict_only else "evaluate",
        "split": settings.evaluate_split,
        "examples": {"in_split": len(examples), "evaluated": len(predictions), "left_out": encoded.skipped},
        "prompt_format": checkpoint.prompt.name,
        "generate": request_of(settings.generate),
        "model": model,
        "train": training_facts(Path(settings.model_dir)),
        "preprocess": input_facts(Path(settings.input)),
        "crawl": crawl_facts(Path(settings.input)),
        "versions": versions(),
    }
    stage.counts["examples"] = facts["examples"]
    if settings.predict_only:
        stage.counts["predictions"] = len(predictions)
        write_json(stage.add("run.json"), facts)
    else:
        write_scores(stage, predictions, settings, facts, training_from_examples(train))


def _predict(
    settings: EvaluateSettings,
    checkpoint: Checkpoint,
    encoded: EncodedExamples,
    train: Sequence[Example],
    stage: StageRun,
) -> list[Prediction]:
    prompt, folder = checkpoint.prompt, Path(settings.model_dir)
    untrained_folder = folder if is_trained_by_jaso(folder) else None
    bits: dict[str, list[float] | None] = {}
    if settings.likelihood and not settings.predict_only:
        train_texts = [prompt.target(e) for e in train if prompt.complete(e)]
        with stage.timed("likelihood_seconds"):
            bits = reference_bits(checkpoint, untrained_folder, train_texts, encoded, stage.scratch)
    with stage.timed("generation_seconds"):
        texts = generate_texts(checkpoint, folder, settings.generate, encoded.contexts, encoded.ids, stage.scratch)
    return build_predictions(checkpoint, encoded, texts, bits)


def _split_file(settings: EvaluateSettings, split: str) -> Path:
    return Path(settings.input) / "examples" / f"{split}.parquet"


def _model_facts(checkpoint: Checkpoint, notes: Sequence[str]) -> dict[str, Any]:
    model = checkpoint.model
    return {
        **({"notes": list(notes)} if notes else {}),
        "class": type(model).__name__,
        "parameters": sum(p.numel() for p in model.parameters()),
        "vocabulary": len(checkpoint.tokenizer),
        "max_length": checkpoint.max_length,
        "device": model.device.type,
    }

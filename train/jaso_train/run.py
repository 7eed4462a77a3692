"""`jaso train`: from a preprocess folder to a folder with a trained model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jaso_core.console import say
from jaso_core.io.files import write_json, write_jsonl
from jaso_core.modeling.load import hush_transformers
from jaso_core.parallel.distributed import check_launcher, exit_process, process_group, run_follower, world
from jaso_core.prompts import PROMPTS
from jaso_core.stage.manifest import read_manifest
from jaso_core.stage.runner import Outcome, StageRun, refuse_replacement, request_of, run_stage
from jaso_train.data.splits import read_splits
from jaso_train.publish.provenance import RECORD, about_data, data_terms
from jaso_train.settings import TrainSettings, settings
from jaso_train.tasks import TASKS, TaskInputs, TrainedModel

if TYPE_CHECKING:
    from jaso_train.loop.trainer import TaskTrainer
    from jaso_train.tasks import Task

__all__ = ["TrainSettings", "check_out", "run", "settings"]


def run(settings: TrainSettings) -> Outcome:
    """Fill settings.out with a trained model.

    Started by torchrun or `accelerate launch`, the processes share the training.
    """
    check_launcher()
    if world().size == 1:
        return _run_stage(settings, lambda: None)
    with process_group(cpu=settings.trainer.device == "cpu") as signal:
        if world().is_main_process:
            return _run_stage(settings, lambda: signal.send(work=True))
        run_follower(signal, lambda: _train(settings, StageRun("train", Path(settings.out), continued=True)))
    return exit_process(0)  # the main process reports the result


def check_out(settings: TrainSettings) -> None:
    """Raise RequestError when settings.out holds a training with other settings.

    For a caller that makes the input first, and would otherwise learn of it hours later.
    """
    if not settings.again:
        refuse_replacement("train", Path(settings.out), {"stage": "train", "request": _request(settings)})


def _run_stage(settings: TrainSettings, begin: Callable[[], None]) -> Outcome:
    inputs = {"input": Path(settings.input)}

    def work(stage: StageRun) -> None:
        begin()
        _train(settings, stage)

    return run_stage("train", Path(settings.out), _request(settings), inputs, work, may_replace=settings.again)


def _request(settings: TrainSettings) -> dict[str, Any]:
    return {key: value for key, value in request_of(settings).items() if key != "input"}


def _train(settings: TrainSettings, stage: StageRun) -> None:
    """Train a model, top to bottom; every process of a training runs this."""
    from jaso_train import artifacts, fit
    from jaso_train.loop.choose_batching import choose_batching
    from jaso_train.loop.plan import plan_training
    from jaso_train.loop.trainer import train
    from jaso_train.runtime.memory import check_memory

    hush_transformers()
    options, seed = settings.trainer, settings.seed
    fit.check_devices(options)

    prompt = PROMPTS.build(settings.prompt, "prompt")
    splits = read_splits(Path(settings.input), prompt, options.train_limit)
    with stage.timed("build_seconds"):
        bundle = fit.build_model(settings.model, settings.tokenizer, prompt, splits.training.examples, seed)
    prompt = fit.bind(prompt, bundle)
    task = TASKS.build(settings.task, "task").prepare(TaskInputs(prompt, bundle.tokenizer, options, seed))
    frozen = fit.freeze(task.adapt(bundle.model), settings.freeze, options, list(bundle.added.values()))
    data = fit.encode(task, splits, options)
    say(frozen.table())
    before = frozen.snapshot()
    check_memory(frozen.model, data.training, options)
    options, batching = choose_batching(task, frozen.model, data.training, options, stage.scratch)
    check_memory(frozen.model, data.training, options)  # padded batches take more than packed ones
    training = fit.prepare_training(
        task, frozen, data, options, settings.tracker, seed,
        sampled=splits.validation.examples, scratch=stage.scratch, out=stage.out,
    )  # fmt: skip
    plan = plan_training(training.trainer, bundle, data.counts["training"])
    if world().is_main_process:
        plan.announce()
    with stage.timed("train_seconds"):
        train(training.trainer, options, training.checkpoint)
    stage.counts["batching"] = asdict(batching)
    stage.counts["plan"] = plan.to_json()
    _record(stage, bundle.licence, data.counts, training.trainer, seed)
    model = fit.gather_weights(training, options)
    proof = fit.prove_frozen(before, model, settings.freeze["name"])
    if world().is_main_process and proof is not None:
        base = artifacts.Base(bundle.base_model, bundle.base)
        artifacts.save_weights(stage.out, frozen.strategy, model, bundle.tokenizer, stage.scratch / fit.EVENTS, base)
        log = fit.log_rows(training.trainer)
        licences = _record_data(stage, Path(settings.input))
        about = about_data(Path(settings.input))
        trained = TrainedModel(bundle, settings.model, settings.prompt, seed, log, proof, splits, licences, about)
        _save(stage, task, trained)


def _record(
    stage: StageRun, licence: str | None, data: Mapping[str, Mapping[str, int]], trainer: TaskTrainer, seed: int
) -> None:
    """Record the training's seed, licence, counts and speed, for the manifest."""
    from jaso_train import fit

    stage.seeds["train"] = seed
    if licence:
        stage.licences.add(licence)
    stage.timings.update(fit.measure_speed(trainer, stage.timings["train_seconds"]))
    stage.counts.update(data)
    stage.counts.update(fit.count_steps(trainer))


def _record_data(stage: StageRun, data: Path) -> tuple[str, ...]:
    """Record the terms of the preprocess folder `data`.

    Returns the licences that it names.
    """
    manifest = read_manifest(data)
    if manifest is None:
        return ()
    stage.counts[RECORD] = data_terms(data, manifest)
    return manifest.licences


def _save(stage: StageRun, task: Task[Any], trained: TrainedModel) -> None:
    """Write and declare all files but the weights, which are there by now."""
    from jaso_train.artifacts import FOLDERS

    write_jsonl(stage.add("log.jsonl", len(trained.log)), trained.log)
    write_json(stage.add("freeze_report.json"), trained.freeze)
    task.save(stage.out, trained, stage.draft(), stage.add)
    for name in FOLDERS:
        stage.add_tree(name)

"""`jaso train`: a folder of examples in, a folder with a model out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jaso_core.console import say
from jaso_core.modeling.load import hush_transformers
from jaso_core.parallel.distributed import check_launcher, exit_process, process_group, run_follower, world
from jaso_core.prompts import PROMPTS
from jaso_core.prompts.field_texts import tokenizer_texts
from jaso_core.stage.runner import Outcome, StageRun, request_of, run_stage
from jaso_train.models import MODELS
from jaso_train.settings import TrainSettings, settings

__all__ = ["TrainSettings", "run", "settings"]


def run(settings: TrainSettings) -> Outcome:
    """Fills settings.out. Started by torchrun or `accelerate launch`, the processes share the training."""
    check_launcher()
    if world().size == 1:
        return _stage(settings, lambda: None)
    with process_group(cpu=settings.trainer.device == "cpu") as signal:
        if world().is_main_process:
            return _stage(settings, lambda: signal.send(work=True))
        run_follower(signal, lambda: _work(settings, StageRun("train", Path(settings.out), continued=True)))
    return exit_process(0)  # the result is the leader's to tell


def _stage(settings: TrainSettings, begin: Any) -> Outcome:
    request = {key: value for key, value in request_of(settings).items() if key != "input"}
    inputs = {"input": Path(settings.input)}

    def work(stage: StageRun) -> None:
        begin()
        _work(settings, stage)

    return run_stage("train", Path(settings.out), request, inputs, work)


def _work(settings: TrainSettings, stage: StageRun) -> None:
    from jaso_train.artifacts import write_result
    from jaso_train.fit import fit, read_split
    from jaso_train.runtime.devices import on_cpu
    from jaso_train.runtime.fsdp import check_sharding

    hush_transformers()
    on_cpu(settings.trainer.device)  # refuses CUDA where there is none before anything is built
    check_sharding(settings.trainer)
    stage.seeds["train"] = settings.seed
    prompt = PROMPTS.build(settings.prompt, "prompt")
    family = MODELS.build(settings.model, "model")
    folder = Path(settings.input)
    limit = settings.trainer.train_limit
    splits = read_split(folder, "train", prompt, limit), read_split(folder, "validation", prompt)
    with stage.timed("build_seconds"):
        built = family.build(tokenizer_texts(splits[0].examples), settings.tokenizer, settings.seed, prompt.markers())
    for note in built.notes:
        say(f"train: {note}")
    if built.licence:
        stage.licences.add(built.licence)
    fitted = fit(settings, stage, prompt, built, splits)
    if world().is_main_process:
        write_result(settings, stage, prompt, built, fitted)

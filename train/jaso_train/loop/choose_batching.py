"""Choice of batching, checked at the beginning and kept on resume."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from jaso_core.console import say
from jaso_core.errors import RequestError
from jaso_core.io.files import read_json, write_json
from jaso_core.parallel.distributed import broadcast_from_main, world
from jaso_train.data.batching import BatchingCheck
from jaso_train.options import TrainerOptions
from jaso_train.tasks.base import D, Task

if TYPE_CHECKING:
    from transformers import PreTrainedModel

BATCHING = "batching.json"
"""File of the scratch directory with the BatchingCheck of the training's beginning."""


def choose_batching(
    task: Task[D], model: PreTrainedModel, training: D, options: TrainerOptions, scratch: Path
) -> tuple[TrainerOptions, BatchingCheck]:
    """Choose how examples are batched, prepare the task for it and return the options.

    All processes call it and get the main one's choice. A resumed training keeps that of its beginning, which `scratch`
    holds. RequestError where no batch has the loss of its examples one by one.
    """
    file = scratch / BATCHING

    def choose() -> BatchingCheck | RequestError:
        try:
            return BatchingCheck(**read_json(file)) if file.is_file() else task.choose_batching(model, training)
        except RequestError as error:  # the others wait for an answer
            return error

    check = broadcast_from_main(choose)
    if isinstance(check, RequestError):
        raise check
    if world().is_main_process:
        write_json(file, asdict(check))
    if check.batching != check.asked:
        say(
            f"train: trainer.batching={check.batching}, not {check.asked}: there the loss would not be that of each "
            f"example alone ({check.reason})"
        )
    chosen = replace(options, batching=check.batching)
    task.prepare(replace(task.inputs, options=chosen))
    return chosen, check

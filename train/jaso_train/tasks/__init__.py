"""Training tasks, one file each: what is encoded, the loss, validation, artifacts.

Importing them, and building one, does not import torch.
"""

from __future__ import annotations

from typing import Any

from jaso_core.registry import Registry
from jaso_train.tasks.base import Task, TaskInputs, TrainedModel

TASKS: Registry[Task[Any]] = Registry("task", __name__)
"""Each task has a dataset type of its own, hence Any; all are made with `TaskInputs`."""


def make_task(name: str, inputs: TaskInputs) -> Task[Any]:
    """Make the task of a run. RequestError for an unknown name."""
    return TASKS.get(name).make(inputs)


__all__ = ["TASKS", "Task", "TaskInputs", "TrainedModel", "make_task"]

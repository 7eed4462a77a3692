"""Training tasks, one file each: what is encoded, the loss, validation, artifacts.

Importing them, and building one, does not import torch.
"""

from __future__ import annotations

from typing import Any

from jaso_core.registry import Registry
from jaso_train.tasks.base import Task, TaskInputs, TrainedModel

TASKS: Registry[Task[Any]] = Registry("task", __name__)
"""Each task has a dataset type of its own, hence Any; a run prepares the one it chose with its `TaskInputs`."""

__all__ = ["TASKS", "Task", "TaskInputs", "TrainedModel"]

"""Base class of training tasks: dataset, collator, loss, validation, artifacts.

A task is all that training has to know of what is learned. Run, freezing, memory estimate and trainer see this class
only, so that another task (classification of sequences, say) is one more file in this folder.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypedDict, TypeVar

from jaso_core.parallel.distributed import World
from jaso_core.prompts import PromptFormat
from jaso_core.records import Example
from jaso_core.stage.data_description import CAREER, DataDescription
from jaso_core.stage.manifest import Manifest
from jaso_train.data.batching import BatchingCheck
from jaso_train.models import ModelBundle
from jaso_train.options import TrainerOptions
from jaso_train.schema import FreezeReport

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

    from jaso_train.data.collators import Collator
    from jaso_train.data.dataset import TaskDataset
    from jaso_train.data.splits import Splits

D = TypeVar("D", bound="TaskDataset")


class SampleText(TypedDict):
    """A text that the model generated during training; `id` is the example's."""

    id: str
    prompt: str
    text: str


SampleWriter = Callable[[Any], list[SampleText]]
"""Generates texts with the model as it is; the model is plain, wrapped by PEFT, or sharded."""

AddFile = Callable[[str], Path]
"""Declares a file of the train folder by its relative name, and returns its path."""


@dataclass(frozen=True)
class TaskInputs:
    """What a task is prepared with; `seed` is the run's."""

    prompt: PromptFormat
    tokenizer: PreTrainedTokenizerFast
    options: TrainerOptions
    seed: int


@dataclass(frozen=True)
class TrainedModel:
    """A trained model, with the facts that its files are written from.

    `bundle`: the model's origin, before training. `family`, `prompt`: config nodes of the request. `log`: rows of
    log.jsonl. `freeze`: freeze_report.json. `splits`: the examples, before they were encoded. `data_licences`: those
    that the preprocess folder names. `about`: what its card says of the data.
    """

    bundle: ModelBundle
    family: Mapping[str, Any]
    prompt: Mapping[str, Any]
    seed: int
    log: Sequence[Mapping[str, Any]]
    freeze: FreezeReport
    splits: Splits
    data_licences: tuple[str, ...]
    about: DataDescription = CAREER


class Task(ABC, Generic[D]):
    """What is learned: examples to batches, the loss, validation and artifacts.

    It is registered under its name with a dataclass of its options, which the constructor takes; a run prepares it.
    """

    inputs: TaskInputs
    """Prompt, tokenizer, training options and seed of the run, from `prepare` on."""

    metrics: ClassVar[tuple[str, ...]]
    """Names of what `validate` returns, in the order of the log."""
    best_metric: ClassVar[str]
    """The one of `metrics` that chooses the best checkpoint and ends training early."""
    greater_is_better: ClassVar[bool]
    progress_label: ClassVar[str]
    """The best metric's short name on the progress bar."""

    def prepare(self, inputs: TaskInputs) -> Self:
        """Take over the run's inputs, before anything else is called; return the task."""
        self.inputs = inputs
        return self

    def adapt(self, model: PreTrainedModel) -> PreTrainedModel:
        """Return the model to train, such as the body with a head of the task's own.

        Called before freezing. A new head that freezing is to know as `head` is what `get_output_embeddings` returns.
        """
        return model

    @abstractmethod
    def encode(self, examples: Sequence[Example], *, is_training: bool) -> D:
        """Encode the examples of a split. RequestError when none is left."""

    @abstractmethod
    def summary(self, training: D) -> str:
        """Describe the encoded training split in one line, with what was left out."""

    def choose_batching(self, model: PreTrainedModel, training: D) -> BatchingCheck:
        """Choose how examples are batched: as the options say, where that changes no loss.

        The task's other methods follow it once the options that it was prepared with do.
        """
        del model, training
        return BatchingCheck(self.inputs.options.batching, self.inputs.options.batching)

    @abstractmethod
    def collator(self) -> Collator:
        """Return the collator: rows of the dataset to a batch of the model.

        A process that has no row left in an epoch's last step gives it none.
        """

    @abstractmethod
    def loss(self, model: Any) -> AbstractContextManager[None]:
        """Make `model(**batch, num_items_in_batch=…)` return `.loss` within the context.

        The loss is a sum over the batch's items, divided by `num_items_in_batch`: the labels other than IGNORED of the
        whole optimiser step, in all processes.
        """

    @abstractmethod
    def validate(self, model: Any, data: D, world: World, total: Callable[[float], float]) -> dict[str, float]:
        """Return `metrics` of `model` on validation data, dropout off.

        Each process (`world`) computes its part; `total` sums a number over the processes and has to be called by all.
        """

    def sample_writer(self, examples: Sequence[Example]) -> SampleWriter | None:
        """Return what writes sample texts for the log; None for a task without texts."""
        del examples
        return None

    @abstractmethod
    def save(self, folder: Path, trained: TrainedModel, manifest: Manifest, add: AddFile) -> None:
        """Write the task's files into the train folder.

        `manifest` is as far as it is known.

        model/ has weights, configuration and tokenizer by now, and every file that is written into it belongs to the
        folder; files outside of it are declared with `add`.
        """

"""Counts and timings of manifest.json that other stages read.

A manifest may hold more: what is not named here is kept as it is. Folders of former versions may lack some.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, cast


class Timings(TypedDict, total=False):
    """`timings` of a manifest: seconds of the work, and a training's speed and memory."""

    build_seconds: float
    train_seconds: float
    tokens_per_second: float
    peak_memory_bytes: int
    total_seconds: float
    finished_at: str


class EncodedCounts(TypedDict, total=False):
    """Counts of an encoded split: examples and tokens used, cut and left out."""

    examples: int
    rows: int
    tokens: int
    target_tokens: int
    characters: int
    truncated_examples: int
    truncated_tokens: int
    dropped_examples: int
    incomplete_examples: int
    too_long_prompts: int
    in_split: int
    not_drawn: int


class TrainCounts(TypedDict, total=False):
    """`counts` of a folder of `jaso train`.

    `saved_step`: the step of the weights in model/. `best_step`: the best validated step that had a checkpoint.
    """

    training: EncodedCounts
    validation: EncodedCounts
    steps: int
    best_step: int | None
    saved_step: int
    worse_than_start: bool
    tokens_seen: int
    processes: int


class LogRow(TypedDict, total=False):
    """A line of a training's log.jsonl, as far as other stages read it."""

    step: int
    epoch: float
    loss: float
    learning_rate: float
    grad_norm: float
    num_input_tokens_seen: int
    validation_loss: float
    validation_bits_per_character: float


class CrawlCounts(TypedDict, total=False):
    """`counts` of a folder of `jaso crawl`."""

    documents: int
    items: int
    rejected: dict[str, int]
    forgotten: int


class PreprocessCounts(TypedDict):
    """`counts` of a folder of `jaso preprocess`; `examples` by split."""

    examples: dict[str, int]


class About(TypedDict, total=False):
    """`about` of stats.json: what the user says of the data.

    `origins`: files and data sets by name.
    """

    title: str
    description: str
    kind: str
    origins: list[str]


class PreprocessStats(TypedDict, total=False):
    """stats.json of a folder of `jaso preprocess`, as far as other stages read it."""

    documents: dict[str, int]
    examples: dict[str, int]
    source: dict[str, int]
    dropped: dict[str, int]
    licences: dict[str, int]
    columns: dict[str, int]
    kind: dict[str, int]
    about: About


Counts = Mapping[str, Any]  # each stage has its own: the functions below say which
"""`counts` of a manifest."""


def train_counts(counts: Counts) -> TrainCounts:
    """Type the counts of a train folder's manifest."""
    return cast(TrainCounts, counts)


def preprocess_counts(counts: Counts) -> PreprocessCounts:
    """Type the counts of a preprocess folder's manifest."""
    return cast(PreprocessCounts, counts)

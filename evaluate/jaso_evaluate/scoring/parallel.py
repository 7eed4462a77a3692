"""Scoring in parts of the predictions, on one process per core.

For metrics whose rows depend on one text at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any

import numpy as np

from jaso_core.console import bar
from jaso_core.errors import WorkError
from jaso_core.parallel.cpu_count import cpu_count
from jaso_core.parallel.executors import ProcessExecutor, WorkerKilledError
from jaso_core.records import Prediction
from jaso_evaluate.korean import kiwi_cache
from jaso_evaluate.metrics import METRICS, Measure, Metric, NotMeasurable, Training

MIN_PREDICTIONS = 2000
"""For fewer predictions the start of the processes takes longer than it saves."""

_PART_SIZE = 500

Nodes = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class _PartResult:
    """Measures of one part, by metric; None for a metric that is not measurable."""

    measures: dict[str, list[Measure] | None]
    analyses: dict[str, kiwi_cache.Analysis]


def measure_in_parallel(
    predictions: Sequence[Prediction], nodes: Nodes, training: Training | None, workers: int
) -> dict[str, list[Measure]]:
    """Return the measures of metrics that are `by_text`, by name.

    The others are left to the caller, and so is one whose measures differ between parts. Nothing for few predictions.
    `workers`: processes, 0 for one per core; with one, the parts are measured here, one after the other. Kiwi's
    analyses are kept in this process for the remaining metrics, as many as its cache holds.
    """
    workers = workers or cpu_count()
    by_text = {name: node for name, node in nodes.items() if METRICS.build(node, f"metrics.{name}").by_text}
    if len(predictions) < MIN_PREDICTIONS or not by_text:
        return {}
    parts: list[dict[str, list[Measure] | None]] = []
    keep = len(by_text) < len(nodes)
    slices = [predictions[start : start + _PART_SIZE] for start in range(0, len(predictions), _PART_SIZE)]
    results = _measure_here if workers < 2 else partial(_map_parts, workers=min(workers, len(slices)))
    for result in results(slices, by_text, training, keep=keep):
        # The analyses of all parts together would be several times the texts.
        kiwi_cache.remember(result.analyses)
        parts.append(result.measures)
    joined = {name: _concatenate([part[name] for part in parts]) for name in by_text}
    return {name: measures for name, measures in joined.items() if measures is not None}


def _measure_here(
    slices: Sequence[Sequence[Prediction]], nodes: Nodes, training: Training | None, *, keep: bool
) -> Iterator[_PartResult]:
    metrics = {name: METRICS.build(node, f"metrics.{name}") for name, node in nodes.items()}
    with bar(sum(map(len, slices)), "scoring in parts", "texts") as progress:
        for predictions in slices:
            yield _measure(predictions, metrics, training, keep=keep)
            progress.update(len(predictions))


def _map_parts(
    slices: Sequence[Sequence[Prediction]], nodes: Nodes, training: Training | None, workers: int, *, keep: bool
) -> Iterator[_PartResult]:
    slim = training and replace(training, texts=(), labelled=())  # large, and not read by `by_text` metrics
    try:
        with (
            bar(sum(map(len, slices)), "scoring in parts", "texts") as progress,
            ProcessExecutor(workers, initializer=_init_worker, initargs=(nodes, slim)) as executor,
        ):
            results = executor.map(_measure_in_worker, slices, [keep] * len(slices))
            for predictions_slice, result in zip(slices, results, strict=True):
                progress.update(len(predictions_slice))
                yield result
    except WorkerKilledError as error:
        cure = "run the same command with workers=1"
        raise WorkError("a process that scores was killed, for lack of memory perhaps", cure) from error


_metrics: dict[str, Metric] = {}
_training: Training | None = None
"""State of a worker process: metrics, and the training data that they measure with."""


def _init_worker(nodes: Nodes, training: Training | None) -> None:
    global _training
    kiwi_cache.threads = 1
    _training = training
    for name, node in nodes.items():
        _metrics[name] = METRICS.build(node, f"metrics.{name}")


def _measure_in_worker(predictions: Sequence[Prediction], keep: bool) -> _PartResult:
    return _measure(predictions, _metrics, _training, keep=keep)


def _measure(
    predictions: Sequence[Prediction], metrics: Mapping[str, Metric], training: Training | None, *, keep: bool
) -> _PartResult:
    measures: dict[str, list[Measure] | None] = {}
    for name, metric in metrics.items():
        try:
            measures[name] = metric.measure_with(predictions, training)
        except NotMeasurable:
            measures[name] = None
    return _PartResult(measures, kiwi_cache.drain(keep=keep))


def _concatenate(parts: Sequence[list[Measure] | None]) -> list[Measure] | None:
    """Concatenate the rows of all parts; None when the parts' measures differ."""
    if len({None if part is None else tuple(map(_measure_key, part)) for part in parts}) != 1 or parts[0] is None:
        return None
    columns = zip(*(part for part in parts if part is not None), strict=True)
    return [replace(column[0], stats=np.concatenate([measure.stats for measure in column])) for column in columns]


def _measure_key(measure: Measure) -> tuple[Any, ...]:
    """Return all fields of a measure except its rows, and their width."""
    others = (field.name for field in fields(measure) if field.name != "stats")
    return (*(getattr(measure, name) for name in others), measure.stats.shape[1])

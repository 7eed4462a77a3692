"""Many predictions in parts, one process for each core, for metrics that look at one text at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, fields, replace
from multiprocessing import get_context
from typing import Any

import numpy as np

from jaso_core.console import bar
from jaso_core.errors import WorkError
from jaso_core.parallel.cpu_count import cores
from jaso_core.parallel.worker_init import begin_worker
from jaso_core.records import Prediction
from jaso_evaluate.korean import kiwi_cache
from jaso_evaluate.metrics import METRICS, Measure, Metric, NotMeasurable, Training

FEWEST = 2000
"""Predictions: for fewer the start of the processes takes longer than what they save."""

_PART = 500

Nodes = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class _Part:
    """What a process found out about some of the predictions; None for a metric that they did not suffice for."""

    measures: dict[str, list[Measure] | None]
    analyses: dict[str, kiwi_cache.Analysis]


def measured_in_parts(
    predictions: Sequence[Prediction], nodes: Nodes, training: Training | None, workers: int
) -> dict[str, list[Measure]]:
    """By name, the measures of metrics that are `by_text`; the others are left to the caller, and so is one whose
    measures are not the same for all parts. Nothing for few predictions or one core.

    `workers`: processes, 0 for one each core. Kiwi's analyses stay in this process for the metrics that are left.
    """
    workers = workers or cores()
    chosen = {name: node for name, node in nodes.items() if METRICS.build(node, f"metrics.{name}").by_text}
    if workers < 2 or len(predictions) < FEWEST or not chosen:
        return {}
    found = list(_parts(predictions, chosen, training, workers, keep=len(chosen) < len(nodes)))
    for part in found:
        kiwi_cache.remember(part.analyses)
    joined = {name: _joined([part.measures[name] for part in found]) for name in chosen}
    return {name: measures for name, measures in joined.items() if measures is not None}


def _parts(
    predictions: Sequence[Prediction], nodes: Nodes, training: Training | None, workers: int, *, keep: bool
) -> Iterator[_Part]:
    slices = [predictions[start : start + _PART] for start in range(0, len(predictions), _PART)]
    slim = training and replace(training, texts=(), labelled=())  # no metric by text reads them, and they may be many
    # Spawned, not forked: a fork of a process that has threads (torch, Kiwi) may hang.
    with ProcessPoolExecutor(
        min(workers, len(slices)), get_context("spawn"), initializer=_begin, initargs=(os.getpid(), nodes, slim)
    ) as pool:
        try:
            with bar(len(predictions), "scoring in parts", "texts") as shown:
                for some, part in zip(slices, pool.map(_measure, slices, [keep] * len(slices)), strict=True):
                    shown.update(len(some))
                    yield part
        except BrokenProcessPool as error:
            cure = "run the same command with workers=1"
            raise WorkError("a process that scores was killed, for lack of memory perhaps", cure) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


_metrics: dict[str, Metric] = {}
"""Of a worker process."""


def _begin(parent: int, nodes: Nodes, training: Training | None) -> None:
    begin_worker(parent)
    kiwi_cache.threads = 1
    for name, node in nodes.items():
        _metrics[name] = METRICS.build(node, f"metrics.{name}")
        _metrics[name].training = training


def _measure(predictions: Sequence[Prediction], keep: bool) -> _Part:
    found: dict[str, list[Measure] | None] = {}
    for name, metric in _metrics.items():
        try:
            found[name] = metric.measure(predictions)
        except NotMeasurable:
            found[name] = None
    return _Part(found, kiwi_cache.drain(keep=keep))


def _joined(parts: Sequence[list[Measure] | None]) -> list[Measure] | None:
    """The rows of all parts below each other; None when the parts have not the same measures."""
    if len({None if part is None else tuple(map(_kind, part)) for part in parts}) != 1 or parts[0] is None:
        return None
    columns = zip(*(part for part in parts if part is not None), strict=True)
    return [replace(column[0], stats=np.concatenate([measure.stats for measure in column])) for column in columns]


def _kind(measure: Measure) -> tuple[Any, ...]:
    """All of a measure but its rows; their width."""
    others = (field.name for field in fields(measure) if field.name != "stats")
    return (*(getattr(measure, name) for name in others), measure.stats.shape[1])

"""Scores of a set of predictions: value, interval and signature of each measure, and the scores of single texts."""

from __future__ import annotations

import hashlib
import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from jaso_core.console import progress
from jaso_core.errors import RequestError
from jaso_core.io.files import read_jsonl
from jaso_core.records import Prediction
from jaso_evaluate.metrics import METRICS, Measure, Metric, NotMeasurable, Training
from jaso_evaluate.scoring.parallel import measured_in_parts
from jaso_evaluate.statistics.proportions import is_share, share_interval
from jaso_evaluate.statistics.summary import Bootstrap, difference, interval

Nodes = Mapping[str, Mapping[str, Any]]

_BY = ("occupation", "experience")
"""Keys of a prediction's meta by which the scores are also given."""

_MOST_PARTS = 30
"""A key with more values than this names the texts, it does not group them."""


@dataclass(frozen=True)
class Scored:
    """All that is known about a set of predictions. `extras` is what the report needs beside the scores."""

    scores: dict[str, Any]
    per_example: list[dict[str, Any]]
    extras: dict[str, Any]


def build_metrics(nodes: Nodes) -> dict[str, Metric]:
    """The metrics that the configuration asks for, by name. RequestError when it asks for none, or wrongly."""
    if not nodes:
        raise RequestError("config key 'metrics' is empty", "ask for some: metrics=[bleu,chrf,rouge]")
    return {name: METRICS.build(node, f"metrics.{name}") for name, node in nodes.items()}


def read_predictions(path: Path) -> list[Prediction]:
    """The predictions of a file, at least one, ids unique. RequestError with file and line otherwise."""
    found: dict[str, Prediction] = {}
    for where, obj in read_jsonl(path):
        prediction = Prediction.from_json(obj, where)
        if prediction.id in found:
            raise RequestError(f"{where}: id '{prediction.id}' occurs twice", "give each prediction an id of its own")
        _check_values(prediction, where)
        found[prediction.id] = prediction
    if not found:
        raise RequestError(f"{path}: holds no predictions", "give a file with one JSON object a line")
    return list(found.values())


def _check_values(prediction: Prediction, where: str) -> None:
    for name in ("prompt", "prompt_format"):
        if not isinstance(getattr(prediction, name), str | None):
            raise RequestError(f"{where}: '{name}' is no text", "make it a text, or leave it out")
    texts = {name: getattr(prediction, name) for name in ("id", "prediction", "reference", "prompt", "prompt_format")}
    for name, value in {**texts, **{f"meta.{key}": value for key, value in prediction.meta.items()}}.items():
        if isinstance(value, str):
            _check_unicode(name, value, where)
        elif isinstance(value, int | float) and not _fits_float(value):
            raise RequestError(f"{where}: '{name}' is not a finite number", "write a finite number, or null for none")


def _check_unicode(name: str, text: str, where: str) -> None:
    """JSON can spell half a character ("\\ud800"), which no tokenizer and no file takes."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise RequestError(
            f"{where}: '{name}' holds a lone surrogate at character {error.start + 1}", "remove it"
        ) from None


def _fits_float(value: float) -> bool:
    """JSON can spell NaN, Infinity and numbers beyond any float, none of which can be summed."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def score(
    predictions: Sequence[Prediction],
    nodes: Nodes,
    resamples: int,
    seed: int,
    training: Training | None = None,
    workers: int = 1,
) -> Scored:
    """Applies the metrics; a metric that the predictions do not suffice for is named in extras["skipped"].

    `workers`: processes for many predictions, 0 for one each core.
    """
    built = build_metrics(nodes)
    for metric in built.values():
        metric.training = training
    parts = measured_in_parts(predictions, nodes, training, workers)
    measures, skipped = _measure(predictions, built, parts)
    bootstrap = Bootstrap([group_of(p) for p in predictions], resamples, seed)
    resampled = _resample(measures, bootstrap)
    metrics = {m.name: entry(m, resampled[m.name], bootstrap) for m in measures}
    return Scored(
        scores={"n": len(predictions), "metrics": metrics},
        per_example=_per_example(predictions, measures),
        extras={
            "resamples": resamples,
            "seed": seed,
            "groups": bootstrap.groups,
            "skipped": skipped,
            "reductions": {m.name: m.reduction for m in measures},
            "baselines": [m.name for m in measures if m.baseline_of],
            "of_the_whole": [m.name for m in measures if m.of_the_whole],
            "differences": _baseline_differences(measures, bootstrap),
            "by": _by(predictions, measures, resamples, seed),
        },
    )


def group_of(prediction: Prediction) -> str:
    """What is drawn together in the bootstrap; a text without a group stands for itself."""
    group = prediction.meta.get("group")
    return str(prediction.id if group in (None, "") else group)


def entry(measure: Measure, resampled: np.ndarray[Any, np.dtype[np.float64]], bootstrap: Bootstrap) -> dict[str, Any]:
    """A measure's entry in scores.json. One group has no interval: `ci95` is null."""
    jackknife = bootstrap.jackknife(measure.summable(), measure.reduce)
    if is_share(measure.unit, measure.summable()):
        bounds = share_interval(measure.summable(), jackknife)
    else:
        bounds = interval(resampled, jackknife) if np.isfinite(jackknife).sum() > 1 else None
    return {
        "value": rounded(measure.value()),
        "ci95": None if bounds is None else [rounded(bounds[0]), rounded(bounds[1])],
        "unit": measure.unit,
        "signature": measure.signature,
        "higher_is_better": measure.higher_is_better,
        "n": int(measure.present.sum()),
    }


def rounded(value: float | None) -> float | None:
    """To 6 decimals: sums of floats differ beyond that with the number of threads. None for what is no number."""
    return None if value is None or not math.isfinite(value) else round(value, 6)


def reference_hash(text: str) -> str:
    """Tells whether two runs were scored against the same references; metrics compose texts (NFC), and so does this."""
    composed = unicodedata.normalize("NFC", text)
    return hashlib.sha256(composed.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _measure(
    predictions: Sequence[Prediction], metrics: Mapping[str, Metric], parts: Mapping[str, list[Measure]]
) -> tuple[list[Measure], list[dict[str, str]]]:
    measures: list[Measure] = []
    skipped = []
    for name, metric in progress(metrics.items(), len(metrics), "scoring", "metrics"):
        try:
            measures += parts[name] if name in parts else metric.measure(predictions)
        except NotMeasurable as reason:
            skipped.append({"metric": name, "reason": str(reason)})
    names = [m.name for m in measures]
    for name in names:
        if names.count(name) > 1:
            raise RequestError(f"two metrics give a measure '{name}'", "leave one out of metrics=")
    return measures, skipped


def _resample(measures: Sequence[Measure], bootstrap: Bootstrap) -> dict[str, np.ndarray[Any, np.dtype[np.float64]]]:
    """Each measure's scores of all resamples, shape [resamples]; the draws are made once for all measures."""
    if not measures:
        return {}
    sums = bootstrap.sums(np.concatenate([m.summable() for m in measures], axis=1))
    ends = np.cumsum([m.stats.shape[1] for m in measures])
    return {m.name: m.reduce(part) for m, part in zip(measures, np.split(sums, ends[:-1], axis=1), strict=True)}


def _per_example(predictions: Sequence[Prediction], measures: Sequence[Measure]) -> list[dict[str, Any]]:
    columns = {m.name: m.per_example() for m in measures}
    rows = []
    for i, prediction in enumerate(predictions):
        rows.append(
            {
                "id": prediction.id,
                "group": group_of(prediction),
                "reference": reference_hash(prediction.reference),
                "scores": {name: rounded(column[i]) for name, column in columns.items()},
                "stats": {m.name: m.stats[i].tolist() if m.present[i] else None for m in measures},
            }
        )
    return rows


def _baseline_differences(measures: Sequence[Measure], bootstrap: Bootstrap) -> list[dict[str, Any]]:
    """Paired differences between measures and the baselines made for them, on the texts that have both."""
    by_name = {m.name: m for m in measures}
    found = []
    for baseline in measures:
        measure = by_name.get(baseline.baseline_of or "")
        if measure is None or bootstrap.groups < 2:
            continue
        both = (measure.present & baseline.present)[:, None]
        first, second = np.where(both, measure.summable(), 0.0), np.where(both, baseline.summable(), 0.0)
        value = float(measure.reduce(first.sum(axis=0)) - baseline.reduce(second.sum(axis=0)))
        drawn = bootstrap.sums(np.concatenate([first, second], axis=1))
        k = first.shape[1]
        jackknife = bootstrap.jackknife(first, measure.reduce) - bootstrap.jackknife(second, baseline.reduce)
        result = difference(value, measure.reduce(drawn[:, :k]) - baseline.reduce(drawn[:, k:]), jackknife)
        found.append(
            {
                "first": measure.name,
                "second": baseline.name,
                "value": rounded(result.value),
                "ci95": None if result.ci95 is None else [rounded(result.ci95[0]), rounded(result.ci95[1])],
                "p": rounded(result.p),
                "n": int(both.sum()),
            }
        )
    return found


def _by(
    predictions: Sequence[Prediction], measures: Sequence[Measure], resamples: int, seed: int
) -> dict[str, dict[str, dict[str, Any]]]:
    """{"occupation": {"ICT": {measure: {"value", "ci95", "n"}}}} for keys of meta with two values or more."""
    tables: dict[str, dict[str, dict[str, Any]]] = {}
    for key in _BY:
        found = [p.meta.get(key) for p in predictions]
        values = [None if v is None else str(v) for v in found]
        parts = sorted({v for v in values if v is not None})
        if 2 <= len(parts) <= _MOST_PARTS:
            tables[key] = {
                part: _part(predictions, measures, [i for i, v in enumerate(values) if v == part], resamples, seed)
                for part in parts
            }
    return tables


def _part(
    predictions: Sequence[Prediction], measures: Sequence[Measure], rows: list[int], resamples: int, seed: int
) -> dict[str, Any]:
    some = [replace(m, stats=m.stats[rows]) for m in measures if not m.of_the_whole]
    bootstrap = Bootstrap([group_of(predictions[i]) for i in rows], resamples, seed)
    resampled = _resample(some, bootstrap)
    entries = {m.name: entry(m, resampled[m.name], bootstrap) for m in some}
    return {name: {key: found[key] for key in ("value", "ci95", "n")} for name, found in entries.items()}

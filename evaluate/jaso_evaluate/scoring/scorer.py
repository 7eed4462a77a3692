"""Scores of predictions: value, interval and signature of each measure.

Each prediction is also scored alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np

from jaso_core.console import progress
from jaso_core.errors import RequestError
from jaso_core.io.file_kinds import kind_of_content
from jaso_core.io.files import read_jsonl
from jaso_core.records import Prediction
from jaso_core.text.invisible import comparable_name
from jaso_evaluate.metrics import METRICS, Measure, Metric, NotMeasurable, Training
from jaso_evaluate.schema import (
    BaselineDifference,
    Bounds,
    PartScore,
    Score,
    Scores,
    ScoresByGroup,
    ScoringFacts,
    SkippedMetric,
    TextScores,
)
from jaso_evaluate.scoring.parallel import measure_in_parallel
from jaso_evaluate.scoring.text_rows import TextRows, group_of, round_score
from jaso_evaluate.statistics.proportions import is_share, share_interval
from jaso_evaluate.statistics.summary import Bootstrap, difference, interval

Nodes = Mapping[str, Mapping[str, Any]]

_GROUP_KEYS = ("occupation", "experience")
"""Keys of a prediction's meta by which scores are also broken down."""

_MAX_GROUPS = 30
"""A key with more values than this identifies texts rather than groups."""


@dataclass(frozen=True)
class ScoringResult:
    """Scores of a set of predictions; `extras` is what the report needs besides.

    `rows`: of each prediction alone, built when they are asked for.
    """

    scores: Scores
    rows: TextRows
    extras: ScoringFacts

    @property
    def per_example(self) -> list[TextScores]:
        """All rows at once, which take much memory for many predictions."""
        return list(self.rows)


def build_metrics(nodes: Nodes) -> dict[str, Metric]:
    """Build the configured metrics, by name.

    RequestError when there are none, or the configuration is wrong.
    """
    if not nodes:
        raise RequestError("config key 'metrics' is empty", "ask for some: metrics=[bleu,chrf,rouge]")
    return {name: METRICS.build(node, f"metrics.{name}") for name, node in nodes.items()}


def read_predictions(path: Path) -> list[Prediction]:
    """Read predictions from JSONL: at least one, with unique ids.

    RequestError with file and line otherwise, or with the kind of a file that is no JSONL.
    """
    _refuse_binary(path)
    predictions: dict[str, Prediction] = {}
    for where, obj in read_jsonl(path):
        if isinstance(obj, dict):
            obj = {comparable_name(key): value for key, value in obj.items()}
        prediction = Prediction.from_json(obj, where)
        if prediction.id in predictions:
            raise RequestError(f"{where}: id '{prediction.id}' occurs twice", "give each prediction an id of its own")
        _check_values(prediction, where)
        predictions[prediction.id] = prediction
    if not predictions:
        raise RequestError(f"{path}: holds no predictions", "give a file with one JSON object a line")
    return list(predictions.values())


def _refuse_binary(path: Path) -> None:
    """Raise RequestError for a workbook, a Parquet file, a document or an archive."""
    if not path.is_file():
        return
    with path.open("rb") as stream:
        beginning = stream.read(2**16)
    for mark, kind in ((b"PK\x03\x04", "a workbook or an archive"), (b"PAR1", "a Parquet file")):
        if beginning.startswith(mark):
            what, _ = kind_of_content(beginning) or (kind, "")
            raise RequestError(
                f"{path}: is {what}, not JSONL", "write one object with id, prediction, reference a line"
            )
    if (known := kind_of_content(beginning)) is not None:
        raise RequestError(f"{path}: is {known[0]}, not JSONL", known[1])


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
    """Reject lone surrogates ("\\ud800"), which no tokenizer or file takes.

    JSON can spell them.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise RequestError(
            f"{where}: '{name}' holds a lone surrogate at character {error.start + 1}", "remove it"
        ) from None


def _fits_float(value: float) -> bool:
    """Return whether a JSON number is finite and within float range.

    JSON allows NaN, Infinity and integers beyond any float, none of which can be summed.
    """
    try:
        # 10**400 is an int in JSON: isfinite raises OverflowError.
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
) -> ScoringResult:
    """Score the predictions with the configured metrics.

    A metric that is not measurable on them is listed in extras["skipped"]. `workers`: processes for many predictions, 0
    for one per core.
    """
    metrics_by_name = build_metrics(nodes)
    parts = measure_in_parallel(predictions, nodes, training, workers)
    measures, skipped = _measure(predictions, metrics_by_name, parts, training)
    # Texts of one writer resemble each other, so that resamples draw whole groups.
    bootstrap = Bootstrap([group_of(p) for p in predictions], resamples, seed)
    resampled = _resample(measures, bootstrap)
    metrics = {m.name: score_entry(m, resampled[m.name], bootstrap) for m in measures}
    return ScoringResult(
        scores={"n": len(predictions), "metrics": metrics},
        rows=TextRows(predictions, measures),
        extras={
            "resamples": resamples,
            "seed": seed,
            "groups": bootstrap.groups,
            "skipped": skipped,
            "reductions": {m.name: m.reduction for m in measures},
            "baselines": [m.name for m in measures if m.baseline_of],
            "of_the_whole": [m.name for m in measures if m.of_the_whole],
            "differences": _baseline_differences(measures, bootstrap),
            "by": _scores_by_group(predictions, measures, resamples, seed),
        },
    )


def score_entry(measure: Measure, resampled: np.ndarray[Any, np.dtype[np.float64]], bootstrap: Bootstrap) -> Score:
    """Return a measure's entry in scores.json; `ci95` is null for a single group."""
    jackknife = bootstrap.jackknife(measure.summable(), measure.reduce)
    # 0 of 50 texts: every resample has 0 too, and only the binomial interval says how many more there could be.
    if is_share(measure.unit, measure.summable()):
        bounds = share_interval(measure.summable(), jackknife)
    else:
        bounds = interval(resampled, jackknife) if np.isfinite(jackknife).sum() > 1 else None
    return {
        "value": round_score(measure.value()),
        "ci95": round_bounds(bounds),
        "unit": measure.unit,
        "signature": measure.signature,
        "higher_is_better": measure.higher_is_better,
        "n": int(measure.present.sum()),
    }


def round_bounds(bounds: tuple[float, float] | None) -> Bounds | None:
    """Round both ends of an interval, which are finite."""
    return None if bounds is None else cast("Bounds", [round_score(end) for end in bounds])


def _measure(
    predictions: Sequence[Prediction],
    metrics: Mapping[str, Metric],
    parts: Mapping[str, list[Measure]],
    training: Training | None,
) -> tuple[list[Measure], list[SkippedMetric]]:
    measures: list[Measure] = []
    skipped: list[SkippedMetric] = []
    for name, metric in progress(metrics.items(), len(metrics), "scoring", "metrics"):
        try:
            measures += parts[name] if name in parts else metric.measure_with(predictions, training)
        except NotMeasurable as reason:
            skipped.append({"metric": name, "reason": str(reason)})
    # scores.json has one entry a name: the second would replace the first.
    names = [m.name for m in measures]
    for name in names:
        if names.count(name) > 1:
            raise RequestError(f"two metrics give a measure '{name}'", "leave one out of metrics=")
    return measures, skipped


def _resample(measures: Sequence[Measure], bootstrap: Bootstrap) -> dict[str, np.ndarray[Any, np.dtype[np.float64]]]:
    """Return each measure's scores of all resamples, shape [resamples].

    Resamples are drawn once for all measures.
    """
    if not measures:
        return {}
    # All statistics side by side, one product for all: widths [2, 3] → columns [0, 2) and [2, 5).
    sums = bootstrap.sums(np.concatenate([m.summable() for m in measures], axis=1))
    ends = np.cumsum([m.stats.shape[1] for m in measures])
    return {m.name: m.reduce(part) for m, part in zip(measures, np.split(sums, ends[:-1], axis=1), strict=True)}


def _baseline_differences(measures: Sequence[Measure], bootstrap: Bootstrap) -> list[BaselineDifference]:
    """Return paired differences between measures and their baselines.

    Computed on the texts that have both.
    """
    by_name = {m.name: m for m in measures}
    differences: list[BaselineDifference] = []
    for baseline in measures:
        measure = by_name.get(baseline.baseline_of or "")
        if measure is None or bootstrap.groups < 2:
            continue
        # A text that lacks one of the two values counts for neither: both are of the same texts.
        both = (measure.present & baseline.present)[:, None]
        first, second = np.where(both, measure.summable(), 0.0), np.where(both, baseline.summable(), 0.0)
        value = float(measure.reduce(first.sum(axis=0)) - baseline.reduce(second.sum(axis=0)))
        # The same resamples for both, so that the difference is paired.
        sums = bootstrap.sums(np.concatenate([first, second], axis=1))
        k = first.shape[1]
        jackknife = bootstrap.jackknife(first, measure.reduce) - bootstrap.jackknife(second, baseline.reduce)
        result = difference(value, measure.reduce(sums[:, :k]) - baseline.reduce(sums[:, k:]), jackknife)
        differences.append(
            {
                "first": measure.name,
                "second": baseline.name,
                "value": round_score(result.value),
                "ci95": round_bounds(result.ci95),
                "p": round_score(result.p),
                "n": int(both.sum()),
            }
        )
    return differences


def _scores_by_group(
    predictions: Sequence[Prediction], measures: Sequence[Measure], resamples: int, seed: int
) -> ScoresByGroup:
    """Score by meta keys with two values or more.

    {"occupation": {"ICT": {measure: {"value", "ci95", "n"}}}}
    """
    tables: ScoresByGroup = {}
    for key in _GROUP_KEYS:
        raw_values = [p.meta.get(key) for p in predictions]
        values = [None if v is None else str(v) for v in raw_values]
        parts = sorted({v for v in values if v is not None})
        # One value is the whole set.
        if 2 <= len(parts) <= _MAX_GROUPS:
            tables[key] = {
                part: _group_scores(
                    predictions, measures, [i for i, v in enumerate(values) if v == part], resamples, seed
                )
                for part in parts
            }
    return tables


def _group_scores(
    predictions: Sequence[Prediction], measures: Sequence[Measure], rows: list[int], resamples: int, seed: int
) -> dict[str, PartScore]:
    # Rows of a part are enough, nothing is measured again.
    measures_of_part = [replace(m, stats=m.stats[rows]) for m in measures if not m.of_the_whole]
    bootstrap = Bootstrap([group_of(predictions[i]) for i in rows], resamples, seed)
    resampled = _resample(measures_of_part, bootstrap)
    entries = {m.name: score_entry(m, resampled[m.name], bootstrap) for m in measures_of_part}
    return {name: {"value": e["value"], "ci95": e["ci95"], "n": e["n"]} for name, e in entries.items()}

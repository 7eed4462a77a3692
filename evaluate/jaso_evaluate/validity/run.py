"""`jaso validity`: agreement of metrics with human scores, on any file of pairs.

Of each metric's scores of single texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from jaso_core.config import REQUIRED, pick, to_settings
from jaso_core.console import progress, say
from jaso_core.errors import RequestError
from jaso_core.io.files import atomic_text, write_json
from jaso_core.records import Prediction
from jaso_core.stage.runner import Outcome, StageRun, request_of, run_stage
from jaso_evaluate.metrics import METRICS, Measure, NotMeasurable
from jaso_evaluate.score import check_resamples
from jaso_evaluate.scoring.scorer import build_metrics
from jaso_evaluate.scoring.text_rows import round_score
from jaso_evaluate.statistics.summary import difference, holm, interval
from jaso_evaluate.validity.correlation import (
    Correlation,
    CorrelationEstimate,
    correlate,
    draw_resamples,
    kendall,
    pearson,
    spearman,
)
from jaso_evaluate.validity.pairs import Columns, Pairs, read_pairs
from jaso_evaluate.validity.tables import render

CORRELATIONS: dict[str, Correlation] = {"pearson": pearson, "spearman": spearman, "kendall": kendall}

_MAX_KENDALL = 1000
"""Kendall's τ computes all pairs of texts; of more texts, so many are sampled."""


@dataclass(frozen=True)
class ValiditySettings:
    """Settings of `jaso validity`.

    `pairs`: a file of two texts and a human score in each row. `variants`: of a metric, sets of options that are each
    measured; the metric's own options where there are none. `resamples`: of the bootstrap.
    """

    out: str = REQUIRED
    pairs: str = REQUIRED
    metrics: dict[str, Any] = REQUIRED
    columns: Columns = field(default_factory=Columns)
    variants: dict[str, Any] = field(default_factory=dict)
    resamples: int = 10_000
    seed: int = 0

    def __post_init__(self) -> None:
        check_resamples(self.resamples)


def settings(config: Mapping[str, Any], *, strict: bool = True) -> ValiditySettings:
    """Validate the configuration, the options of all variants included."""
    checked = to_settings(config if strict else pick(config, ValiditySettings), ValiditySettings)
    build_metrics(_nodes(checked))
    return checked


def run(settings: ValiditySettings) -> Outcome:
    """Correlate and write settings.out."""
    request = {key: value for key, value in request_of(settings).items() if key != "pairs"}
    inputs = {"pairs": Path(settings.pairs)}
    return run_stage("validity", Path(settings.out), request, inputs, lambda stage: _work(settings, stage))


def _nodes(settings: ValiditySettings) -> dict[str, dict[str, Any]]:
    """Return a config node for each metric and variant.

    RequestError for a variant of what is no metric, or is no options.
    """
    for name, variants in settings.variants.items():
        METRICS.get(name)
        if not isinstance(variants, list) or not all(isinstance(options, Mapping) for options in variants):
            raise RequestError(f"config key 'variants.{name}' is no list of options", "write [{option: value}, …]")
    nodes = {}
    for key, node in settings.metrics.items():
        for i, options in enumerate(settings.variants.get(str(node.get("name"))) or [{}]):
            nodes[f"{key}#{i}" if i else key] = {**node, **options}
    return nodes


def _work(settings: ValiditySettings, stage: StageRun) -> None:
    pairs = read_pairs(Path(settings.pairs), settings.columns)
    columns = pairs.columns
    say(f"validity: prediction = '{columns.first}', reference = '{columns.second}', score = '{columns.score}'")
    with stage.timed("measure_seconds"):
        measures, skipped = measure_pairs(pairs, build_metrics(_nodes(settings)))
    for reason in skipped:
        say(f"validity: {reason}")
    with stage.timed("bootstrap_seconds"):
        result = validity(measures, pairs, settings.resamples, settings.seed)
    result = {"file": Path(settings.pairs).name, **result, "left_out": skipped}
    stage.seeds["bootstrap"] = settings.seed
    stage.counts.update(pairs=len(pairs.scores), measures=len(result["measures"]))
    write_json(stage.add("validity.json"), result)
    for suffix, text in render(result).items():
        with atomic_text(stage.add(f"validity.{suffix}")) as stream:
            stream.write(text)


def measure_pairs(pairs: Pairs, metrics: Mapping[str, Any]) -> tuple[list[Measure], list[str]]:
    """Return measures with scores of single texts, and why others are left out.

    RequestError when none of them judges (says whether higher or lower is better).
    """
    texts = enumerate(zip(pairs.first, pairs.second, strict=True))
    predictions = [Prediction(str(i), first, second) for i, (first, second) in texts]
    measure_by_name: dict[str, Measure] = {}
    skipped = []
    for name, metric in progress(metrics.items(), len(metrics), "measuring", "metrics"):
        try:
            measures: Sequence[Measure] = metric.measure(predictions)
        except NotMeasurable as reason:
            skipped.append(f"metric '{name}' left out: {reason}")
            continue
        for measure in measures:
            if all(value is None for value in measure.per_example()):
                skipped.append(f"{measure.name} left out: it has no scores of single texts")
            elif measure.name in measure_by_name:
                raise RequestError(f"two variants give a measure '{measure.name}'", "leave one out")
            else:
                measure_by_name[measure.name] = measure
    if all(measure.higher_is_better is None for measure in measure_by_name.values()):
        raise RequestError("no metric judges single texts", "ask for some: metrics=[bleu,chrf,rouge]")
    return list(measure_by_name.values()), skipped


def validity(measures: Sequence[Measure], pairs: Pairs, resamples: int, seed: int) -> dict[str, Any]:
    """Correlate each measure with human scores; compare those that judge to the best.

    Sorted by Pearson's r. Signs are turned where lower is better, so that 1 is full agreement for all. A pair that a
    measure has no value for is left out of that measure's correlations.
    """
    human = np.array(pairs.scores, dtype=float)
    scores = [np.array([np.nan if v is None else v for v in m.per_example()]) for m in measures]
    scores = [-s if m.higher_is_better is False else s for m, s in zip(measures, scores, strict=True)]
    bootstrap = draw_resamples(pairs.groups, resamples, seed)
    kendall_indices = _kendall_sample(len(human), seed)
    rows = []
    pearson_estimates = []
    for measure, values in progress(list(zip(measures, scores, strict=True)), len(measures), "resampling", "measures"):
        valid = np.flatnonzero(np.isfinite(values))
        indices = {
            name: np.intersect1d(valid, kendall_indices) if name == "kendall" else valid for name in CORRELATIONS
        }
        estimates = {
            name: correlate(correlation, values, human, bootstrap, indices[name])
            for name, correlation in CORRELATIONS.items()
        }
        rows.append(_row(measure, len(valid), estimates))
        pearson_estimates.append(estimates["pearson"])
    # Described measures (no direction) are in the table, but neither the best nor compared with it.
    order = sorted(range(len(rows)), key=lambda i: -_sort_key(rows[i]))
    judging = [i for i in order if measures[i].higher_is_better is not None]
    _compare([rows[i] for i in judging], [pearson_estimates[i] for i in judging])
    read = pairs.columns
    columns = {"prediction": read.first, "reference": read.second, "score": read.score, "group": read.group}
    return {
        "n": len(human),
        "groups": len(set(pairs.groups)),
        "kendall_n": len(kendall_indices),
        "resamples": resamples,
        "seed": seed,
        "columns": columns,
        "best": rows[judging[0]]["name"],
        "measures": [rows[i] for i in order],
    }


def _sort_key(row: Mapping[str, Any]) -> float:
    """Sort rows by Pearson's r; what has no correlation comes last."""
    value: float | None = row["pearson"]["value"]
    return -2.0 if value is None else value


def _kendall_sample(n: int, seed: int) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Return indices of texts for Kendall's τ."""
    if n <= _MAX_KENDALL:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, _MAX_KENDALL, replace=False))


def _row(measure: Measure, n: int, estimates: Mapping[str, CorrelationEstimate]) -> dict[str, Any]:
    row: dict[str, Any] = {"name": measure.name, "n": n}
    for name, estimate in estimates.items():
        bounds = interval(estimate.draws, estimate.jackknife) if np.isfinite(estimate.value) else None
        row[name] = {"value": round_score(estimate.value), "ci95": _rounded_bounds(bounds)}
    return {**row, "signature": measure.signature, "higher_is_better": measure.higher_is_better}


def _rounded_bounds(bounds: tuple[float, float] | None) -> list[float | None] | None:
    return None if bounds is None else [round_score(bound) for bound in bounds]


def _compare(rows: Sequence[dict[str, Any]], correlations: Sequence[CorrelationEstimate]) -> None:
    """Add to each row but the first its difference in Pearson's r from the first.

    By a paired bootstrap, p corrected by Holm.
    """
    tested = []
    for row, estimate in zip(rows[1:], correlations[1:], strict=True):
        if not np.isfinite(estimate.value):
            continue
        best = correlations[0]
        result = difference(
            estimate.value - best.value, estimate.draws - best.draws, estimate.jackknife - best.jackknife
        )
        if result.ci95 is not None and result.p is not None:
            row["behind"] = {"value": round_score(result.value), "ci95": _rounded_bounds(result.ci95)}
            tested.append((row, result.p))
    for (row, _), adjusted in zip(tested, holm([p for _, p in tested]), strict=True):
        row["behind"]["p_holm"] = round_score(adjusted)

"""`jaso validity`: how well each metric's scores of single texts agree with people's, on any file of pairs."""

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
from jaso_evaluate.scoring.scorer import build_metrics, round_score
from jaso_evaluate.statistics.summary import difference, holm, interval
from jaso_evaluate.validity.correlation import (
    Correlated,
    Correlation,
    correlate,
    kendall,
    pearson,
    resamples_of,
    spearman,
)
from jaso_evaluate.validity.pairs import Columns, Pairs, read_pairs
from jaso_evaluate.validity.tables import render

CORRELATIONS: dict[str, Correlation] = {"pearson": pearson, "spearman": spearman, "kendall": kendall}

_KENDALL_MOST = 1000
"""Kendall's τ looks at all pairs of texts; of more texts than this, so many are drawn for it."""


@dataclass(frozen=True)
class ValiditySettings:
    """`pairs`: a file of two texts and a score of people's in each row. `variants`: of a metric, sets of options that
    are each measured; the metric's own options where there are none. `resamples`: of the bootstrap."""

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
    """Checks the configuration, the options of all variants included."""
    checked = to_settings(config if strict else pick(config, ValiditySettings), ValiditySettings)
    build_metrics(_nodes(checked))
    return checked


def run(settings: ValiditySettings) -> Outcome:
    """Fills settings.out."""
    request = {key: value for key, value in request_of(settings).items() if key != "pairs"}
    inputs = {"pairs": Path(settings.pairs)}
    return run_stage("validity", Path(settings.out), request, inputs, lambda stage: _work(settings, stage))


def _nodes(settings: ValiditySettings) -> dict[str, dict[str, Any]]:
    """A config node for each metric and variant. RequestError for a variant of what is no metric, or is no options."""
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
        measures, skipped = measured(pairs, build_metrics(_nodes(settings)))
    for reason in skipped:
        say(f"validity: {reason}")
    with stage.timed("bootstrap_seconds"):
        found = validity(measures, pairs, settings.resamples, settings.seed)
    found = {"file": Path(settings.pairs).name, **found, "left_out": skipped}
    stage.seeds["bootstrap"] = settings.seed
    stage.counts.update(pairs=len(pairs.scores), measures=len(found["measures"]))
    write_json(stage.add("validity.json"), found)
    for suffix, text in render(found).items():
        with atomic_text(stage.add(f"validity.{suffix}")) as stream:
            stream.write(text)


def measured(pairs: Pairs, metrics: Mapping[str, Any]) -> tuple[list[Measure], list[str]]:
    """The measures that have scores of single texts, and why others are left out. RequestError when none of them judges
    (says whether higher or lower is better)."""
    texts = enumerate(zip(pairs.first, pairs.second, strict=True))
    predictions = [Prediction(str(i), first, second) for i, (first, second) in texts]
    found: dict[str, Measure] = {}
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
            elif measure.name in found:
                raise RequestError(f"two variants give a measure '{measure.name}'", "leave one out")
            else:
                found[measure.name] = measure
    if all(measure.higher_is_better is None for measure in found.values()):
        raise RequestError("no metric judges single texts", "ask for some: metrics=[bleu,chrf,rouge]")
    return list(found.values()), skipped


def validity(measures: Sequence[Measure], pairs: Pairs, resamples: int, seed: int) -> dict[str, Any]:
    """Correlations of each measure with people, by Pearson's r, and how far those that judge are behind the best.

    Signs are turned where lower is better, so that 1 is full agreement for all. A pair that a measure has no value for
    is left out of that measure's correlations.
    """
    human = np.array(pairs.scores, dtype=float)
    scores = [np.array([np.nan if v is None else v for v in m.per_example()]) for m in measures]
    scores = [-s if m.higher_is_better is False else s for m, s in zip(measures, scores, strict=True)]
    drawn = resamples_of(pairs.groups, resamples, seed)
    few = _some(len(human), seed)
    rows = []
    found = []
    for measure, values in progress(list(zip(measures, scores, strict=True)), len(measures), "resampling", "measures"):
        kept = np.flatnonzero(np.isfinite(values))
        places = {name: np.intersect1d(kept, few) if name == "kendall" else kept for name in CORRELATIONS}
        correlated = {name: correlate(how, values, human, drawn, places[name]) for name, how in CORRELATIONS.items()}
        rows.append(_row(measure, len(kept), correlated))
        found.append(correlated["pearson"])
    order = sorted(range(len(rows)), key=lambda i: -_value(rows[i]))
    judging = [i for i in order if measures[i].higher_is_better is not None]
    _compare([rows[i] for i in judging], [found[i] for i in judging])
    read = pairs.columns
    columns = {"prediction": read.first, "reference": read.second, "score": read.score, "group": read.group}
    return {
        "n": len(human),
        "groups": len(set(pairs.groups)),
        "kendall_n": len(few),
        "resamples": resamples,
        "seed": seed,
        "columns": columns,
        "best": rows[judging[0]]["name"],
        "measures": [rows[i] for i in order],
    }


def _value(row: Mapping[str, Any]) -> float:
    """By which rows are sorted; what has no correlation comes last."""
    value: float | None = row["pearson"]["value"]
    return -2.0 if value is None else value


def _some(n: int, seed: int) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Texts for Kendall's τ."""
    if n <= _KENDALL_MOST:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, _KENDALL_MOST, replace=False))


def _row(measure: Measure, n: int, correlated: Mapping[str, Correlated]) -> dict[str, Any]:
    row: dict[str, Any] = {"name": measure.name, "n": n}
    for name, found in correlated.items():
        bounds = interval(found.drawn, found.left_out) if np.isfinite(found.value) else None
        row[name] = {"value": round_score(found.value), "ci95": _pair(bounds)}
    return {**row, "signature": measure.signature, "higher_is_better": measure.higher_is_better}


def _pair(bounds: tuple[float, float] | None) -> list[float | None] | None:
    return None if bounds is None else [round_score(bound) for bound in bounds]


def _compare(rows: Sequence[dict[str, Any]], found: Sequence[Correlated]) -> None:
    """Adds to each row but the first its difference in Pearson's r from the first: paired, p corrected by Holm."""
    tested = []
    for row, one in zip(rows[1:], found[1:], strict=True):
        if not np.isfinite(one.value):
            continue
        best = found[0]
        result = difference(one.value - best.value, one.drawn - best.drawn, one.left_out - best.left_out)
        if result.ci95 is not None and result.p is not None:
            row["behind"] = {"value": round_score(result.value), "ci95": _pair(result.ci95)}
            tested.append((row, result.p))
    for (row, _), adjusted in zip(tested, holm([p for _, p in tested]), strict=True):
        row["behind"]["p_holm"] = round_score(adjusted)

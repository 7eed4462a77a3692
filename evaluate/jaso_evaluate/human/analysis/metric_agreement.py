"""Agreement of automatic metrics with raters: on texts, and on the order of runs."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jaso_core.errors import RequestError
from jaso_core.io.files import sha256_file
from jaso_core.stage.manifest import read_manifest
from jaso_evaluate.comparison.inputs import ScoredRun, read_run
from jaso_evaluate.human.key import Key
from jaso_evaluate.human.ratings import Ratings, mean
from jaso_evaluate.human.schema import JudgeAgreement, MetricAgreement, SystemAgreement, TextAgreement
from jaso_evaluate.scoring.scorer import round_bounds
from jaso_evaluate.scoring.text_rows import round_score
from jaso_evaluate.statistics.agreement import alpha_interval, concordance, krippendorff_alpha, tau_b
from jaso_evaluate.statistics.summary import Bootstrap, interval

Floats = NDArray[np.float64]

_JUDGE = "judge_"
"""What names of a judge's measures begin with; the criterion follows."""

_MAX_PERMUTED = 7
"""Runs up to which all their orders are counted for p."""


def read_scored(folders: Sequence[str], key: Key) -> dict[str, ScoredRun]:
    """Read the scored folders by the key's run.

    A folder is known by the hash of the predictions that were scored. RequestError for unknown ones.
    """
    by_hash: dict[str, list[str]] = {}
    for name, sha in key.runs.items():
        by_hash.setdefault(sha, []).append(name)
    runs: dict[str, ScoredRun] = {}
    for path in map(Path, folders):
        candidates = by_hash.get(_predictions_hash(path), [])
        if not candidates:
            what = f"{path}: scores other predictions than those on the sheets"
            raise RequestError(what, f"give the scored folders of {', '.join(key.runs)}")
        run = next((name for name in candidates if name not in runs), None)
        if run is None:
            raise RequestError(f"{path}: run '{candidates[0]}' is given twice", "name each folder once")
        runs[run] = read_run(path, run)
    return runs


def _predictions_hash(folder: Path) -> str:
    file = folder / "predictions.jsonl"
    if file.is_file():
        return sha256_file(file)
    manifest = read_manifest(folder) if folder.is_dir() else None
    return manifest.inputs.get("predictions", {}).get("sha256", "") if manifest is not None else ""


def metric_table(ratings: Ratings, scored: Mapping[str, ScoredRun], resamples: int, seed: int) -> list[MetricAgreement]:
    """Kendall's tau-b between each measure and the mean human total, best first.

    Over all rated texts, with an interval by bootstrap over item groups; and over the runs' means where there are
    three or more. The sign of a measure where lower is better is turned, so that agreement is above 0.
    """
    run_indices = [n for n, run in enumerate(ratings.runs) if run in scored]
    totals = ratings.by_text[:, run_indices, -1]
    rows: list[MetricAgreement] = []
    measures = list(dict.fromkeys(m for run in scored.values() for m in run.metrics))
    for name in measures:
        if not all(name in run.metrics for run in scored.values()):
            continue
        values = _values(ratings, [scored[ratings.runs[n]] for n in run_indices], name)
        higher = next(iter(scored.values())).metrics[name]["higher_is_better"]
        oriented = -values if higher is False else values
        agreement = _text_agreement(oriented, totals, ratings, resamples, seed)
        if agreement is not None:
            row: MetricAgreement = {
                "metric": name,
                "higher_is_better": higher,
                "tau": agreement["tau"],
                "ci95": agreement["ci95"],
                "n": agreement["n"],
                "systems": _system_agreement(oriented, totals),
            }
            judge = _judge_agreement(name, values, ratings, run_indices, resamples, seed)
            if judge is not None:
                row["judge"] = judge
            rows.append(row)
    return sorted(rows, key=lambda row: (-(row["tau"] if row["tau"] is not None else -2.0), row["metric"]))


def _judge_agreement(
    name: str, values: Floats, ratings: Ratings, run_indices: Sequence[int], resamples: int, seed: int
) -> JudgeAgreement | None:
    """Alpha of a judge's scores with the raters' mean.

    None where `name` is no judge's measure of a criterion of the sheet or of the total.
    """
    criterion = name.removeprefix(_JUDGE)
    if not name.startswith(_JUDGE) or criterion not in ratings.measures:
        return None
    means = ratings.by_text[:, run_indices, ratings.measures.index(criterion)]
    data = np.stack([values.ravel(), means.ravel()])  # two raters; units: items × runs
    bootstrap = Bootstrap([group for group in ratings.groups for _ in run_indices], resamples, seed)
    alpha = round_score(krippendorff_alpha(data, "interval"))
    return {"alpha": alpha, "ci95": round_bounds(alpha_interval(data, "interval", bootstrap))}


def _values(ratings: Ratings, runs: Sequence[ScoredRun], name: str) -> Floats:
    """Scores of single texts by a measure [items, runs]; NaN where there is none."""
    scores = [[(run.lines.get(i) or {"scores": {}})["scores"].get(name) for run in runs] for i in ratings.items]
    return np.array([[np.nan if v is None else float(v) for v in row] for row in scores])


def _text_agreement(
    values: Floats, totals: Floats, ratings: Ratings, resamples: int, seed: int
) -> TextAgreement | None:
    present = ~np.isnan(values) & ~np.isnan(totals)
    if present.sum() < 2:
        return None
    codes = np.broadcast_to(ratings.codes[:, None], values.shape)[present]
    used, codes = np.unique(codes, return_inverse=True)
    pairs = concordance(values[present], totals[present], codes.astype(np.int64))
    value = float(pairs.tau(np.ones(len(used))))
    bounds = None
    if len(used) > 1:
        random = np.random.default_rng(seed)
        weights = random.multinomial(len(used), np.full(len(used), 1 / len(used)), size=resamples)
        # Rows of 1 - I leave out one group each: the jackknife.
        bounds = interval(pairs.tau(weights.astype(float)), pairs.tau(1.0 - np.eye(len(used))))
    return {"tau": round_score(value), "ci95": round_bounds(bounds), "n": int(present.sum())}


def _system_agreement(values: Floats, totals: Floats) -> SystemAgreement | None:
    """tau-b of the runs' means, and its exact two-sided p; None below three runs.

    On the texts that have both.
    """
    present = ~np.isnan(values) & ~np.isnan(totals)
    x, y = (mean(np.where(present, v, np.nan), axis=0) for v in (values, totals))
    valid = ~np.isnan(x) & ~np.isnan(y)
    x, y = x[valid], y[valid]
    value = tau_b(x, y) if len(x) > 2 else None
    if value is None:
        return None
    p = _permutation_p(x, y, value) if len(x) <= _MAX_PERMUTED else None
    return {"tau": round_score(value), "n": len(x), "p": round_score(p)}


def _permutation_p(x: Floats, y: Floats, value: float) -> float:
    taus = [tau_b(x, y[list(order)]) or 0.0 for order in itertools.permutations(range(len(y)))]
    return float(np.mean(np.abs(taus) >= abs(value) - 1e-9))


def systems_sentence(runs: int) -> str:
    """Return a sentence on what an order of so many runs can prove."""
    if runs < 3:
        return f"{runs} run{'s' * (runs != 1)}: no order of systems can be compared; it takes three or more."
    chance = 2 / math.factorial(runs)
    p_text = f"{chance:.2g}" if chance >= 1e-4 else f"{chance:.0e}"
    strength = "proves nothing" if chance > 0.05 else "is weak evidence, as several metrics are tried"
    return (
        f"{runs} systems: even a perfect order (tau = 1 or −1) comes about by chance with p = {p_text}; it {strength}."
    )

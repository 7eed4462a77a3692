"""Rater statistics: severity, drift, self-agreement; texts with least agreement."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jaso_evaluate.human.ratings import Ratings, mean, score_vector
from jaso_evaluate.human.read.validate import RatedRow
from jaso_evaluate.human.schema import (
    Comment,
    DividedText,
    Drift,
    Rater,
    SelfAgreement,
    Severity,
    Spread,
    StraightLining,
)
from jaso_evaluate.scoring.scorer import round_bounds
from jaso_evaluate.scoring.text_rows import round_score
from jaso_evaluate.statistics.reductions import reduction
from jaso_evaluate.statistics.summary import Bootstrap, interval

Floats = NDArray[np.float64]

_PERMUTATIONS = 2000
_STRAIGHT_SHARE = 0.9
_MIN_ROWS = 10
"""Fewer rows than this are too few to call a rater a straight-liner."""


def rater_table(ratings: Ratings, resamples: int, seed: int) -> list[Rater]:
    """Return one entry per rater; the functions below describe its keys."""
    bootstrap = Bootstrap(ratings.groups, resamples, seed)
    return [
        {
            "rater": name,
            **_spread(ratings.scores[k, :, :, -1]),
            **_severity(ratings, k, bootstrap),
            **_drift(ratings, k, seed),
            **_self_agreement(ratings, name),
            **_straight_lining(ratings, name),
        }
        for k, name in enumerate(ratings.raters)
    ]


def _spread(totals: Floats) -> Spread:
    present = totals[~np.isnan(totals)]
    sd = float(present.std(ddof=1)) if len(present) > 1 else None
    return {
        "n": len(present),
        "mean": round_score(float(present.mean())) if len(present) else None,
        "sd": round_score(sd),
    }


def _residuals(ratings: Ratings, k: int) -> Floats:
    """A rater's totals minus the others' mean on the same texts [items, runs]."""
    others = np.delete(ratings.scores[:, :, :, -1], k, axis=0)
    return np.asarray(ratings.scores[k, :, :, -1] - mean(others, axis=0))


def _severity(ratings: Ratings, k: int, bootstrap: Bootstrap) -> Severity:
    """Mean difference from the others on the same texts; interval over item groups.

    Below 0: severe.
    """
    residuals = _residuals(ratings, k)
    present = ~np.isnan(residuals)
    stats = np.stack([np.where(present, residuals, 0.0).sum(axis=1), present.sum(axis=1)], axis=1)
    if not present.any():
        return {"severity": None, "severity_ci95": None}
    reduce = reduction("ratio")
    draws, left_out = reduce(bootstrap.sums(stats)), bootstrap.jackknife(stats, reduce)
    bounds = interval(draws, left_out) if bootstrap.groups > 1 else None
    return {"severity": round_score(float(mean(residuals, axis=(0, 1)))), "severity_ci95": round_bounds(bounds)}


def _drift(ratings: Ratings, k: int, seed: int) -> Drift:
    """Trend of the difference from the others down the sheet.

    Slope for 10 rows, p by permutation of the rows.
    """
    residuals = _residuals(ratings, k)
    items, runs = ({name: n for n, name in enumerate(names)} for names in (ratings.items, ratings.runs))
    pairs = [
        (row.key.position, residuals[items[row.key.example], runs[row.key.run]])
        for row in ratings.rows
        if row.key.rater == ratings.raters[k] and row.key.duplicate_of is None
    ]
    data = np.array([pair for pair in pairs if not np.isnan(pair[1])], dtype=float).reshape(-1, 2)
    if len(data) < 3:
        return {"drift_per_10": None, "drift_p": None}
    position, residual = data[:, 0] - data[:, 0].mean(), data[:, 1] - data[:, 1].mean()
    # Both are centred: slope = Σxy / Σx². Permuting the residuals keeps Σx², so the products are compared alone.
    slope = float(position @ residual / (position @ position))
    random = np.random.default_rng(seed)
    permuted = random.permuted(np.broadcast_to(residual, (_PERMUTATIONS, len(residual))), axis=1) @ position
    larger = int((np.abs(permuted) >= abs(position @ residual) - 1e-9).sum())
    return {"drift_per_10": round_score(10 * slope), "drift_p": round_score((larger + 1) / (_PERMUTATIONS + 1))}


def _self_agreement(ratings: Ratings, name: str) -> SelfAgreement:
    """Consistency on texts seen twice.

    Share of equal scores over all criteria, and the mean distance of the totals.
    """
    row_of_code = {row.key.code: row for row in ratings.rows if row.key.rater == name}
    repeats = [
        (row_of_code[row.key.duplicate_of], row) for row in row_of_code.values() if row.key.duplicate_of in row_of_code
    ]
    criteria = ratings.measures[:-1]
    gaps = np.array([np.subtract(score_vector(a, criteria), score_vector(b, criteria)) for a, b in repeats])
    gaps = gaps.reshape(-1, len(criteria) + 1)
    gaps = gaps[~np.isnan(gaps).any(axis=1)]
    if not len(gaps):
        return {"repeated": 0, "self_exact": None, "self_distance": None}
    exact, distance = float((gaps[:, :-1] == 0).mean()), float(np.abs(gaps[:, -1]).mean())
    return {"repeated": len(gaps), "self_exact": round_score(exact), "self_distance": round_score(distance)}


def _straight_lining(ratings: Ratings, name: str) -> StraightLining:
    """Share of texts with the commonest set of scores; longest run of equal sets."""
    rows = sorted((row for row in ratings.rows if row.key.rater == name), key=lambda row: row.key.position)
    sets = [tuple(row.scores.values()) for row in rows if None not in row.scores.values()]
    longest = length = 0
    before: tuple[int | None, ...] | None = None
    for scores in sets:
        length = length + 1 if scores == before else 1
        longest, before = max(longest, length), scores
    share = max((sets.count(scores) for scores in set(sets)), default=0) / len(sets) if sets else None
    straight = len(sets) >= _MIN_ROWS and share is not None and share >= _STRAIGHT_SHARE
    return {"commonest_share": round_score(share), "longest_run": longest, "straight_lining": straight}


def least_agreed(ratings: Ratings, count: int = 10) -> list[DividedText]:
    """Return the texts whose totals differ most between raters (SD), with all totals."""
    row_of_text: dict[tuple[str, str], RatedRow] = {(row.key.example, row.key.run): row for row in ratings.rows}
    texts: list[DividedText] = []
    for i, example in enumerate(ratings.items):
        for r, run in enumerate(ratings.runs):
            totals = ratings.scores[:, i, r, -1]
            present = totals[~np.isnan(totals)]
            if len(present) > 1 and present.max() > present.min():
                row = row_of_text[example, run]
                texts.append(
                    {
                        "id": example,
                        "run": run,
                        "sd": round_score(float(present.std(ddof=1))),
                        "totals": {n: round_score(t) for n, t in zip(ratings.raters, totals.tolist(), strict=True)},
                        "question": row.question,
                        "answer": row.answer,
                    }
                )
    return sorted(texts, key=lambda f: (-(f["sd"] or 0.0), f["id"], f["run"]))[:count]


def comments(rows: Sequence[RatedRow]) -> list[Comment]:
    """Return what raters wrote beside their scores."""
    return [
        {"rater": row.key.rater, "id": row.key.example, "run": row.key.run, "comment": row.comment}
        for row in rows
        if row.comment
    ]

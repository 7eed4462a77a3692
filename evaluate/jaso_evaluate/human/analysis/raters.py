"""What each rater is like: severity, drift, steadiness; and the texts that they agree on least."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaso_evaluate.human.ratings import Ratings, mean, vector
from jaso_evaluate.human.read.validate import Rated
from jaso_evaluate.scoring.scorer import round_score
from jaso_evaluate.statistics.reductions import reduction
from jaso_evaluate.statistics.summary import Bootstrap, interval

Floats = NDArray[np.float64]

_PERMUTATIONS = 2000
_STRAIGHT = 0.9
_FEW = 10
"""Fewer rows than this are too few to call a rater a straight-liner."""


def rater_table(ratings: Ratings, resamples: int, seed: int) -> list[dict[str, Any]]:
    """One entry a rater; see the functions below for what stands in it."""
    bootstrap = Bootstrap(ratings.groups, resamples, seed)
    return [
        {
            "rater": name,
            **_spread(ratings.scores[k, :, :, -1]),
            **_severity(ratings, k, bootstrap),
            **_drift(ratings, k, seed),
            **_repeated(ratings, name),
            **_straight(ratings, name),
        }
        for k, name in enumerate(ratings.raters)
    ]


def _spread(totals: Floats) -> dict[str, Any]:
    given = totals[~np.isnan(totals)]
    sd = float(given.std(ddof=1)) if len(given) > 1 else None
    return {"n": len(given), "mean": round_score(float(given.mean())) if len(given) else None, "sd": round_score(sd)}


def _residuals(ratings: Ratings, k: int) -> Floats:
    """A rater's totals less the mean of the others' on the same texts, shape [items, runs]."""
    others = np.delete(ratings.scores[:, :, :, -1], k, axis=0)
    return np.asarray(ratings.scores[k, :, :, -1] - mean(others, axis=0))


def _severity(ratings: Ratings, k: int, bootstrap: Bootstrap) -> dict[str, Any]:
    """Mean difference from the others on the same texts (below 0: severe), its interval over item groups."""
    residuals = _residuals(ratings, k)
    present = ~np.isnan(residuals)
    stats = np.stack([np.where(present, residuals, 0.0).sum(axis=1), present.sum(axis=1)], axis=1)
    if not present.any():
        return {"severity": None, "severity_ci95": None}
    reduce = reduction("ratio")
    drawn, jackknife = reduce(bootstrap.sums(stats)), bootstrap.jackknife(stats, reduce)
    bounds = interval(drawn, jackknife) if bootstrap.groups > 1 else None
    ci = None if bounds is None else [round_score(bounds[0]), round_score(bounds[1])]
    return {"severity": round_score(float(mean(residuals, axis=(0, 1)))), "severity_ci95": ci}


def _drift(ratings: Ratings, k: int, seed: int) -> dict[str, Any]:
    """How the difference from the others changes down the sheet: slope for 10 rows, p by permutation of the rows."""
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
    place, rest = data[:, 0] - data[:, 0].mean(), data[:, 1] - data[:, 1].mean()
    slope = float(place @ rest / (place @ place))
    random = np.random.default_rng(seed)
    drawn = random.permuted(np.broadcast_to(rest, (_PERMUTATIONS, len(rest))), axis=1) @ place
    larger = int((np.abs(drawn) >= abs(place @ rest) - 1e-9).sum())
    return {"drift_per_10": round_score(10 * slope), "drift_p": round_score((larger + 1) / (_PERMUTATIONS + 1))}


def _repeated(ratings: Ratings, name: str) -> dict[str, Any]:
    """On texts seen twice: share of equal scores over all criteria, and the mean distance of the totals."""
    mine = {row.key.code: row for row in ratings.rows if row.key.rater == name}
    again = [(mine[row.key.duplicate_of], row) for row in mine.values() if row.key.duplicate_of in mine]
    criteria = ratings.measures[:-1]
    gaps = np.array([np.subtract(vector(a, criteria), vector(b, criteria)) for a, b in again])
    gaps = gaps.reshape(-1, len(criteria) + 1)
    gaps = gaps[~np.isnan(gaps).any(axis=1)]
    if not len(gaps):
        return {"repeated": 0, "self_exact": None, "self_distance": None}
    exact, distance = float((gaps[:, :-1] == 0).mean()), float(np.abs(gaps[:, -1]).mean())
    return {"repeated": len(gaps), "self_exact": round_score(exact), "self_distance": round_score(distance)}


def _straight(ratings: Ratings, name: str) -> dict[str, Any]:
    """Share of texts with the commonest set of scores, and the longest run of equal sets down the sheet."""
    rows = sorted((row for row in ratings.rows if row.key.rater == name), key=lambda row: row.key.position)
    sets = [tuple(row.scores.values()) for row in rows if None not in row.scores.values()]
    longest = length = 0
    before: tuple[int | None, ...] | None = None
    for each in sets:
        length = length + 1 if each == before else 1
        longest, before = max(longest, length), each
    share = max((sets.count(each) for each in set(sets)), default=0) / len(sets) if sets else None
    straight = len(sets) >= _FEW and share is not None and share >= _STRAIGHT
    return {"commonest_share": round_score(share), "longest_run": longest, "straight_lining": straight}


def least_agreed(ratings: Ratings, count: int = 10) -> list[dict[str, Any]]:
    """The texts whose totals differ most between raters (standard deviation), with everybody's total."""
    shown: dict[tuple[str, str], Rated] = {(row.key.example, row.key.run): row for row in ratings.rows}
    found: list[dict[str, Any]] = []
    for i, example in enumerate(ratings.items):
        for r, run in enumerate(ratings.runs):
            totals = ratings.scores[:, i, r, -1]
            given = totals[~np.isnan(totals)]
            if len(given) > 1 and given.max() > given.min():
                row = shown[example, run]
                found.append(
                    {
                        "id": example,
                        "run": run,
                        "sd": round_score(float(given.std(ddof=1))),
                        "totals": {n: round_score(t) for n, t in zip(ratings.raters, totals.tolist(), strict=True)},
                        "question": row.question,
                        "answer": row.answer,
                    }
                )
    return sorted(found, key=lambda f: (-f["sd"], f["id"], f["run"]))[:count]


def comments(rows: Sequence[Rated]) -> list[dict[str, str]]:
    """What raters wrote beside their scores."""
    return [
        {"rater": row.key.rater, "id": row.key.example, "run": row.key.run, "comment": row.comment}
        for row in rows
        if row.comment
    ]

"""Analysis of a rating round: the content of human.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from jaso_evaluate.comparison.inputs import ScoredRun
from jaso_evaluate.human.analysis.intervals import mean_interval, resampled_means
from jaso_evaluate.human.analysis.metric_agreement import metric_table, systems_sentence
from jaso_evaluate.human.analysis.raters import comments, least_agreed, rater_table
from jaso_evaluate.human.analysis.run_pairs import between_items, compare_pairs, verdict
from jaso_evaluate.human.ratings import Ratings, mean
from jaso_evaluate.human.schema import Agreement, Analysis, Counts, QuestionScores, RunScores
from jaso_evaluate.schema import PartScore
from jaso_evaluate.scoring.scorer import round_bounds
from jaso_evaluate.scoring.text_rows import round_score
from jaso_evaluate.statistics.agreement import alpha_interval, exact_agreement, krippendorff_alpha
from jaso_evaluate.statistics.summary import Bootstrap

Floats = NDArray[np.float64]


def summarise(
    ratings: Ratings, scored: Mapping[str, ScoredRun], resamples: int, seed: int, notes: Sequence[str]
) -> Analysis:
    """Compute everything that the report shows."""
    draws = resampled_means(ratings, resamples, seed)
    pairs = compare_pairs(ratings, draws[:, :, -1], seed)
    systems = sum(run in scored for run in ratings.runs)
    return {
        "n": _counts(ratings),
        "rubric": ratings.key.rubric.to_json(),
        "round": ratings.key.round,
        "resamples": resamples,
        "seed": seed,
        "resampled": _resampled(ratings),
        "verdict": verdict(ratings, pairs),
        "runs": _runs(ratings, draws),
        "criteria": _criteria(ratings),
        "questions": _questions(ratings),
        "between_items": between_items(ratings),
        "pairs": pairs,
        "agreement": _agreement(ratings, min(resamples, 2000), seed),
        "raters": rater_table(ratings, resamples, seed),
        "least_agreed": least_agreed(ratings),
        "metrics": metric_table(ratings, scored, resamples, seed) if scored else [],
        "systems": systems_sentence(systems) if scored else "",
        "comments": comments(ratings.rows),
        "notes": list(notes),
    }


def _counts(ratings: Ratings) -> Counts:
    totals = ratings.scores[..., -1]
    return {
        "raters": len(ratings.raters),
        "items": len(ratings.items),
        "groups": ratings.group_count,
        "runs": len(ratings.runs),
        "texts": int((~np.isnan(totals)).any(axis=0).sum()),
        "scored_rows": int((~np.isnan(totals)).sum()),
        "duplicates": sum(row.key.duplicate_of is not None for row in ratings.rows),
        "missing_scores": sum(score is None for row in ratings.rows for score in row.scores.values()),
    }


def _resampled(ratings: Ratings) -> str:
    """Describe in words what the intervals are resampled over."""
    parts = [
        f"{count:,} {what}"
        for count, what in ((ratings.group_count, "groups of items"), (len(ratings.raters), "raters"))
        if count > 1
    ]
    return " and ".join(parts) if parts else "nothing: one group of items, one rater"


def _runs(ratings: Ratings, draws: Floats) -> list[RunScores]:
    """Final score of each run, and the mean of each criterion.

    The final score is the seed's Σ(D + Q + C)/n, averaged over its items.
    """
    values = mean(ratings.by_text, axis=0)
    entries_of_runs: list[RunScores] = []
    for r, run in enumerate(ratings.runs):
        entries: dict[str, PartScore] = {}
        for m, name in enumerate(ratings.measures):
            bounds = mean_interval(ratings.scores[:, :, r, m], ratings, draws[:, r, m])
            entries[name] = {
                "value": round_score(float(values[r, m])),
                "ci95": round_bounds(bounds),
                "n": int((~np.isnan(ratings.by_text[:, r, m])).sum()),
            }
        entries_of_runs.append({"run": run, "final": entries.pop(ratings.measures[-1]), "criteria": entries})
    return entries_of_runs


def _criteria(ratings: Ratings) -> dict[str, float | None]:
    """Mean of each criterion over all texts and runs."""
    values = mean(ratings.by_text, axis=(0, 1))
    return {name: round_score(float(value)) for name, value in zip(ratings.measures, values, strict=True)}


def _questions(ratings: Ratings) -> list[QuestionScores]:
    """Final scores by question, with the best and worst runs.

    Items that ask the same count together.
    """
    question_of_item = [ratings.key.items[i]["question"] for i in ratings.items]
    entries: list[QuestionScores] = []
    for question in dict.fromkeys(question_of_item):
        rows = [n for n, other in enumerate(question_of_item) if other == question]
        values = mean(ratings.by_text[rows, :, -1], axis=0)
        final = {run: round_score(float(v)) for run, v in zip(ratings.runs, values, strict=True)}
        values_known = [v for v in final.values() if v is not None]
        entries.append(
            {
                "question": question,
                "items": len(rows),
                "final": final,
                "best": [run for run, v in final.items() if values_known and v == max(values_known)],
                "worst": [run for run, v in final.items() if values_known and v == min(values_known)],
            }
        )
    return entries


def _agreement(ratings: Ratings, resamples: int, seed: int) -> dict[str, Agreement]:
    """Krippendorff's alpha at three levels and exact agreement, of each measure.

    Of each criterion and of the total.
    """
    bootstrap = Bootstrap([g for g in ratings.groups for _ in ratings.runs], resamples, seed)
    entries: dict[str, Agreement] = {}
    for m, name in enumerate(ratings.measures):
        data = ratings.scores[:, :, :, m].reshape(len(ratings.raters), -1)
        bounds = alpha_interval(data, "ordinal", bootstrap)
        entries[name] = {
            "nominal": round_score(krippendorff_alpha(data, "nominal")),
            "ordinal": round_score(krippendorff_alpha(data, "ordinal")),
            "interval": round_score(krippendorff_alpha(data, "interval")),
            "ordinal_ci95": round_bounds(bounds),
            "exact": round_score(exact_agreement(data)),
        }
    return entries

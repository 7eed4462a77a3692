"""Paired tests between runs on human scores, and the questions it would take."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jaso_evaluate.human.analysis.intervals import mean_interval
from jaso_evaluate.human.ratings import Ratings, mean
from jaso_evaluate.human.schema import ItemAgreement, RunPair, Verdict
from jaso_evaluate.schema import LEVEL
from jaso_evaluate.scoring.scorer import round_bounds
from jaso_evaluate.scoring.text_rows import round_score
from jaso_evaluate.statistics.agreement import ranks
from jaso_evaluate.statistics.permutation import PairedPermutationTest
from jaso_evaluate.statistics.power import groups_needed
from jaso_evaluate.statistics.summary import holm

Floats = NDArray[np.float64]

POWER = 0.8
_PERMUTATIONS = 10_000
"""Sign patterns that are tried: all of them up to 14 groups."""


def compare_pairs(ratings: Ratings, draws: Floats, seed: int) -> list[RunPair]:
    """Test each pair of runs: difference of the mean totals, p, and groups needed.

    The difference is over the items that both have. p is of a permutation test over item groups: a bootstrap of two or
    three groups calls everything sure. The interval is of the bootstrap over groups and raters, `draws` [resamples,
    runs].
    """
    totals = ratings.by_text[:, :, -1]
    pairs = list(itertools.combinations(range(len(ratings.runs)), 2))
    if not pairs:
        return []
    gaps = np.array([totals[:, a] - totals[:, b] for a, b in pairs])
    by_group = _by_group(gaps, ratings.codes)
    p_values = permutation_p(by_group[:, :, 0], seed)
    adjusted = holm(p_values)
    entries: list[RunPair] = []
    for n, (a, b) in enumerate(pairs):
        gap = ratings.scores[:, :, a, -1] - ratings.scores[:, :, b, -1]
        bounds = mean_interval(gap, ratings, draws[:, a] - draws[:, b])
        entries.append(
            {
                "first": ratings.runs[a],
                "second": ratings.runs[b],
                "difference": round_score(float(mean(gaps[n], axis=0))),
                "ci95": round_bounds(bounds),
                "p": round_score(p_values[n]),
                "p_holm": round_score(adjusted[n]),
                "n": int((~np.isnan(gaps[n])).sum()),
                "groups_needed": required_groups(by_group[n], len(pairs)),
            }
        )
    return entries


def permutation_p(sums: Floats, seed: int = 0, permutations: int = _PERMUTATIONS) -> list[float]:
    """Two-sided p by sign-flip permutation of differences summed by group.

    `sums` [pairs, groups]; p is the share of sign patterns with as large a sum.
    """
    permutation_test = PairedPermutationTest(sums.shape[1], permutations, seed)
    total = sums.sum(axis=1)
    # Four groups of one sign: 2 of 16 sign patterns give a sum as large → p = 0.125.
    is_extreme = np.abs(total - 2 * permutation_test.sums(sums.T)) >= np.abs(total) - 1e-9
    count = is_extreme.sum(axis=0)
    p = (
        count / permutation_test.permutations
        if permutation_test.exact
        else (count + 1) / (permutation_test.permutations + 1)
    )
    return [float(value) for value in p]


def fewest_groups(pairs: int) -> int:
    """Number of groups below which no such test can reach p < 0.05.

    After Holm's correction for so many pairs.
    """
    return 2 + math.floor(math.log2(max(pairs, 1) / LEVEL))


def required_groups(by_group: Floats, pairs: int) -> int | None:
    """Number of such groups that show this difference with power 0.8.

    At the level divided by the pairs. `by_group` [groups, 2]: sum and number of the differences in each. None where
    there is none, or no spread.
    """
    filled = by_group[by_group[:, 1] > 0]
    if len(filled) < 2:
        return None
    means = filled[:, 0] / filled[:, 1]
    error = float(means.std(ddof=1)) / math.sqrt(len(means))
    level = LEVEL / max(pairs, 1)
    groups = groups_needed(float(means.mean()), error, len(means), len(means) - 1, POWER, level)
    return None if groups is None else max(groups, fewest_groups(pairs))


def verdict(ratings: Ratings, pairs: Sequence[RunPair]) -> Verdict:
    """Return what the scores can tell about the order of the runs, with a sentence."""
    groups, runs, count = ratings.group_count, len(ratings.runs), len(pairs)
    significant = [row for row in pairs if row["p_holm"] is not None and row["p_holm"] < LEVEL]
    smallest = 0.5 ** (groups - 1)
    return {
        "pairs": count,
        "told_apart": len(significant),
        "groups": groups,
        "fewest_groups": fewest_groups(count),
        "smallest_p": round_score(min(1.0, smallest)),
        "sentence": _sentence(len(significant), groups, runs, len(ratings.items), pairs),
    }


def _sentence(significant: int, groups: int, runs: int, items: int, pairs: Sequence[RunPair]) -> str:
    count, fewest = len(pairs), fewest_groups(len(pairs))
    if not count:
        return "One run: there is nothing to rank."
    counted = f"{significant} of {count} pairs of runs are told apart"
    if groups < fewest:
        return (
            f"{items} question{'s' * (items != 1)} in {groups} group{'s' * (groups != 1)} cannot rank {runs} systems: "
            f"{counted}, and none could be, whatever the scores. With {groups} independent groups the smallest p of a "
            f"paired test is {min(1.0, 0.5 ** (groups - 1)):.3g}; {count} comparisons need at least {fewest} groups."
        )
    needs = sorted(
        row["groups_needed"]
        for row in pairs
        if row["groups_needed"] and row["p_holm"] is not None and row["p_holm"] >= LEVEL
    )
    span = f"{needs[0]:,}" + (f" to {needs[-1]:,}" if needs[-1] > needs[0] else "") if needs else ""
    more = f" The others would take about {span} groups, if their differences are real." if needs else ""
    return f"{counted} (paired over {groups} groups, p < {LEVEL} after Holm).{more}"


def _by_group(gaps: Floats, codes: NDArray[np.int64]) -> Floats:
    """Sum and number of the differences per group.

    [pairs, items] → [pairs, groups, 2].
    """
    present = ~np.isnan(gaps)
    # Gaps [1, 2, NaN, 4] in groups [0, 0, 1, 1] → sums [3, 4], numbers [2, 1]
    member = np.eye(int(codes.max()) + 1)[codes]
    return np.stack([np.where(present, gaps, 0.0) @ member, present @ member], axis=2)


def between_items(ratings: Ratings) -> ItemAgreement | None:
    """Mean Spearman correlation between the orders in which two items put the runs.

    None below two items, or three runs.
    """
    totals = ratings.by_text[:, :, -1]
    totals = totals[~np.isnan(totals).any(axis=1)]
    if len(totals) < 2 or totals.shape[1] < 3:
        return None
    centred = ranks(totals) - (totals.shape[1] + 1) / 2
    size = np.sqrt((centred**2).sum(axis=1))
    usable = centred[size > 0] / size[size > 0][:, None]
    n = len(usable)
    if n < 2:
        return None
    # Unit vectors u: |Σ u|² = n + the sum of all u_i · u_j with i ≠ j, so no pair is computed.
    value = (float((usable.sum(axis=0) ** 2).sum()) - n) / (n * (n - 1))
    return {"spearman": round_score(value), "items": n}

"""All scores of a round as one array."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jaso_evaluate.human.key import Key
from jaso_evaluate.human.read.validate import RatedRow
from jaso_evaluate.rubric import TOTAL

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ratings:
    """`scores` [raters, items, runs, criteria + 1], NaN where none was given.

    The last entry of the last axis is the total. A text shown twice counts with its first scores. A total needs all
    criteria.
    """

    key: Key
    raters: Sequence[str]
    items: Sequence[str]
    runs: Sequence[str]
    rows: Sequence[RatedRow]
    scores: Floats

    @property
    def measures(self) -> list[str]:
        """The criteria's names, then "total"."""
        return [*(c.name for c in self.key.rubric.criteria), TOTAL]

    @cached_property
    def groups(self) -> list[str]:
        """The group of each item."""
        return [self.key.items[i]["group"] for i in self.items]

    @cached_property
    def codes(self) -> NDArray[np.int64]:
        """Each item's group as a number from 0."""
        return np.unique(np.array(self.groups), return_inverse=True)[1].astype(np.int64)

    @property
    def group_count(self) -> int:
        """Number of groups that the items belong to."""
        return len(set(self.groups))

    @cached_property
    def by_text(self) -> Floats:
        """Means over the raters [items, runs, criteria + 1]; NaN where there is no score."""
        return mean(self.scores, axis=0)


def gather(key: Key, rows: Sequence[RatedRow]) -> Ratings:
    """Build the array from the rated rows; raters without a sheet are left out."""
    raters = [r for r in key.raters if any(row.key.rater == r for row in rows)]
    items, runs, criteria = list(key.items), list(key.runs), [c.name for c in key.rubric.criteria]
    scores = np.full((len(raters), len(items), len(runs), len(criteria) + 1), np.nan)
    indices = [{name: n for n, name in enumerate(names)} for names in (raters, items, runs)]
    for row in rows:
        if row.key.duplicate_of is None:
            index = indices[0][row.key.rater], indices[1][row.key.example], indices[2][row.key.run]
            scores[index] = score_vector(row, criteria)
    return Ratings(key, raters, items, runs, rows, scores)


def score_vector(row: RatedRow, criteria: Sequence[str]) -> list[float]:
    """Return a row's scores and their sum; NaN for what is blank."""
    scores = [np.nan if row.scores[name] is None else float(row.scores[name] or 0) for name in criteria]
    return [*scores, float(np.sum(scores))]


def mean(values: Floats, axis: int | tuple[int, ...]) -> Floats:
    """Mean without NaN; NaN where nothing is left."""
    present = ~np.isnan(values)
    count = present.sum(axis=axis)
    total = np.where(present, values, 0.0).sum(axis=axis)
    return np.asarray(np.divide(total, count, out=np.full(np.shape(total), np.nan), where=count > 0))

"""All scores of a round as one array."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jaso_evaluate.human.key import Key
from jaso_evaluate.human.read.validate import Rated
from jaso_evaluate.human.rubric import TOTAL

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ratings:
    """`scores` [raters, items, runs, criteria + 1], NaN where none was given; the last of the last axis is the total.

    A text shown twice counts with its first scores. A total needs all criteria.
    """

    key: Key
    raters: Sequence[str]
    items: Sequence[str]
    runs: Sequence[str]
    rows: Sequence[Rated]
    scores: Floats

    @property
    def measures(self) -> list[str]:
        """The criteria's names, then "total"."""
        return [*(c.name for c in self.key.rubric.criteria), TOTAL]

    @cached_property
    def groups(self) -> list[str]:
        """Of each item."""
        return [self.key.items[i]["group"] for i in self.items]

    @cached_property
    def codes(self) -> NDArray[np.int64]:
        """Each item's group as a number from 0."""
        return np.unique(np.array(self.groups), return_inverse=True)[1].astype(np.int64)

    @property
    def group_count(self) -> int:
        """Groups that items are of."""
        return len(set(self.groups))

    @cached_property
    def by_text(self) -> Floats:
        """Means over the raters, shape [items, runs, criteria + 1]; NaN where nobody gave a score."""
        return mean(self.scores, axis=0)


def gather(key: Key, rows: Sequence[Rated]) -> Ratings:
    """The array of what came back; raters without a sheet are left out."""
    raters = [r for r in key.raters if any(row.key.rater == r for row in rows)]
    items, runs, criteria = list(key.items), list(key.runs), [c.name for c in key.rubric.criteria]
    scores = np.full((len(raters), len(items), len(runs), len(criteria) + 1), np.nan)
    places = [{name: n for n, name in enumerate(names)} for names in (raters, items, runs)]
    for row in rows:
        if row.key.duplicate_of is None:
            at = places[0][row.key.rater], places[1][row.key.example], places[2][row.key.run]
            scores[at] = vector(row, criteria)
    return Ratings(key, raters, items, runs, rows, scores)


def vector(row: Rated, criteria: Sequence[str]) -> list[float]:
    """A row's scores and their sum; NaN for what is blank."""
    found = [np.nan if row.scores[name] is None else float(row.scores[name] or 0) for name in criteria]
    return [*found, float(np.sum(found))]


def mean(values: Floats, axis: int | tuple[int, ...]) -> Floats:
    """Without NaN; NaN where nothing is left."""
    present = ~np.isnan(values)
    count = present.sum(axis=axis)
    total = np.where(present, values, 0.0).sum(axis=axis)
    return np.asarray(np.divide(total, count, out=np.full(np.shape(total), np.nan), where=count > 0))

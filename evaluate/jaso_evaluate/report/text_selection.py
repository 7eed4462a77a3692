"""Which texts to read beside their references, in sections: the first, those that measures disagree on, the ends and
the middle of the ranking, those with something wrong, and others from all over the ranking."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from jaso_evaluate.report.flags import Flag
from jaso_evaluate.report.metric_families import HEADLINES
from jaso_evaluate.report.ranks import Floats, places, values_of

MOST = 200
"""Texts on the page; all others stand in predictions.jsonl."""

_EACH = 6
_DISAGREEING = 24
_FLAGGED = 40
_RANKED_BY = ("chrf", "rouge1_kiwi", "bleu_char")
_NOTABLE = 0.25
"""Of the ranking: places that lie closer together than this are no disagreement."""


@dataclass(frozen=True)
class Section:
    """Rows (positions among the predictions) under a title; `ranks` says whether their places are worth telling."""

    title: str
    rows: list[int]
    ranks: bool = False


@dataclass(frozen=True)
class Ranking:
    """`places` {measure: place of each text, shape [n]}, 1 for the best; `by` names the one that orders the texts."""

    by: str | None
    places: Mapping[str, Floats]

    def spread(self) -> Floats:
        """How far apart each text's best and worst places are, shape [n]; empty with fewer than two measures."""
        if len(self.places) < 2:
            return np.zeros(0)
        stacked = np.stack(list(self.places.values()))
        missing = np.isnan(stacked)
        wide = np.where(missing, -np.inf, stacked).max(axis=0) - np.where(missing, np.inf, stacked).min(axis=0)
        return np.where(np.isfinite(wide), wide, 0.0)


def ranking(scores: Mapping[str, Any], per_example: Sequence[Mapping[str, Any]]) -> Ranking:
    """The headline measures that judge single texts."""
    metrics = scores["metrics"]
    found = {}
    for name in HEADLINES:
        if name in metrics and metrics[name]["higher_is_better"] is not None:
            values = values_of(per_example, name)
            if np.isfinite(values).any():
                found[name] = places(values, metrics[name]["higher_is_better"])
    return Ranking(next((name for name in (*_RANKED_BY, *found) if name in found), None), found)


def choose(n: int, ranked: Ranking, flags: Sequence[Sequence[Flag]]) -> list[Section]:
    """Sections without empty ones. A text is in the first that takes it; few texts are all shown."""
    free = dict.fromkeys(range(n))
    found = [Section("The first ones", _take(free, range(n), _EACH))]
    spread = ranked.spread()
    far = [int(i) for i in np.argsort(-spread, kind="stable") if spread[i] >= _NOTABLE]
    found.append(Section("Measures disagree most", _take(free, far, _DISAGREEING), ranks=True))
    flagged = _flagged(flags)
    order = _order(ranked, n)
    if ranked.by is not None and len(free) > 3 * _EACH:
        middle = max(0, (len(order) - _EACH) // 2)
        found.append(Section(f"Highest {ranked.by}", _take(free, order, _EACH)))
        found.append(Section(f"Median {ranked.by}", _take(free, order[middle:], _EACH)))
        found.append(Section(f"Lowest {ranked.by}", _take(free, order[::-1], _EACH)[::-1]))
    found.append(Section("Something is wrong", _take(free, flagged, _FLAGGED)))
    rest = [i for i in order if i in free] or list(free)
    room = min(MOST - sum(len(section.rows) for section in found), len(rest))
    evenly = [rest[i] for i in np.linspace(0, len(rest) - 1, room).astype(int)] if room > 0 else []
    title = f"Others, by {ranked.by}" if ranked.by else "Others"
    found.append(Section(title, _take(free, evenly, room)))
    return [section for section in found if section.rows]


def _flagged(flags: Sequence[Sequence[Flag]]) -> list[int]:
    """Texts with a flag, risks first. What is wrong with most texts is no reason to look at one."""
    counts = Counter(flag.measure for some in flags for flag in some)
    notable = {i: [f.order for f in some if 2 * counts[f.measure] <= len(flags)] for i, some in enumerate(flags)}
    return sorted((i for i, orders in notable.items() if orders), key=lambda i: min(notable[i]))


def _order(ranked: Ranking, n: int) -> list[int]:
    """All texts, the best first; those without a score last."""
    if ranked.by is None:
        return list(range(n))
    place = ranked.places[ranked.by]
    return [int(i) for i in np.argsort(np.where(np.isnan(place), np.inf, -place), kind="stable")]


def _take(free: dict[int, None], rows: Iterable[int], most: int) -> list[int]:
    """The first `most` of `rows` that are free still, which then they are no longer."""
    taken: list[int] = []
    for i in rows:
        if len(taken) == most:
            break
        if i in free:
            del free[i]
            taken.append(i)
    return taken

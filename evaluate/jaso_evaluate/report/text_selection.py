"""Select texts to read beside their references, in sections.

The first, those that measures disagree on, the ends and the middle of the ranking, those with something wrong, and
others from all over the ranking.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from jaso_evaluate.report.flags import Flag
from jaso_evaluate.report.metric_families import HEADLINES
from jaso_evaluate.report.ranks import Floats, percentile_ranks, values_of
from jaso_evaluate.schema import Scores, TextScores

MAX_TEXTS = 200
"""Texts on the page; all others are in predictions.jsonl."""

_SECTION_SIZE = 6
_MAX_DISAGREEING = 24
_MAX_FLAGGED = 40
_RANKED_BY = ("chrf", "rouge1_kiwi", "bleu_char")
_MIN_SPREAD = 0.25
"""Ranks that are closer than this share of the ranking are no disagreement."""


@dataclass(frozen=True)
class Section:
    """Rows (positions among the predictions) under a title.

    `ranks`: whether their ranks are worth showing.
    """

    title: str
    rows: list[int]
    ranks: bool = False


@dataclass(frozen=True)
class Ranking:
    """Percentile ranks of the texts by measure.

    `percentile_ranks` {measure: rank of each text, shape [n]}, 1 for the best; `by` names the measure that orders the
    texts.
    """

    by: str | None
    percentile_ranks: Mapping[str, Floats]

    def spread(self) -> Floats:
        """Distance of each text's best and worst ranks, shape [n].

        Empty with fewer than two measures.
        """
        if len(self.percentile_ranks) < 2:
            return np.zeros(0)
        stacked = np.stack(list(self.percentile_ranks.values()))
        missing = np.isnan(stacked)
        wide = np.where(missing, -np.inf, stacked).max(axis=0) - np.where(missing, np.inf, stacked).min(axis=0)
        return np.where(np.isfinite(wide), wide, 0.0)


def ranking(scores: Scores, per_example: Sequence[TextScores]) -> Ranking:
    """Rank the texts by the headline measures that judge single texts."""
    metrics = scores["metrics"]
    ranks = {}
    for name in HEADLINES:
        if name in metrics and metrics[name]["higher_is_better"] is not None:
            values = values_of(per_example, name)
            if np.isfinite(values).any():
                ranks[name] = percentile_ranks(values, metrics[name]["higher_is_better"])
    return Ranking(next((name for name in (*_RANKED_BY, *ranks) if name in ranks), None), ranks)


def choose(n: int, ranked: Ranking, flags: Sequence[Sequence[Flag]]) -> list[Section]:
    """Choose the sections, without empty ones.

    A text is in the first that takes it; few texts are all shown.
    """
    free = dict.fromkeys(range(n))
    sections = [Section("The first ones", _take(free, range(n), _SECTION_SIZE))]
    spread = ranked.spread()
    # At most 6 + 24 + 3 × 6 + 40 texts have a reason; the others are spread evenly over the ranking up to MAX_TEXTS.
    disagreeing = [int(i) for i in np.argsort(-spread, kind="stable") if spread[i] >= _MIN_SPREAD]
    sections.append(Section("Measures disagree most", _take(free, disagreeing, _MAX_DISAGREEING), ranks=True))
    flagged = _flagged(flags)
    order = _order(ranked, n)
    if ranked.by is not None and len(free) > 3 * _SECTION_SIZE:
        middle = max(0, (len(order) - _SECTION_SIZE) // 2)
        sections.append(Section(f"Highest {ranked.by}", _take(free, order, _SECTION_SIZE)))
        sections.append(Section(f"Median {ranked.by}", _take(free, order[middle:], _SECTION_SIZE)))
        sections.append(Section(f"Lowest {ranked.by}", _take(free, order[::-1], _SECTION_SIZE)[::-1]))
    sections.append(Section("Something is wrong", _take(free, flagged, _MAX_FLAGGED)))
    rest = [i for i in order if i in free] or list(free)
    count = min(MAX_TEXTS - sum(len(section.rows) for section in sections), len(rest))
    evenly = [rest[i] for i in np.linspace(0, len(rest) - 1, count).astype(int)] if count > 0 else []
    title = f"Others, by {ranked.by}" if ranked.by else "Others"
    sections.append(Section(title, _take(free, evenly, count)))
    return [section for section in sections if section.rows]


def _flagged(flags: Sequence[Sequence[Flag]]) -> list[int]:
    """Return texts with a flag, risks first.

    A flag that most texts have is no reason to look at one.
    """
    counts = Counter(flag.measure for text_flags in flags for flag in text_flags)
    notable = {
        i: [f.order for f in text_flags if 2 * counts[f.measure] <= len(flags)] for i, text_flags in enumerate(flags)
    }
    return sorted((i for i, orders in notable.items() if orders), key=lambda i: min(notable[i]))


def _order(ranked: Ranking, n: int) -> list[int]:
    """Order all texts, the best first; those without a score last."""
    if ranked.by is None:
        return list(range(n))
    ranks = ranked.percentile_ranks[ranked.by]
    return [int(i) for i in np.argsort(np.where(np.isnan(ranks), np.inf, -ranks), kind="stable")]


def _take(free: dict[int, None], rows: Iterable[int], limit: int) -> list[int]:
    """Take the first `limit` of `rows` that are still free."""
    taken: list[int] = []
    for i in rows:
        if len(taken) == limit:
            break
        if i in free:
            del free[i]
            taken.append(i)
    return taken

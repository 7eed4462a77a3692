"""Exact binomial intervals of shares: leaks, empty texts, length limits met.

Resamples of texts without a hit have no hit, so that a bootstrap treats 0 % as certain and rare events as known.
Instead the exact binomial interval (Clopper & Pearson 1934) is computed for the effective number of texts, which
follows from the observed spread over groups (Korn & Graubard 1998, "Confidence Intervals for Proportions with Small
Expected Number of Positive Counts").
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, stdtrit

from jaso_evaluate.schema import LEVEL
from jaso_evaluate.statistics.intervals import Interval, jackknife_variance

Floats = NDArray[np.float64]

_UNIT = "% of texts"


def is_share(unit: str, stats: Floats) -> bool:
    """Return whether the score is a share of texts with yes (1 of 1) or no (0 of 1).

    `stats` [n, 2]; texts without a value are ignored.
    """
    if unit != _UNIT or stats.shape[1:] != (2,):
        return False
    rows = stats[stats[:, 1] != 0]
    return bool(len(rows)) and bool((rows[:, 1] == 1).all()) and bool(np.isin(rows[:, 0], (0.0, 1.0)).all())


def share_interval(stats: Floats, jackknife: Floats) -> Interval | None:
    """Return the 95 % interval of a share, in %; None for fewer than two groups.

    From rows [n, 2] of (yes, 1), zeros for texts without a value, and the share in % without each group.
    """
    groups = int(np.isfinite(jackknife).sum())
    if groups < 2:
        return None
    hits, texts = stats.sum(axis=0)
    share = hits / texts
    variance = jackknife_variance(jackknife / 100)
    # Without a spread, each group counts as one text: the similarity of its texts is unknown.
    effective_n = share * (1 - share) / variance if variance > 0 else float(groups)
    if texts > 1:
        effective_n *= (stdtrit(texts - 1, 1 - LEVEL / 2) / stdtrit(groups - 1, 1 - LEVEL / 2)) ** 2
    effective_n = min(effective_n, texts)
    x = share * effective_n
    low = 0.0 if hits == 0 else float(betaincinv(x, effective_n - x + 1, LEVEL / 2))
    high = 1.0 if hits == texts else float(betaincinv(x + 1, effective_n - x, 1 - LEVEL / 2))
    return 100 * low, 100 * high

"""Intervals of shares: texts that leak, that are empty, that keep a limit.

Resamples of texts without a hit have no hit, so that a bootstrap takes 0 % for certain and rare things for known. Here
the exact binomial interval (Clopper & Pearson 1934) is taken of as many texts as the observed spread over groups stands
for (Korn & Graubard 1998, "Confidence Intervals for Proportions with Small Expected Number of Positive Counts").
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, stdtrit

from jaso_evaluate.statistics.intervals import LEVEL, Interval, jackknife_variance

Floats = NDArray[np.float64]

_UNIT = "% of texts"


def is_share(unit: str, stats: Floats) -> bool:
    """Whether each text [n, 2] that has a value says yes (1 of 1) or no (0 of 1), and their share is the score."""
    if unit != _UNIT or stats.shape[1:] != (2,):
        return False
    told = stats[stats[:, 1] != 0]
    return bool(len(told)) and bool((told[:, 1] == 1).all()) and bool(np.isin(told[:, 0], (0.0, 1.0)).all())


def share_interval(stats: Floats, left_out: Floats) -> Interval | None:
    """In %, from rows [n, 2] of (yes, 1), zeros for texts without a value, and the share in % without each group.

    None for fewer than two groups.
    """
    groups = int(np.isfinite(left_out).sum())
    if groups < 2:
        return None
    hits, texts = stats.sum(axis=0)
    share = hits / texts
    variance = jackknife_variance(left_out / 100)
    # Without a spread, each group stands for one text: nothing tells how alike its texts are.
    effective = share * (1 - share) / variance if variance > 0 else float(groups)
    if texts > 1:
        effective *= (stdtrit(texts - 1, 1 - LEVEL / 2) / stdtrit(groups - 1, 1 - LEVEL / 2)) ** 2
    effective = min(effective, texts)
    x = share * effective
    low = 0.0 if hits == 0 else float(betaincinv(x, effective - x + 1, LEVEL / 2))
    high = 1.0 if hits == texts else float(betaincinv(x + 1, effective - x, 1 - LEVEL / 2))
    return 100 * low, 100 * high
